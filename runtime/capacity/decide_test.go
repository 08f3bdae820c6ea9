package capacity_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/capacity"
)

var now = time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)

// fleet is one worker on one group.
type fleet struct {
	worker capacity.WorkerObserved
	group  capacity.GroupObserved
	bounds capacity.WorkerPolicy
	memory capacity.WorkerMemory
	// lives is carried from one decision to the next like the memory, but by decide only.
	lives capacity.GroupMemory
}

// decide is one decision, a time after now.
func (f *fleet) decide(after time.Duration) capacity.WorkerDecision {
	decision := f.whole(after)
	f.memory, f.lives = decision.Memory.Workers["w"], decision.Memory.Groups["g"]
	return decision.Workers[0]
}

func (f *fleet) whole(after time.Duration) capacity.Decision {
	f.worker.Name, f.group.Name = "w", "g"
	bounds := f.bounds
	bounds.Group, bounds.GPUs = "g", 1
	if bounds.Maximum == 0 {
		bounds.Maximum = 10
	}
	if !bounds.HasSpot && !bounds.HasOnDemand {
		bounds.HasSpot, bounds.HasOnDemand = true, true
	}
	return capacity.Decide(capacity.Observed{
		At: now.Add(after), Workers: []capacity.WorkerObserved{f.worker}, Groups: []capacity.GroupObserved{f.group},
		Memory: capacity.Memory{Workers: map[string]capacity.WorkerMemory{"w": f.memory}, Groups: map[string]capacity.GroupMemory{"g": f.lives}},
	}, capacity.Policy{
		Workers: map[string]capacity.WorkerPolicy{"w": bounds},
		Groups:  map[string]capacity.GroupPolicy{"g": {GPUs: 1, SpotMaximum: 20, OnDemandMaximum: 20}},
	})
}

func running(tasks, busy int) capacity.Tasks {
	return capacity.Tasks{Desired: tasks, Running: tasks, Busy: busy}
}

func TestTasksFollowJobs(t *testing.T) {
	type worker = capacity.WorkerObserved
	type bounds = capacity.WorkerPolicy
	tests := map[string]struct {
		worker   worker
		bounds   bounds
		spot, od int
	}{
		"nothing to do":                       {worker{}, bounds{Slots: 4}, 0, 0},
		"one job wakes one task":              {worker{Waiting: 1}, bounds{Slots: 4, TargetBacklog: 100}, 1, 0},
		"a backlog of one a slot":             {worker{Waiting: 9}, bounds{Slots: 4}, 3, 0},
		"a larger backlog takes fewer tasks":  {worker{Waiting: 9}, bounds{Slots: 1, TargetBacklog: 3}, 3, 0},
		"more tasks than jobs are useless":    {worker{Waiting: 2}, bounds{TargetBacklog: 0.1}, 2, 0},
		"a wait of one job's length":          {worker{Waiting: 8, Duration: mean(time.Minute)}, bounds{TargetWait: time.Minute}, 8, 0},
		"a wait of four jobs' length":         {worker{Waiting: 8, Duration: mean(time.Minute)}, bounds{TargetWait: 4 * time.Minute}, 2, 0},
		"a wait that is missed already":       {worker{Waiting: 8, Oldest: time.Hour, Duration: mean(10 * time.Minute)}, bounds{TargetWait: 40 * time.Minute}, 8, 0},
		"more tasks would start too late":     {worker{Waiting: 8, Oldest: time.Hour, Duration: mean(time.Minute), ColdStart: 4 * time.Minute}, bounds{TargetWait: 40 * time.Minute}, 2, 0},
		"a target wait before any job ended":  {worker{Waiting: 3}, bounds{TargetWait: time.Hour}, 3, 0},
		"no more than the maximum":            {worker{Waiting: 1000}, bounds{}, 10, 0},
		"no less than the minimum":            {worker{}, bounds{Minimum: 2}, 2, 0},
		"the base is on-demand":               {worker{Waiting: 5}, bounds{OnDemandBase: 2}, 3, 2},
		"the base is no minimum":              {worker{Waiting: 1}, bounds{OnDemandBase: 2}, 0, 1},
		"only on-demand":                      {worker{Waiting: 2}, bounds{HasOnDemand: true}, 0, 2},
		"only spot, whatever the base":        {worker{Waiting: 2}, bounds{HasSpot: true, OnDemandBase: 1}, 2, 0},
		"busy tasks stay":                     {worker{Running: 3, Spot: running(3, 3)}, bounds{}, 3, 0},
		"busy tasks stay above the maximum":   {worker{Running: 12, Spot: running(12, 12)}, bounds{}, 12, 0},
		"busy on-demand tasks stay on-demand": {worker{Running: 1, OnDemand: running(1, 1)}, bounds{}, 0, 1},
		"a window of the schedule is open":    {worker{}, bounds{Schedule: []capacity.Window{{From: 9 * time.Hour, To: 18 * time.Hour, Minimum: 2}}}, 2, 0},
		"a window is not open on other days": {worker{}, bounds{Schedule: []capacity.Window{
			{Days: []time.Weekday{time.Saturday}, From: 9 * time.Hour, To: 18 * time.Hour, Minimum: 2}}}, 0, 0},
		"a window past midnight belongs to its first day": {worker{}, bounds{Schedule: []capacity.Window{
			{Days: []time.Weekday{time.Monday}, From: 18 * time.Hour, To: 11 * time.Hour, Minimum: 1}}}, 1, 0},
		"a short gap keeps the load warm": {worker{Spot: running(3, 0), ArrivalRate: 1. / 60, Duration: mean(2 * time.Minute)}, bounds{}, 3, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := fleet{worker: test.worker, bounds: test.bounds}
			got := f.decide(0)
			require.Equal(t, []int{test.spot, test.od}, []int{got.Spot, got.OnDemand}, got.Reason)
			require.NotEmpty(t, got.Reason)
		})
	}
}

