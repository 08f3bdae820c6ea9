package experiment

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// right is a scenario to which tests add what is wrong, from its fourth line on.
const right = `arrivals: { perHour: 6 }
durations: { distribution: constant, mean: 5m }
instance: { type: g5.xlarge }
`

const csvHeader = "TIMESTAMP,ContextTokens,GeneratedTokens\n"

func TestWhatIsWrongIsNamedByFileLineAndColumn(t *testing.T) {
	files := map[string]string{
		"dir/short.csv":   csvHeader + "2023-11-16 18:17:03,1,2\n2023-11-16 18:17:13,1,2\n",
		"dir/bad.csv":     csvHeader + "2023-11-16 18:17:03,1,2\nx\n",
		"dir/columns.csv": "at,took\n1,2\n",
		"dir/empty.csv":   csvHeader,
		"dir/bad.json":    "{}",
	}
	traced := func(rest string) string { return "arrivals: { " + rest + " }\ninstance: { type: g5.xlarge }\n" }
	drawn := func(rest string) string {
		return "arrivals: { perHour: 6 }\ndurations: { " + rest + " }\ninstance: { type: g5.xlarge }\n"
	}
	for name, test := range map[string]struct{ text, want string }{
		"nothing":                    {"", "dir/s.yaml:1:1: the file is empty"},
		"no map":                     {"hello\n", "dir/s.yaml:1:1: there must be a map of keys here, such as 'key: value'"},
		"an unknown key":             {"arivals: { perHour: 3 }\n", `dir/s.yaml:1:1: unknown field "arivals"; did you mean "arrivals"?`},
		"an unknown key below":       {right + "policy:\n  maxmum: 3\n", `dir/s.yaml:5:3: unknown field "maxmum"; did you mean "maximum"?`},
		"a bracket left open":        {"arrivals: { perHour: 6 \n", "dir/s.yaml:1:11: could not find flow mapping end token '}'"},
		"a key twice":                {right + "instance: { slots: 2 }\n", `dir/s.yaml:4:1: mapping key "instance" already defined at [3:1]`},
		"text for a number":          {"arrivals:\n  perHour: many\n", `dir/s.yaml:2:12: "many" is a text; it must be a number`},
		"a fraction of a seed":       {right + "seeds: 2.5\n", `dir/s.yaml:4:8: "2.5" is a number with a fraction; it must be a whole number`},
		"no duration":                {right + "policy:\n  idleFor: soon\n", `dir/s.yaml:5:12: "soon" is not a duration: write numbers with units, largest first, such as 90s, 1h30m or 14d`},
		"no seeds":                   {right + "seeds: 0\n", "dir/s.yaml:4:8: seeds is 0; it must be 1 to 10,000"},
		"a name with a space":        {right + "name: Not This\n", `dir/s.yaml:4:7: name "Not This" is not up to 64 lower-case letters, digits and hyphens`},
		"no rate":                    {drawnRate("-6"), "dir/s.yaml:1:22: arrivals.perHour is -6; it must be above 0, up to a billion"},
		"not a number":               {drawnRate(".nan"), "dir/s.yaml:1:22: arrivals.perHour is NaN; it must be above 0, up to a billion"},
		"a rate and a trace":         {traced("trace: short.csv, perHour: 6"), "dir/s.yaml:1:40: arrivals come from arrivals.trace or at arrivals.perHour, not both; arrivals.load makes a trace denser or thinner"},
		"a load without a trace":     {"arrivals: { perHour: 6, load: 3 }\n" + strings.Join(strings.SplitAfter(right, "\n")[1:], ""), "dir/s.yaml:1:31: arrivals.load is for a trace: without one, arrivals.perHour tells how many jobs there are"},
		"a load that is not there":   {traced("trace: short.csv, load: 100"), "dir/s.yaml:1:37: arrivals.load is 100 slots, and the trace keeps no more than 0.00805 busy: durations.times makes its jobs longer"},
		"a season of a recording":    {traced("trace: short.csv, swing: 0.5"), "dir/s.yaml:1:38: arrivals.swing needs arrivals.load: a trace that is played once has its own day"},
		"a trace that is not there":  {traced("trace: nowhere.csv"), "dir/s.yaml:1:20: open dir/nowhere.csv: file does not exist"},
		"a trace that is wrong":      {traced("trace: bad.csv, load: 0.001"), "dir/bad.csv:3: has 1 columns, and the first line has 3: TIMESTAMP,ContextTokens,GeneratedTokens"},
		"a trace of other columns":   {traced("trace: columns.csv"), `dir/columns.csv:1: has columns "at,took"; TIMESTAMP is missing`},
		"a trace without arrivals":   {traced("trace: empty.csv"), "dir/empty.csv: no arrivals"},
		"no durations":               {"arrivals: { perHour: 6 }\ninstance: { type: g5.xlarge }\n", "dir/s.yaml:1:1: how long do jobs take? Set durations, such as durations: { distribution: lognormal, p50: 4m, p95: 6m }"},
		"no such distribution":       {drawn("distribution: normal, mean: 5m"), `dir/s.yaml:2:28: durations.distribution "normal" is not constant, exponential or lognormal`},
		"a lognormal without spread": {drawn("distribution: lognormal, mean: 5m"), "dir/s.yaml:2:12: durations.spread is missing: the standard deviation as a multiple of the mean, such as 1; or set p50 and p95"},
		"half a lognormal":           {drawn("distribution: lognormal, p50: 5m"), "dir/s.yaml:2:12: durations.p50 and p95 must both be set, the second above the first"},
		"tokens of nobody":           {drawn("distribution: constant, mean: 5m, contextColumn: in"), "dir/s.yaml:2:12: durations.contextColumn and generatedColumn are for durations that are made from tokens"},
		"no mean":                    {drawn("distribution: exponential"), "dir/s.yaml:2:12: durations.mean is missing"},
		"too many priorities":        {right + "priorities: { high: 0.7, low: 0.7 }\n", "dir/s.yaml:4:13: priorities.high and priorities.low are more than all jobs together"},
		"deadlines the wrong way":    {right + "deadlines: { times: [3, 2] }\n", "dir/s.yaml:4:21: deadlines.times must be the least and the most that a job may stay, as multiples of its duration, such as [1.5, 4]"},
		"deadlines for nobody":       {right + "deadlines: { share: 0 }\n", "dir/s.yaml:4:21: deadlines.share is 0; it must be above 0, up to 1"},
		"deadlines at once":          {right + "deadlines: { times: [0, 0] }\n", "dir/s.yaml:4:12: deadlines leave no time at all: set times or plus"},
		"no machine":                 {strings.Join(strings.SplitAfter(right, "\n")[:2], ""), "dir/s.yaml:1:1: which machine do jobs run on? Set instance.type, such as g5.xlarge"},
		"a machine without a price":  {strings.Replace(right, "g5", "g9", 1), "dir/s.yaml:3:19: no on-demand price for g9.xlarge in us-east-1; 'tandem prices refresh' or --prices adds it, and instance.price in the scenario says it"},
		"no slots":                   {strings.Replace(right, "g5.xlarge", "g5.xlarge, slots: 0", 1), "dir/s.yaml:3:37: instance.slots is 0; it must be 1 to 4,096"},
		"no instances":               {strings.Replace(right, "g5.xlarge", "g5.xlarge, spotMaximum: 0, onDemandMaximum: 0", 1), "dir/s.yaml:3:11: instance.spotMaximum and instance.onDemandMaximum are both 0: nothing could run"},
		"more spot than always":      {right + "spot: { availability: 1.5 }\n", "dir/s.yaml:4:23: spot.availability is 1.5; it must be a share from 0 to 1"},
		"a rate below zero":          {right + "spot:\n  interruptionsPerDay: -1\n", "dir/s.yaml:5:24: spot.interruptionsPerDay is -1; it must be 0 or more, up to a million"},
		"an outage without an end":   {right + "spot: { outages: [{ from: 1d, length: 1h }, { from: 2d }] }\n", "dir/s.yaml:4:45: spot.outages[1] has no length: set how long spot is gone, such as 1d"},
		"a spot trace not shipped":   {right + "spot: { trace: \"shipped:nowhere.json\" }\n", `dir/s.yaml:4:16: no trace "nowhere.json" is shipped; there are azure-llm-2023-code-10min.csv, synthetic-spot.json`},
		"a spot trace that is wrong": {right + "spot: { trace: bad.json }\n", "dir/s.yaml:4:16: dir/bad.json: reading a spot trace: metadata.gap_seconds is 0; it must be above 0 and at most a million"},
		"costly checkpoints":         {right + "checkpoint: { interval: 1m, cost: 2m }\n", "dir/s.yaml:4:25: checkpoint.interval is shorter than checkpoint.cost: a job would do little else"},
		"too large a fleet":          {right + "policy:\n  maximum: 9000\n", "dir/s.yaml:5:12: policy.maximum is 9000 instances; it must be 1 to 5,000"},
		"a minimum above the most":   {right + "policy:\n  minimum: 20\n", "dir/s.yaml:5:12: policy.minimum is 20; it must be 0 to policy.maximum, 10"},
		"no time of day":             {right + "policy: { schedule: [{ from: 8, to: \"18:00\", minimum: 1 }] }\n", `dir/s.yaml:4:22: policy.schedule[0]: "8" is no time of day: write it as 08:30`},
		"no day":                     {right + "policy: { schedule: [{ days: [monday], from: \"08:00\", to: \"18:00\", minimum: 1 }] }\n", `dir/s.yaml:4:22: policy.schedule[0]: "monday" is no day: write mon, tue, wed, thu, fri, sat or sun`},
		"a policy misspelt":          {right + "compare: [spot-ony]\n", `dir/s.yaml:4:11: there is no policy "spot-ony"; did you mean "spot-only"?`},
		"a policy unheard of":        {right + "compare: [kubernetes]\n", `dir/s.yaml:4:11: there is no policy "kubernetes"; there are on-demand-only, spot-only, cdk-spot, cdk-on-demand, backlog-spot, backlog-on-demand, skyserve, cant-be-late-greedy, cant-be-late-uniform, or all`},
		"a worker of nowhere":        {right + "worker: analyser\n", `dir/s.yaml:4:9: worker "analyser" is of no environment: add one, such as environment: prod`},
		"nobody of an environment":   {right + "environment: prod\n", `dir/s.yaml:4:14: environment "prod" without a worker: add one, such as worker: document-analyser`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Read("dir/s.yaml", []byte(test.text), options(t, files))
			require.EqualError(t, err, "reading the scenario: "+test.want)
		})
	}
}

