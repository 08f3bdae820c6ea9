package advise

import (
	"encoding/json"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tandem/config"
)

const base = "name: shop\naws: { region: us-east-1, zones: [us-east-1a, us-east-1b] }\n"

// Whatever is asked, the answer can be printed, and what it says can be
// deployed is a configuration without mistakes.
func TestAnyWorkloadGetsAnAnswerThatCanBeDeployed(t *testing.T) {
	o := options(t)
	rapid.Check(t, func(t *rapid.T) {
		w := anyWorkload(t)
		if path, problem := w.complete(); problem != "" {
			t.Fatalf("%s: %s", path, problem)
		}
		a, err := Advise(w, o)
		require.NoError(t, err)
		_, err = json.Marshal(a)
		require.NoError(t, err)
		require.NotEmpty(t, a.Reasons)
		require.Len(t, a.Alternatives, 8)
		if a.Snippet == "" {
			return
		}
		_, err = config.Load(config.Options{Environment: "advised", FS: fstest.MapFS{
			"base.yaml": {Data: []byte(base)}, "advised.yaml": {Data: []byte(a.Snippet)},
		}})
		require.NoError(t, err, a.Snippet)
	})
}

// A task of ten days: an attempt may run for 14 at most.
func TestTheTimeoutIsOneThatAConfigurationAllows(t *testing.T) {
	a := advice(t, "name: long\nduration: { p50: 10d }\ncompute: { vcpus: 2, memory: 4GiB }\nvolume: { perDay: 1 }\n")
	require.Equal(t, "fargate", a.Choice)
	require.Contains(t, a.Snippet, "timeout: 14d\n")
}

func anyWorkload(t *rapid.T) *Workload {
	seconds := func(name string, low, high float64) config.Duration {
		return config.Duration(rapid.Float64Range(low, high).Draw(t, name) * float64(time.Second))
	}
	w := &Workload{Name: rapid.StringMatching(`[a-z][a-z0-9]{1,10}(-[a-z0-9]{1,6})?`).Draw(t, "name")}
	w.Trigger = rapid.SampledFrom([]Trigger{OnRequest, OnQueue, OnUpload}).Draw(t, "trigger")
	w.Volume = Volume{PerDay: rapid.Float64Range(0.01, 5e6).Draw(t, "volume"), Burst: rapid.Float64Range(1, 30).Draw(t, "burst")}
	own := rapid.Bool().Draw(t, "own")
	if own {
		w.Duration.P50 = seconds("p50", 0.01, 30000)
		w.Duration.P95 = w.Duration.P50 + seconds("more", 0, 90000)
		w.Compute = Compute{
			GPUs:      rapid.SampledFrom([]int{0, 1, 1, 4, 8}).Draw(t, "gpus"),
			GPUMemory: config.Size(rapid.IntRange(0, 100).Draw(t, "gpu memory")) * config.GiB,
			VCPUs:     rapid.Float64Range(0.25, 20).Draw(t, "vcpus"),
			Memory:    config.Size(rapid.IntRange(1, 150).Draw(t, "memory")) * config.GiB,
			Weights:   config.Size(rapid.IntRange(0, 200).Draw(t, "weights")) * config.GiB,
			Load:      seconds("load", 0, 600),
			Slots:     rapid.IntRange(1, 32).Draw(t, "slots"),
		}
		if rapid.Bool().Draw(t, "can save") {
			w.Checkpoint = seconds("checkpoint", 1, 300)
		}
		if rapid.Bool().Draw(t, "market known") {
			often := rapid.Float64Range(0, 20).Draw(t, "interruptions")
			w.Spot.InterruptionsPerDay = &often
		}
	}
	if !own || rapid.Bool().Draw(t, "api") {
		w.ExternalAPI = &ExternalAPI{Provider: "anthropic", Model: "claude-sonnet-4-5", InputTokens: 1000, OutputTokens: 100}
	}
	if rapid.Bool().Draw(t, "someone waits") {
		w.AnswerWithin = seconds("within", 1, 7200)
	}
	return w
}

// The closed forms divide by the rate: next to nothing must not print as infinity.
func TestAMarketThatNextToNeverInterruptsCanBePrinted(t *testing.T) {
	a := advice(t, "name: calm\nduration: { p50: 4h }\ncheckpoint: 30s\ncompute: { gpus: 1, vcpus: 1, memory: 4GiB }\n"+
		"volume: { perDay: 1 }\nspot: { interruptionsPerDay: 1e-305 }\n")
	_, err := json.Marshal(a)
	require.NoError(t, err)
	require.Nil(t, a.Checkpoint)
}
