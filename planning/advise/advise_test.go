package advise

import (
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tandem/prices"
)

func options(t require.TestingT) Options {
	table, err := prices.Load()
	require.NoError(t, err)
	tokens, err := prices.LoadTokens()
	require.NoError(t, err)
	return Options{Prices: table, Tokens: tokens}
}

func read(t require.TestingT, text string) *Workload {
	w, err := Read("w.yaml", []byte(text))
	require.NoError(t, err)
	return w
}

func advice(t require.TestingT, text string) *Advice {
	a, err := Advise(read(t, text), options(t))
	require.NoError(t, err)
	return a
}

func alternative(t require.TestingT, a *Advice, id string) Alternative {
	for _, other := range a.Alternatives {
		if other.ID == id {
			return other
		}
	}
	require.Fail(t, "no such alternative", id)
	return Alternative{}
}

const months = 730.0 / 24 // days

// Worked out by hand: 1,000 tasks a day that always take four minutes, on one
// g4dn.xlarge of 0.526 USD an hour, with a disk of (8 + 15) / 730 an hour.
func TestTheCostsAreThoseWorkedOutByHand(t *testing.T) {
	a := advice(t, `name: by-hand
trigger: queue
duration: { p50: 4m }
compute: { gpus: 1, gpuMemory: 16GiB, vcpus: 2, memory: 8GiB }
externalApi: { provider: anthropic, model: claude-sonnet-4-5, inputTokens: 10000, outputTokens: 1000, duration: { p50: 20s } }
volume: { perDay: 1000 }
spot: { availability: 1, interruptionsPerDay: 0 }
`)
	disk := (100*0.08 + 375*0.04) / 730
	hours := 1000 * months * 240 / 3600
	job := 3.5/1e6 + (8+24)*0.625/1e6 + (1.2+24)*0.4/1e6
	state := 1000 * months * job
	spot := (0.2145 + 0.752*.39 + 0.8048*.51) / 3
	for id, want := range map[string]float64{
		// 10,000 tokens at 3 USD a million and 1,000 at 15; 20 s of half a GB.
		"lambda-api":    1000 * months * (0.045 + 0.2/1e6 + 20*.5*0.0000133334),
		"gpu-on-demand": hours*1.15*(0.526+disk) + state,
		"gpu-spot":      hours*1.15*(spot+disk) + state,
		// 2.78 busy on average, at 70 %: 3.97 instances.
		"always-on":                1000*240.0/86400/.7*730*(0.526+disk) + 16.425,
		"lambda-managed-instances": 1000*240.0/86400/.7*730*0.526*1.15 + 1000*months*.2/1e6,
		"sagemaker-async":          hours * 1.15 * 0.526 * 1.4,
	} {
		require.InEpsilon(t, want, alternative(t, a, id).Monthly, 1e-6, id)
	}
	require.Equal(t, "gpu-spot", a.Choice)
	require.Contains(t, alternative(t, a, "lambda-cpu").Blocked, "Lambda has no GPUs")
	require.Contains(t, alternative(t, a, "fargate").Blocked, "Fargate has no GPUs")
}

func TestWorkWithoutGPUsIsPricedOnLambdaAndFargate(t *testing.T) {
	a := advice(t, `name: by-hand
trigger: queue
duration: { p50: 100s }
compute: { vcpus: 1, memory: 2GiB }
volume: { perDay: 10000 }
`)
	n := 10000 * months
	require.InEpsilon(t, n*(0.2/1e6+100*2*0.0000166667), alternative(t, a, "lambda-cpu").Monthly, 1e-6)
	job := 3.5/1e6 + (8+10)*0.625/1e6 + (1.2+10)*0.4/1e6
	require.InEpsilon(t, n*(100*1.15/3600*(0.04048+2*0.004445)+job), alternative(t, a, "fargate").Monthly, 1e-6)
	require.Equal(t, "fargate", a.Choice)
	require.Contains(t, alternative(t, a, "gpu-spot").Blocked, "the work needs no GPU")
}

