package fault

import (
	"io"
	"time"

	"tandem/test/fault/plan"
)

// Options of a run.
type Options struct {
	// Jobs to submit.
	Jobs int
	// Kills by SIGKILL, of workers, the API and the sweeper together.
	Kills int
	// Seed of everything that is left to chance.
	Seed uint64
	// Workers, each with a container. Default: 8.
	Workers int
	// Slots of each worker. Default: 8.
	Slots int
	// APIs are the instances of the API's function. Default: 3.
	APIs int
	// Timeout of an attempt. Default: 45 s.
	Timeout time.Duration
	// PollWait of a worker. Default: 20 s.
	PollWait time.Duration
	// Calm bounds how long the jobs may take to end once nothing goes wrong any
	// more. Default: 6 min, since a job whose message was lost among others is
	// found after five.
	Calm time.Duration
	// Folder for logs and binaries; it must exist. Required.
	Folder string
	// Out takes what a person may want to read meanwhile. Required.
	Out io.Writer
}

func (o Options) withDefaults() Options {
	number := func(target *int, value int) {
		if *target == 0 {
			*target = value
		}
	}
	number(&o.Workers, 8)
	number(&o.Slots, 8)
	number(&o.APIs, 3)
	if o.Timeout == 0 {
		o.Timeout = 45 * time.Second
	}
	if o.PollWait == 0 {
		o.PollWait = 20 * time.Second
	}
	if o.Calm == 0 {
		o.Calm = 6 * time.Minute
	}
	return o
}

func (o Options) plan() plan.Options {
	return plan.Options{Jobs: o.Jobs, Kills: o.Kills, Seed: o.Seed, Workers: o.Workers, APIs: o.APIs, Timeout: o.Timeout}
}

const (
	// workerName is the only worker of the configuration.
	workerName = "model"
	// maxAttempts and maxInterruptions are the defaults of a worker.
	maxAttempts      = 3
	maxInterruptions = 100
	// sweepEvery bounds the time between two sweeps; that of production.
	sweepEvery = time.Minute
	// terminateLimit is how long ECS waits after SIGTERM on spot capacity, at most
	// (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html, 2026-11-24).
	terminateLimit = 2 * time.Minute
)
