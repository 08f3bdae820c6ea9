package capacity_test

import (
	"fmt"
	"testing"
	"time"

	"tandem/runtime/capacity"
)

// BenchmarkDecide is a run for 20 workers on two groups, each with a backlog
// and ten deadlines.
func BenchmarkDecide(b *testing.B) {
	observed := capacity.Observed{At: now, Groups: []capacity.GroupObserved{{Name: "a"}, {Name: "b"}}}
	policy := capacity.Policy{Workers: map[string]capacity.WorkerPolicy{}, MaximumGPUs: 500,
		Groups: map[string]capacity.GroupPolicy{"a": {GPUs: 1, SpotMaximum: 200, OnDemandMaximum: 100}, "b": {GPUs: 4, SpotMaximum: 50, OnDemandMaximum: 50}}}
	for i := range 20 {
		name := fmt.Sprintf("worker-%d", i)
		worker := capacity.WorkerObserved{Name: name, Waiting: 3 * i, Running: i, Spot: running(i, i), Duration: mean(10 * time.Minute)}
		for j := range 10 {
			worker.Deadlines = append(worker.Deadlines, capacity.Deadline{At: now.Add(time.Duration(j) * time.Hour), Remaining: time.Hour})
		}
		observed.Workers = append(observed.Workers, worker)
		policy.Workers[name] = capacity.WorkerPolicy{Group: []string{"a", "b"}[i%2], GPUs: 1, Slots: 2, Maximum: 20,
			TargetWait: 5 * time.Minute, HasSpot: true, HasOnDemand: true}
	}
	b.ReportAllocs()
	for b.Loop() {
		capacity.Decide(observed, policy)
	}
}