func TestALimitIsNamedWithThePercentileThatHitsIt(t *testing.T) {
	a := advice(t, "name: contracts\nduration: { p50: 18m, p95: 25m }\ncompute: { vcpus: 2, memory: 4GiB }\nvolume: { perDay: 50 }\n")
	var found bool
	for _, limit := range a.Limits {
		if limit.Name == "Lambda function timeout" {
			found = true
			require.True(t, limit.Hit)
			require.InDelta(t, 18.1, limit.Percentile, 0.2) // ln(15/18) over (ln(25/18)/1.645) is z = -0.913
		}
	}
	require.True(t, found)
	require.Contains(t, strings.Join(alternative(t, a, "lambda-cpu").Blocked, "; "), "run past Lambda's 15 minutes")
	require.Equal(t, "fargate", a.Choice)
}

func TestSomeoneWhoWaitsGetsNoColdStart(t *testing.T) {
	const model = "name: chat\nduration: { p50: 4s, p95: 8s }\ncompute: { gpus: 1, gpuMemory: 20GiB, slots: 8 }\nvolume: { perDay: 20000 }\n"
	require.Equal(t, "gpu-spot", advice(t, model).Choice)
	waiting := advice(t, model+"answerWithin: 12s\n")
	require.Equal(t, "always-on", waiting.Choice)
	require.Contains(t, strings.Join(alternative(t, waiting, "gpu-spot").Blocked, "; "), "cold start")
}

func TestWhatNothingFitsSaysWhy(t *testing.T) {
	a := advice(t, "name: huge\nduration: { p50: 4s }\ncompute: { gpus: 8, gpuMemory: 900GiB }\nvolume: { perDay: 10 }\n")
	require.Empty(t, a.Choice)
	require.Empty(t, a.Snippet)
	require.Contains(t, a.Answer, "nothing that AWS sells fits")
	require.Contains(t, strings.Join(a.Reasons, "\n"), "no instance type with a price has 8 GPUs of 900GiB")
}

// At its volume two alternatives cost the same; on each side of it the words
// say which is cheaper.
func TestABreakEvenIsWhereTheCostsMeet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := read(t, "name: some\nduration: { p50: 4s, p95: 9s }\ncompute: { gpus: 1, gpuMemory: 22GiB, slots: 16 }\nvolume: { perDay: 1 }\nanswerWithin: 15s\n"+
			"externalApi: { provider: openai, model: gpt-5-mini, inputTokens: 1200, outputTokens: 250 }\n")
		w.Volume.PerDay = rapid.Float64Range(1000, 1e6).Draw(t, "volume")
		p, err := newPlanner(*w, options(t))
		require.NoError(t, err)
		all := p.alternatives()
		chosen := choose(all, false)
		for _, b := range p.breakEvens(all, chosen) {
			if b.PerDay == 0 {
				continue
			}
			at := p.at(b.PerDay).alternatives()
			for i, a := range at {
				if a.Title == b.Other {
					require.InEpsilon(t, at[chosen].Monthly, a.Monthly, 0.02, b.Words)
					below := p.at(b.PerDay * 0.97).alternatives()
					require.Equal(t, strings.Contains(b.Words, "below"), below[i].Monthly < below[chosen].Monthly, b.Words)
				}
			}
		}
	})
}

func TestTheChoiceIsPossibleAndAtMostALittleDearerThanTheCheapest(t *testing.T) {
	o := options(t)
	rapid.Check(t, func(t *rapid.T) {
		w := read(t, "name: some\nduration: { p50: 4s, p95: 9s }\nvolume: { perDay: 1 }\n")
		w.Volume.PerDay = rapid.Float64Range(0.1, 1e7).Draw(t, "volume")
		w.Compute.GPUs = rapid.SampledFrom([]int{0, 1, 4}).Draw(t, "gpus")
		w.Duration = w.Duration.times(rapid.Float64Range(0.1, 5000).Draw(t, "longer"))
		p, err := newPlanner(*w, o)
		require.NoError(t, err)
		all := p.alternatives()
		best := choose(all, false)
		for _, a := range all {
			require.False(t, a.Possible() && a.Monthly == 0, a.ID)
			if a.Possible() {
				require.GreaterOrEqual(t, best, 0)
				require.LessOrEqual(t, all[best].Monthly, a.Monthly+max(simplerUSD, a.Monthly*simplerShare)+1e-9)
			}
		}
		require.True(t, best < 0 || all[best].Possible())
	})
}

