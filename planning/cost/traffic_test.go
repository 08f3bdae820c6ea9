package cost

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/prices"
)

const month = `requests: 1000000
requestDuration: 2s
tokens:
  - { provider: anthropic, model: claude-sonnet-4-5, requests: 1000000, input: 2000, output: 300, cached: 0.5 }
jobs:
  document-analyser: { count: 30000, duration: 5m, spot: 0.9, overhead: 0.15, payloadMB: 1 }
services:
  llama: { tasks: 3, requests: 3000000, responseMB: 0.01 }
documents:
  contracts: { count: 10000, duration: 20s }
storedGB: 500
tableGB: 10
logsGB: 50
egressGB: 200
internetGB: 100
`

func busy(t *testing.T) *Traffic {
	t.Helper()
	traffic, err := ReadTraffic("month.yaml", []byte(month))
	require.NoError(t, err)
	return traffic
}

// Worked out by hand.
func TestTrafficIsPricedWhereItLands(t *testing.T) {
	report := estimate(t, os.DirFS(snapshots+"prod"), busy(t))
	assembly, err := Read(os.DirFS(snapshots + "prod"))
	require.NoError(t, err)
	memoryGiB := func(prefix string) float64 {
		at := slices.IndexFunc(assembly.Resources, func(r *Resource) bool { return strings.HasPrefix(r.Name(), "Api/"+prefix) })
		return numberOr(0, assembly.Resources[at].Properties, "MemorySize") / 1024
	}
	documents := memoryGiB("DocumentsContractsFunction9F3")
	methods := float64(len(assembly.ofType("AWS::ApiGateway::Method")))
	calls := 1e6 + 3*30000.0 // a job is submitted and asked for twice
	// 30,000 jobs of 5 minutes, four at a time on one GPU, 15 % more for
	// overhead, 90 % of them on spot.
	hours := 30000.0 * 300 / 3600 / 4 * 1.15
	spot := (0.8048*.51 + 0.4425 + 0.2145) / 3
	disk := (100*0.08 + 375*0.04) / 730
	for prefix, want := range map[string]float64{
		"Compute/SingleSpotGroup":           hours * .9 * (spot + disk),
		"Compute/SingleOnDemandGroup":       hours * .1 * (0.8048 + disk),
		"Compute/ServingSpotGroup":          730 * ((0.9776*.42+1.212*.42)/2 + disk), // the third task
		"Api/ApiDeploymentStage":            calls*3.5/1e6 + 5*methods*0.30,
		"Api/ApiFirewall":                   9 + calls*0.6/1e6,
		"State/StateTable":                  30000*(8+30)*0.625/1e6 + (4*30000+1e6)*0.125/1e6 + 10*(.25+.20),
		"Workers/DocumentAnalyserNormalQue": 30000 * (1.2 + 30) * 0.4 / 1e6,
		"Workers/DocumentAnalyserHighQueue": 0,
		"State/DataBucket":                  (60000+20000)*(0.005+0.0004)/1e3 + 500*0.023,
		"Network/NetworkVpcPublicSubnet1NA": 32.85 + 200*0.045/3 + 100*0.09/3,
		"anthropic/claude-sonnet-4-5":       1e6 * (1000*3 + 1000*.3 + 300*15) / 1e6,
		"Api/DocumentsContractsFunction9F3": 10000*(0.2/1e6+20*documents*0.0000133334+5.0/1e6) +
			43800*(0.2/1e6+.5*documents*0.0000133334+5.0/1e6), // each minute it looks after those that became jobs
		"Services/LlamaServiceLoadBalancer": 16.425 + 0.008*730*max(3e6/(730*3600)/25, 3e6*.01/1000/730),
	} {
		require.InDelta(t, want, line(t, report, prefix).USD(), 1e-6, prefix)
	}
	jobs := line(t, report, "Api/JobsFunction")
	require.InDelta(t, 90000*(0.2/1e6+.015*.5*0.0000133334+5.0/1e6), jobs.USD(), 1e-6)
	require.InDelta(t, 1e6*(0.2/1e6+2*memoryGiB("ModelsFunction")*0.0000133334+5.0/1e6), line(t, report, "Api/ModelsFunction").USD(), 1e-6)
}

func TestMoreTrafficNeverCostsLess(t *testing.T) {
	once, twice := busy(t), busy(t)
	twice.Requests *= 2
	jobs := twice.Jobs["document-analyser"]
	jobs.Count *= 2
	twice.Jobs["document-analyser"] = jobs
	twice.Services["llama"] = Served{Tasks: 6, Requests: 6e6, ResponseMB: .01}
	for _, environment := range environments {
		before, after := estimate(t, os.DirFS(snapshots+environment), once), estimate(t, os.DirFS(snapshots+environment), twice)
		require.InDelta(t, before.Fixed, after.Fixed, 1e-9, "what stands there does not depend on traffic")
		old := map[string]float64{}
		for _, line := range before.Lines {
			old[line.Resource] = line.USD()
		}
		for _, line := range after.Lines {
			require.GreaterOrEqual(t, line.USD(), old[line.Resource], line.Resource)
		}
	}
}

func TestAWrongTrafficFileIsNamedByLine(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"an unknown key":     {"requests: 1\nrequsts: 2\n", `month.yaml:2:1: unknown field "requsts"`},
		"below zero":         {"requests: 1\nlogsGB: -3\n", "month.yaml:2: logsGB is -3, below zero"},
		"below zero, deep":   {"jobs:\n  document-analyser:\n    count: -1\n", "month.yaml:3: jobs.'document-analyser'.count is -1, below zero"},
		"a share above one":  {"jobs:\n  a:\n    spot: 90\n", "month.yaml:3: jobs.'a'.spot is 90, not a share from 0 to 1"},
		"no duration":        {"jobs:\n  a: { count: 1, duration: long }\n", `month.yaml:2:28: "long" is not a duration`},
		"a cached too large": {"tokens:\n  - { provider: a, model: b, cached: 2 }\n", "month.yaml:2: tokens[0].cached is 2"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ReadTraffic("month.yaml", []byte(test.text))
			require.ErrorContains(t, err, test.want)
		})
	}
}

func TestTrafficForWhatIsNotThereIsAnError(t *testing.T) {
	assembly, err := Read(os.DirFS(snapshots + "prod"))
	require.NoError(t, err)
	for text, want := range map[string]string{
		"jobs: { analyser: { count: 1 } }":   `a worker "analyser" that the templates do not have; there are: document-analyser, video-agent`,
		"services: { lama: { tasks: 1 } }":   `a service "lama" that the templates do not have; there are: Llama`,
		"documents: { bills: { count: 1 } }": `a document "bills" that the templates do not have; there are: Contracts`,
	} {
		traffic, err := ReadTraffic("month.yaml", []byte(text))
		require.NoError(t, err)
		_, err = Estimate(assembly, Options{Prices: load(t), Traffic: traffic})
		require.ErrorContains(t, err, want)
	}
	traffic := &Traffic{Tokens: []Tokens{{Provider: "openai", Model: "gpt-nothing"}}}
	tokens, err := prices.LoadTokens()
	require.NoError(t, err)
	_, err = Estimate(assembly, Options{Prices: load(t), Tokens: tokens, Traffic: traffic})
	require.ErrorContains(t, err, `no token price for openai, "gpt-nothing"`)
}
