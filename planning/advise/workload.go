package advise

import (
	"fmt"
	"regexp"

	"tandem/config"
	"tandem/planning/yamlfile"
)

// Workload answers the five questions of the decision: how long a task takes,
// what it computes on, whether an external API could do it, how much of it
// there is, and how long anyone waits.
type Workload struct {
	// Name of the worker, service or model that it becomes: lower-case letters, digits and hyphens.
	Name string `yaml:"name"`
	// Region for prices. Default: us-east-1.
	Region string `yaml:"region"`
	// Trigger starts a task: request, queue or upload. Default: request where someone waits, else queue.
	Trigger Trigger `yaml:"trigger"`
	// Duration of a task on the compute below, by percentile. Required, but for
	// work that only an external API does.
	Duration Quantiles `yaml:"duration"`
	// Compute that one task needs.
	Compute Compute `yaml:"compute"`
	// ExternalAPI that could do the work. Default: none can.
	ExternalAPI *ExternalAPI `yaml:"externalApi"`
	// Volume of tasks. Required.
	Volume Volume `yaml:"volume"`
	// AnswerWithin is how long a caller waits, at the 95th percentile. Default: nobody waits.
	AnswerWithin config.Duration `yaml:"answerWithin"`
	// Payload of a task, in and out together.
	Payload config.Size `yaml:"payload"`
	// Checkpoint is how long it takes to save a task's state. Default: it cannot.
	Checkpoint config.Duration `yaml:"checkpoint"`
	// Spot is the market; by default that of the price list.
	Spot Market `yaml:"spot"`
}

// Trigger is what starts a task.
type Trigger string

// The triggers.
const (
	OnRequest Trigger = "request"
	OnQueue   Trigger = "queue"
	OnUpload  Trigger = "upload"
)

// Compute is what one task runs on.
type Compute struct {
	// GPUs; 0 needs none.
	GPUs int `yaml:"gpus"`
	// GPUMemory that each must have.
	GPUMemory config.Size `yaml:"gpuMemory"`
	// VCPUs and Memory. Default: 1 and 2GiB.
	VCPUs  float64     `yaml:"vcpus"`
	Memory config.Size `yaml:"memory"`
	// Weights of the model, fetched before the first task.
	Weights config.Size `yaml:"weights"`
	// Load is how long a new container takes beyond that until it works.
	Load config.Duration `yaml:"load"`
	// Slots is how many tasks a container works at once without slowing down. Default: 1.
	Slots int `yaml:"slots"`
}

// ExternalAPI does the work by token.
type ExternalAPI struct {
	// Provider and Model as in the price list: openai, anthropic or bedrock.
	Provider string `yaml:"provider"`
	Model    string `yaml:"model"`
	// InputTokens and OutputTokens of a task.
	InputTokens  float64 `yaml:"inputTokens"`
	OutputTokens float64 `yaml:"outputTokens"`
	// Duration of a task by the API, by percentile. Default: p50 5s, p95 15s.
	Duration Quantiles `yaml:"duration"`
}

// Volume is how much there is to do.
type Volume struct {
	// PerDay tasks on average.
	PerDay float64 `yaml:"perDay"`
	// Burst is the busiest hour's rate over the average. Default: 3.
	Burst float64 `yaml:"burst"`
}

// Market is how spot capacity behaves.
type Market struct {
	// Availability is the share of time in which an instance can be had, 0 to 1. Default: 0.8.
	Availability *float64 `yaml:"availability"`
	// InterruptionsPerDay of one instance. Default: as the Spot Advisor says.
	InterruptionsPerDay *float64 `yaml:"interruptionsPerDay"`
}