func TestAWrongWorkloadIsNamedByLine(t *testing.T) {
	const good = "name: good\nduration: { p50: 1m }\n"
	for name, test := range map[string]struct{ text, want string }{
		"an unknown key":            {good + "volme: { perDay: 1 }\n", `w.yaml:3:1: unknown field "volme"`},
		"a duration that is none":   {"name: good\nduration: { p50: long }\n", `w.yaml:2:18: "long" is not a duration`},
		"no volume":                 {good, "w.yaml:1: volume.perDay must be above 0"},
		"a name with capitals":      {"duration: { p50: 1m }\nvolume: { perDay: 1 }\nname: Good\n", `w.yaml:3: name "Good" is not`},
		"percentiles that fall":     {"name: good\nduration: { p50: 2m, p95: 1m }\nvolume: { perDay: 1 }\n", "w.yaml:2: duration: p95 is shorter than p50"},
		"a longest below p95":       {"name: good\nduration: { p50: 1m, p95: 3m, max: 2m }\nvolume: { perDay: 1 }\n", "w.yaml:2: duration: max is shorter than p95"},
		"only a longest":            {"name: good\nduration: { max: 2m }\nvolume: { perDay: 1 }\nexternalApi: { provider: a, model: b, inputTokens: 1 }\n", "w.yaml:2: duration: max alone says little"},
		"neither duration nor API":  {"name: good\nvolume: { perDay: 1 }\n", "w.yaml:1: duration is missing"},
		"an API without a model":    {good + "volume: { perDay: 1 }\nexternalApi: { provider: openai }\n", "w.yaml:4: externalApi needs a provider and a model"},
		"an API without tokens":     {good + "volume: { perDay: 1 }\nexternalApi: { provider: openai, model: gpt-5 }\n", "w.yaml:4: externalApi needs inputTokens"},
		"a burst below the average": {good + "volume: { perDay: 1, burst: 0.5 }\n", "w.yaml:3: volume.burst is 0.5"},
		"an unknown trigger":        {good + "volume: { perDay: 1 }\ntrigger: cron\n", `w.yaml:4: trigger "cron" is not request, queue or upload`},
		"too many GPUs":             {good + "volume: { perDay: 1 }\ncompute: { gpus: 9 }\n", "w.yaml:4: compute.gpus is 9"},
		"availability as percent":   {good + "volume: { perDay: 1 }\nspot: { availability: 80 }\n", "w.yaml:4: spot.availability is a share from 0 to 1"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Read("w.yaml", []byte(test.text))
			require.ErrorContains(t, err, test.want)
		})
	}
	w := read(t, "name: good\nvolume: { perDay: 1 }\nexternalApi: { provider: openai, model: gpt-nothing, inputTokens: 1 }\n")
	_, err := Advise(w, options(t))
	require.ErrorContains(t, err, `advising on good: no token price for openai, "gpt-nothing"`)
}

func TestQuestionsAreAskedAgainUntilTheyAreAnswered(t *testing.T) {
	var out strings.Builder
	w, err := Ask(strings.NewReader("soon\n1m 30s\n1m 2m 3m\n1m 2m\nmany\n2 24GiB\nopenai\nopenai/gpt-5-mini x 1\nopenai/gpt-5-mini 100 10\nlots\n-1\n5,000\nquickly\n10m\n"), &out)
	require.NoError(t, err)
	require.Equal(t, "1m", w.Duration.P50.String())
	require.Equal(t, 2, w.Compute.GPUs)
	require.Equal(t, "gpt-5-mini", w.ExternalAPI.Model)
	require.InDelta(t, 5000, w.Volume.PerDay, 1e-9)
	require.Equal(t, OnRequest, w.Trigger)
	for _, said := range []string{`"soon" is not`, "p95 is shorter than p50", "one or two durations", "write no, or a number from 1 to 8", "write no, or such as anthropic/", `"x" is not a number of tokens`, `"lots" is not a number of tasks`, `"quickly" is not`} {
		require.Contains(t, out.String(), said)
	}
	w, err = Ask(strings.NewReader("\n\n\n\n\n"), io.Discard)
	require.NoError(t, err)
	require.Zero(t, w.Compute.GPUs)
	require.Equal(t, OnQueue, w.Trigger)
}