func mean(d time.Duration) capacity.Estimate {
	return capacity.Estimate{Mean: d, P50: d, P95: d, Count: 10}
}

func TestIdleTasksStayForTheirTimeAndShrinkToThePeak(t *testing.T) {
	f := fleet{worker: capacity.WorkerObserved{Spot: running(5, 0)}, bounds: capacity.WorkerPolicy{IdleFor: 10 * time.Minute}}
	require.Equal(t, 5, f.decide(0).Spot)
	f.worker.Waiting = 2
	require.Equal(t, 5, f.decide(5*time.Minute).Spot)
	f.worker.Waiting = 0
	require.Equal(t, 5, f.decide(9*time.Minute).Spot)
	require.Equal(t, 2, f.decide(10*time.Minute).Spot, "two were needed meanwhile")
	f.worker.Spot = running(2, 0)
	require.Equal(t, 2, f.decide(11*time.Minute).Spot)
	require.Equal(t, 0, f.decide(20*time.Minute).Spot)
}

func TestTasksThatHaveNotComeAreGivenUpAtOnce(t *testing.T) {
	f := fleet{worker: capacity.WorkerObserved{Spot: capacity.Tasks{Desired: 4, Pending: 4}}}
	require.Equal(t, 0, f.decide(0).Spot, "the jobs were cancelled")
}

func TestOnDemandStandsInForSpotThatDoesNotCome(t *testing.T) {
	f := fleet{worker: capacity.WorkerObserved{Waiting: 3}, bounds: capacity.WorkerPolicy{FallbackAfter: 10 * time.Minute}}
	got := f.whole(0)
	require.Equal(t, capacity.GroupDecision{Name: "g", Spot: 3}, got.Groups[0])
	f.memory = got.Memory.Workers["w"]
	f.worker.Spot = capacity.Tasks{Desired: 3, Pending: 3}
	f.group.Spot = capacity.Instances{Desired: 3}
	require.False(t, f.decide(time.Minute).Fallback, "spot has its time")
	require.Equal(t, now.Add(11*time.Minute), f.whole(2*time.Minute).LookAgain)

	got = f.whole(11 * time.Minute)
	f.memory = got.Memory.Workers["w"]
	require.True(t, got.Workers[0].Fallback)
	require.Equal(t, 3, got.Workers[0].OnDemand)
	require.Equal(t, 3, got.Workers[0].Spot, "spot goes on being asked for")

	f.worker.OnDemand, f.worker.Running, f.worker.Waiting = running(3, 3), 3, 0
	require.Equal(t, 3, f.decide(20*time.Minute).OnDemand)

	f.worker.Spot, f.worker.Waiting = running(3, 0), 3
	f.group.Spot.InService = 3
	require.True(t, f.decide(30*time.Minute).Fallback, "spot has to prove itself")
	f.worker.OnDemand, f.worker.Running, f.worker.Waiting, f.worker.Spot = running(3, 0), 3, 0, running(3, 3)
	require.Equal(t, 3, f.decide(31*time.Minute).OnDemand)
	require.Equal(t, 3, f.decide(35*time.Minute).OnDemand)
	back := f.decide(36 * time.Minute)
	require.False(t, back.Fallback)
	require.Equal(t, []int{3, 0}, []int{back.Spot, back.OnDemand})
}

func TestAColdStartIsNoDryMarket(t *testing.T) {
	f := fleet{worker: capacity.WorkerObserved{Waiting: 2, Spot: capacity.Tasks{Desired: 2, Pending: 2}},
		group: capacity.GroupObserved{Spot: capacity.Instances{Desired: 2, InService: 1, Pending: 1}}, bounds: capacity.WorkerPolicy{FallbackAfter: time.Minute}}
	f.decide(0)
	require.False(t, f.decide(time.Hour).Fallback, "the instances are there: what takes long is the image")
}