var workloadName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,30}[a-z0-9]$`)

// Read reads a workload; what is wrong is named by file and line.
func Read(name string, raw []byte) (*Workload, error) {
	var w Workload
	if err := yamlfile.Decode(name, raw, &w); err != nil {
		return nil, fmt.Errorf("reading the workload: %w", err)
	}
	if path, problem := w.complete(); problem != "" {
		return nil, fmt.Errorf("reading the workload: %s:%d: %s", name, yamlfile.Line(raw, path), problem)
	}
	return &w, nil
}

// complete fills in the defaults and returns the first thing that is wrong,
// with its path.
func (w *Workload) complete() (path, problem string) {
	w.defaults()
	for _, check := range []struct {
		wrong   bool
		path    string
		problem string
	}{
		{!workloadName.MatchString(w.Name), "$.name", fmt.Sprintf("name %q is not 2 to 32 lower-case letters, digits and hyphens", w.Name)},
		{w.Trigger != OnRequest && w.Trigger != OnQueue && w.Trigger != OnUpload, "$.trigger", fmt.Sprintf("trigger %q is not request, queue or upload", w.Trigger)},
		{w.Volume.PerDay <= 0, "$.volume.perDay", "volume.perDay must be above 0: how many tasks come on an average day"},
		{w.Volume.Burst < 1, "$.volume.burst", fmt.Sprintf("volume.burst is %g: the busiest hour is at least the average, 1", w.Volume.Burst)},
		{w.Compute.GPUs < 0 || w.Compute.GPUs > 8, "$.compute.gpus", fmt.Sprintf("compute.gpus is %d: 0 to 8 fit one instance", w.Compute.GPUs)},
		{w.Compute.VCPUs < 0, "$.compute.vcpus", "compute.vcpus is below zero"},
		{w.Compute.Slots < 0, "$.compute.slots", "compute.slots is below zero"},
		{w.Duration.empty() && w.ExternalAPI == nil, "$.duration", "duration is missing: say how long a task takes, such as duration: { p50: 4m, p95: 6m }"},
		{w.ExternalAPI != nil && (w.ExternalAPI.Provider == "" || w.ExternalAPI.Model == ""), "$.externalApi", "externalApi needs a provider and a model"},
		{w.ExternalAPI != nil && w.ExternalAPI.InputTokens+w.ExternalAPI.OutputTokens <= 0, "$.externalApi", "externalApi needs inputTokens and outputTokens"},
		{w.Spot.Availability != nil && (*w.Spot.Availability < 0 || *w.Spot.Availability > 1), "$.spot.availability", "spot.availability is a share from 0 to 1"},
		{w.Spot.InterruptionsPerDay != nil && *w.Spot.InterruptionsPerDay < 0, "$.spot.interruptionsPerDay", "spot.interruptionsPerDay is below zero"},
	} {
		if check.wrong {
			return check.path, check.problem
		}
	}
	if problem := w.Duration.problem(); problem != "" {
		return "$.duration", "duration: " + problem
	}
	if w.ExternalAPI != nil {
		if problem := w.ExternalAPI.Duration.problem(); problem != "" {
			return "$.externalApi.duration", "externalApi.duration: " + problem
		}
	}
	return "", ""
}

func (w *Workload) defaults() {
	set(&w.Region, "us-east-1")
	set(&w.Volume.Burst, 3)
	set(&w.Compute.VCPUs, 1)
	set(&w.Compute.Memory, 2*config.GiB)
	set(&w.Compute.Slots, 1)
	if w.AnswerWithin > 0 {
		set(&w.Trigger, OnRequest)
	}
	set(&w.Trigger, OnQueue)
	if w.Spot.Availability == nil {
		most := 0.8
		w.Spot.Availability = &most
	}
	if w.ExternalAPI != nil && w.ExternalAPI.Duration.empty() {
		w.ExternalAPI.Duration = Quantiles{P50: config.Duration(5e9), P95: config.Duration(15e9)}
	}
}

// set gives a value that was left out its default.
func set[T comparable](value *T, fallback T) {
	var zero T
	if *value == zero {
		*value = fallback
	}
}