func drawnRate(rate string) string {
	return strings.Replace(right, "perHour: 6", "perHour: "+rate, 1)
}

func TestAllThatIsWrongIsSaidAtOnce(t *testing.T) {
	_, err := Read("s.yaml", []byte(right+"spot: { availability: 3 }\nseeds: -1\n"), options(t, nil))
	require.EqualError(t, err, "reading the scenario: s.yaml:4:23: spot.availability is 3; it must be a share from 0 to 1\n"+
		"reading the scenario: s.yaml:5:8: seeds is -1; it must be 1 to 10,000")
}

func TestAValueThatWasSetIsNamedAsSuch(t *testing.T) {
	for set, want := range map[string]string{
		"policy":               "--set policy: write a key and its value, such as --set policy.idleFor=10m",
		"a b=3":                "--set a b=3: write a key and its value, such as --set policy.idleFor=10m",
		"policy.maximum=many":  `--set policy.maximum=many: "many" is a text; it must be a whole number`,
		"policy.maxmum=3":      `--set policy.maxmum=3: unknown field "maxmum"; did you mean "maximum"?`,
		"policy.idleFor=soon":  `--set policy.idleFor=soon: "soon" is not a duration: write numbers with units, largest first, such as 90s, 1h30m or 14d`,
		"spot.availability=3":  "--set spot.availability=3: spot.availability is 3; it must be a share from 0 to 1",
		"compare=[kubernetes]": `--set compare=[kubernetes]: there is no policy "kubernetes"; there are on-demand-only, spot-only, cdk-spot, cdk-on-demand, backlog-spot, backlog-on-demand, skyserve, cant-be-late-greedy, cant-be-late-uniform, or all`,
	} {
		o := options(t, nil)
		o.Set = []string{set}
		_, err := Read("s.yaml", []byte(right), o)
		require.EqualError(t, err, "reading the scenario: "+want)
	}
}

func TestAWrongLineOfATraceEndsTheRuns(t *testing.T) {
	rows := strings.Repeat("2023-11-16 18:17:03,1,2\n", 2000)
	e, err := Read("s.yaml", []byte("arrivals: { trace: a.csv }\ninstance: { type: g5.xlarge }\n"),
		options(t, map[string]string{"a.csv": csvHeader + rows + "2023-11-16 18:17:03,1\n" + rows}))
	require.NoError(t, err, "only its beginning has been read")
	_, err = e.Run(t.Context(), nil)
	require.ErrorContains(t, err, "a.csv:2002: has 2 columns, and the first line has 3")
}
