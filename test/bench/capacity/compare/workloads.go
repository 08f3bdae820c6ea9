package compare

import (
	"time"

	"tandem/planning/simulate"
	"tandem/planning/simulate/traces"
)

// Workload is what is made out of a recording of arrivals.
type Workload struct {
	Name string
	// What it is, in words.
	What string
	// Stretch of a recording, without that and its length.
	Stretch traces.Stretch
	// Checkpoint of its jobs.
	Checkpoint simulate.Checkpoint
}

const seed = 20261124

// cold is what a GPU instance takes from launch to its first job: an AL2023 GPU
// AMI with the image pulled in advance and a model of 15 GB at 500 MiB/s.
var cold = simulate.ColdStart{Launch: 30 * time.Second, Boot: 90 * time.Second, Image: 60 * time.Second, Weights: 60 * time.Second}

// saves is a checkpoint each ten minutes of work, and one at a notice.
var saves = simulate.Checkpoint{Interval: 10 * time.Minute, Cost: 10 * time.Second, Restore: 20 * time.Second, OnNotice: true}

// Workloads of the comparison. Durations are those of the recording, multiplied,
// and their spread is the recording's: the longest is twenty times the mean.
func Workloads() []Workload {
	season := simulate.Season{Swing: 0.6, Quiet: 0.6}
	return []Workload{
		{Name: "short", What: "jobs of 11 s, two GPUs busy on average", Stretch: traces.Stretch{Load: 2, Longer: 5, Season: season}},
		{Name: "jobs", What: "jobs of 11 min without checkpoints, two GPUs busy", Stretch: traces.Stretch{Load: 2, Longer: 300, Season: season}},
		{Name: "sparse", What: "a job of half an hour each five hours, from zero nearly every time", Stretch: traces.Stretch{Load: 0.1, Longer: 900, Season: season}},
		{Name: "long", What: "jobs of an hour with checkpoints, three GPUs busy, a third with a deadline of 1.5 to 4 times their duration and half an hour", Checkpoint: saves,
			Stretch: traces.Stretch{Load: 3, Longer: 1700, Season: season, Promise: simulate.Promise{Share: 1.0 / 3, Low: 1.5, High: 4, Patience: 30 * time.Minute}}},
		{Name: "deadlines", What: "jobs of four hours with checkpoints, three GPUs busy, all with a deadline of 1.3 to 3 times their duration and half an hour", Checkpoint: saves,
			Stretch: traces.Stretch{Load: 3, Longer: 6800, Season: season, Promise: simulate.Promise{Share: 1, Low: 1.3, High: 3, Patience: 30 * time.Minute}}},
	}
}

// source of a workload's jobs, always the same ones.
func (w Workload) source(recording traces.Recording, length time.Duration) simulate.Source {
	stretch := w.Stretch
	stretch.Recording, stretch.Length, stretch.Seed = recording.Jobs, length, seed
	return &stretch
}
