package config_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tandem/config"
)

func TestATaskGetsItsShareOfTheSmallestType(t *testing.T) {
	loaded, err := overlay(`
workers:
  half:
    image: { build: a }
    capacity: quad
    gpu: 2
    timeout: 1h
  fixed:
    image: { build: a }
    capacity: single
    cpu: 2
    memory: 8GiB
    timeout: 1h
  fargate:
    image: { build: a }
    gpu: 0
    cpu: 2
    memory: 8GiB
    timeout: 1h
  small-fargate:
    image: { build: a }
    gpu: 0
    timeout: 1h
`)
	require.NoError(t, err)
	c := loaded.Config

	// g4dn.xlarge: 4 vCPUs and 16 GiB, of which 15,237 MiB are registered and 128 kept for the host.
	whole := c.WorkerResources("thumbs")
	require.Equal(t, config.Resources{GPU: 1, CPUUnits: 4096 - 128 - 256, Memory: (15237 - 128 - 128 - 256) * config.MiB, SideCPUUnits: 256, SideMemory: 256 * config.MiB}, whole)

	half := c.WorkerResources("half")
	require.Equal(t, 2, half.GPU)
	require.Equal(t, (48*1024-128)/2-256, half.CPUUnits)

	require.Equal(t, config.Resources{GPU: 1, CPUUnits: 2048, Memory: 8 * config.GiB, SideCPUUnits: 256, SideMemory: 256 * config.MiB}, c.WorkerResources("fixed"))

	fargate := c.WorkerResources("fargate")
	require.Equal(t, 2048, fargate.TaskCPUUnits())
	require.Equal(t, 8*config.GiB, fargate.TaskMemory())
	require.InDelta(t, 2, c.Workers["fargate"].CPU, 0)

	small := c.WorkerResources("small-fargate")
	require.Equal(t, 1024, small.TaskCPUUnits())
	require.Equal(t, 4*config.GiB, small.TaskMemory())

	// A service without weights has nothing beside it.
	require.Zero(t, c.ServiceResources("llama").SideMemory)
	require.Equal(t, 1, c.ServiceResources("llama").GPU)
}

func TestWhatStandsBesideAServiceIsCounted(t *testing.T) {
	side := func(overrides string) config.Resources {
		loaded, err := overlay("services:\n  llama:\n" + overrides)
		require.NoError(t, err)
		return loaded.Config.ServiceResources("llama")
	}
	const weights, warmUp = "    weights: { uri: s3://models/llama/ }\n", "    warmUp: {}\n"
	require.Equal(t, 256*config.MiB, side(weights).SideMemory)
	require.Equal(t, 64*config.MiB, side(warmUp).SideMemory)
	both := side(weights + warmUp)
	require.Equal(t, 320*config.MiB, both.SideMemory)
	require.Equal(t, 320, both.SideCPUUnits)
	require.Equal(t, side("    port: 8000\n").TaskMemory(), both.TaskMemory(), "the model has what is left")
}

func TestAWarmUpAsksAsThePathWants(t *testing.T) {
	for path, want := range map[string]map[string]any{
		"/v1/chat/completions": {"model": "llama", "max_tokens": 16, "messages": []any{map[string]any{"role": "user", "content": "Hello"}}},
		"/v1/completions":      {"model": "llama", "max_tokens": 16, "prompt": "Hello"},
		"/v1/embeddings":       {"model": "llama", "input": "Hello"},
	} {
		loaded, err := overlay("services:\n  llama:\n    warmUp: { path: " + path + " }\n")
		require.NoError(t, err)
		service := loaded.Config.Services["llama"]
		require.Equal(t, want, service.WarmUp.Request(service.Model))
	}
	own := config.WarmUp{Path: "/generate", Body: map[string]any{"inputs": "a"}}
	require.Equal(t, own.Body, own.Request("llama"))
}

func TestDefaultsOfAnyGroupFitItsInstances(t *testing.T) {
	byGPUs := map[int][]string{}
	for _, name := range config.InstanceTypeNames() {
		if it, _ := config.LookupInstanceType(name); it.GPUs > 0 && !it.ARM() {
			byGPUs[it.GPUs] = append(byGPUs[it.GPUs], name)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		gpus := rapid.SampledFrom([]int{1, 2, 4, 8}).Draw(t, "gpus")
		types := rapid.SliceOfNDistinct(rapid.SampledFrom(byGPUs[gpus]), 1, 3, rapid.ID).Draw(t, "types")
		each := rapid.SampledFrom([]int{1, 2, 4, 8}).Filter(func(n int) bool { return n <= gpus }).Draw(t, "gpu")
		loaded, err := overlay(fmt.Sprintf("capacity: {groups: {any: {instanceTypes: [%s]}}}\nworkers: {w: {image: {build: a}, capacity: any, gpu: %d, timeout: 1h}}\n",
			strings.Join(types, ", "), each))
		require.NoError(t, err)
		r := loaded.Config.WorkerResources("w")
		require.Equal(t, each, r.GPU)
		for _, name := range types {
			it, _ := config.LookupInstanceType(name)
			tasks := it.GPUs / each
			require.LessOrEqual(t, config.Size(tasks)*r.TaskMemory()+config.AgentMemory, it.RegisteredMemory(), name)
			require.LessOrEqual(t, tasks*r.TaskCPUUnits()+config.AgentCPUUnits, it.VCPUs*1024, name)
		}
		require.Positive(t, r.Memory)
	})
}

func TestTheInstanceTableHolds(t *testing.T) {
	require.Greater(t, len(config.InstanceTypeNames()), 60)
	for name, want := range map[string]config.InstanceType{
		"g5.12xlarge": {Name: "g5.12xlarge", VCPUs: 48, Memory: 192 * config.GiB, GPUs: 4, GPUModel: "a10g", GPUMemory: 22888 * config.MiB},
		"p5.48xlarge": {Name: "p5.48xlarge", VCPUs: 192, Memory: 2048 * config.GiB, GPUs: 8, GPUModel: "h100", GPUMemory: 81920 * config.MiB},
	} {
		got, ok := config.LookupInstanceType(name)
		require.True(t, ok)
		require.Equal(t, want, got)
		require.Less(t, got.RegisteredMemory(), got.Memory)
	}
	for name, arm := range map[string]bool{"g5g.xlarge": true, "g5.xlarge": false, "g6.xlarge": false, "gr6f.4xlarge": false, "p6-b200.48xlarge": false, "g4dn.xlarge": false} {
		it, ok := config.LookupInstanceType(name)
		require.True(t, ok)
		require.Equal(t, arm, it.ARM(), name)
	}
	p, _ := config.LookupInstanceType("p4d.24xlarge")
	require.Equal(t, "P", p.QuotaFamily())
	gr, _ := config.LookupInstanceType("gr6.4xlarge")
	require.Equal(t, "G", gr.QuotaFamily())
}

func TestEachLimitHasASource(t *testing.T) {
	for _, l := range config.Limits() {
		require.NotEmpty(t, l.Name)
		require.NotEmpty(t, l.Value, l.Name)
		require.Regexp(t, `^https://(docs\.)?aws\.amazon\.com/`, l.Source, l.Name)
		require.Regexp(t, `^(20\d\d-\d\d-\d\d)?$`, l.Checked, l.Name)
	}
}