func TestAFallbackAtTheMaximumStillAsksForSpot(t *testing.T) {
	f := fleet{worker: capacity.WorkerObserved{Waiting: 50, Spot: capacity.Tasks{Desired: 4}},
		memory: capacity.WorkerMemory{Fallback: true, SpotMissingSince: now.Add(-time.Hour)}, bounds: capacity.WorkerPolicy{Maximum: 4}}
	got := f.decide(0)
	require.Equal(t, []int{1, 3}, []int{got.Spot, got.OnDemand}, got.Reason)
}

func TestAStormOfInterruptionsFallsBackAtOnce(t *testing.T) {
	interrupted := capacity.Trouble{Kind: capacity.Interruption, Spot: true, At: now.Add(-time.Minute), Zone: "us-east-1a", Type: "g5.xlarge"}
	f := fleet{worker: capacity.WorkerObserved{Waiting: 4, Spot: running(2, 2), Running: 2}}
	f.group.Trouble = []capacity.Trouble{interrupted, interrupted}
	f.group.Spot = capacity.Instances{Desired: 4, InService: 2}
	got := f.whole(0)
	require.True(t, got.Workers[0].Fallback)
	require.Equal(t, 2, got.Workers[0].OnDemand)
	require.Equal(t, []string{"us-east-1a", "g5.xlarge"}, []string{got.Avoid[0].Zone, got.Avoid[1].Type})
	require.Equal(t, now.Add(19*time.Minute), got.Avoid[0].Until)
}

func TestDeadlinesMoveToOnDemandInTime(t *testing.T) {
	deadline := func(left, remaining time.Duration) []capacity.Deadline {
		return []capacity.Deadline{{At: now.Add(left), Remaining: remaining}}
	}
	tests := map[string]struct {
		worker   capacity.WorkerObserved
		spot, od int
	}{
		"with slack spot may try":                      {capacity.WorkerObserved{Waiting: 1, Deadlines: deadline(3*time.Hour, time.Hour)}, 1, 0},
		"without slack only on-demand is sure":         {capacity.WorkerObserved{Waiting: 1, Deadlines: deadline(66*time.Minute, time.Hour)}, 0, 1},
		"a deadline that cannot be met costs no more":  {capacity.WorkerObserved{Waiting: 1, Deadlines: deadline(50*time.Minute, time.Hour)}, 1, 0},
		"an unknown rest is taken from earlier jobs":   {capacity.WorkerObserved{Waiting: 1, Deadlines: deadline(66*time.Minute, 0), Duration: mean(time.Hour)}, 0, 1},
		"running on spot without slack gets a standby": {capacity.WorkerObserved{Running: 1, Spot: running(1, 1), Deadlines: []capacity.Deadline{{At: now.Add(33 * time.Minute), Remaining: 30 * time.Minute, Running: true}}}, 1, 1},
		"running on-demand needs none":                 {capacity.WorkerObserved{Running: 1, OnDemand: running(1, 1), Deadlines: []capacity.Deadline{{At: now.Add(33 * time.Minute), Remaining: 30 * time.Minute, Running: true, OnDemand: true}}}, 0, 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := fleet{worker: test.worker}
			got := f.decide(0)
			require.Equal(t, []int{test.spot, test.od}, []int{got.Spot, got.OnDemand}, got.Reason)
		})
	}
}

func TestGroupsAndGPUsLimitWhatIsAskedFor(t *testing.T) {
	observed := capacity.Observed{At: now, Workers: []capacity.WorkerObserved{{Name: "large", Waiting: 50}, {Name: "small", Waiting: 2}},
		Groups: []capacity.GroupObserved{{Name: "g", Spot: capacity.Instances{Impaired: 1}}}}
	worker := capacity.WorkerPolicy{Group: "g", GPUs: 1, Maximum: 50, HasSpot: true}
	policy := capacity.Policy{Workers: map[string]capacity.WorkerPolicy{"large": worker, "small": worker},
		Groups: map[string]capacity.GroupPolicy{"g": {GPUs: 4, SpotMaximum: 4}}}
	got := capacity.Decide(observed, policy)
	require.Equal(t, []int{12, 2}, []int{got.Workers[0].Spot, got.Workers[1].Spot}, "the greedy one gives")
	require.Equal(t, "group g has at most 4 spot instances", got.Workers[0].Limited)
	require.Equal(t, 4, got.Groups[0].Spot)

	policy.MaximumGPUs = 8
	got = capacity.Decide(observed, policy)
	require.Equal(t, []int{6, 2}, []int{got.Workers[0].Spot, got.Workers[1].Spot})
	require.Equal(t, "the environment has at most 8 GPUs", got.Workers[0].Limited)
	require.Equal(t, 4, got.Groups[0].Spot, "two for large, one for small, one because one is sick")
}

func TestAWorkerThatThePolicyDoesNotKnowStaysAsItIs(t *testing.T) {
	got := capacity.Decide(capacity.Observed{Workers: []capacity.WorkerObserved{{Name: "gone", Spot: running(2, 0)}}}, capacity.Policy{})
	require.Equal(t, 2, got.Workers[0].Spot)
}
