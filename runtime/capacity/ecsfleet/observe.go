package ecsfleet

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"tandem/runtime/capacity"
	"tandem/runtime/fleetreport"
	"tandem/runtime/fleetstate"
	"tandem/runtime/jobs"
)

// seen is everything that one run has looked at.
type seen struct {
	trigger  Trigger
	snapshot fleetstate.Snapshot
	observed capacity.Observed
	services map[string]service
	groups   map[string]group
	// missing is what the fleet should have and nobody knows of. It is left alone,
	// and the run fails once the rest is done.
	missing []error
	// fresh is the kind of trouble that this run was told of; empty for none.
	fresh capacity.TroubleKind
}

// observe reads everything at once: what a first job waits for is the slowest
// of the calls, not their sum.
func (c *Controller) observe(ctx context.Context, trigger Trigger) (*seen, error) {
	s := &seen{trigger: trigger}
	var depths map[jobs.Lane]jobs.Depth
	err := together(
		func() (err error) { s.snapshot, err = c.options.State.Load(ctx); return err },
		func() (err error) { s.services, err = c.describeServices(ctx); return err },
		func() (err error) { s.groups, err = c.describeGroups(ctx); return err },
		func() (err error) { depths, err = c.depths(ctx); return err },
	)
	if err != nil {
		return nil, err
	}
	now := c.options.Now().UTC()
	s.observed = capacity.Observed{At: now, Memory: s.snapshot.State.Memory}
	s.learnTrouble(c.options.Fleet, now)
	for _, name := range slices.Sorted(maps.Keys(c.options.Fleet.Workers)) {
		worker, err := c.worker(s, name, depths)
		if err != nil {
			s.missing = append(s.missing, err)
			continue
		}
		s.observed.Workers = append(s.observed.Workers, worker)
	}
	for _, name := range slices.Sorted(maps.Keys(c.options.Fleet.Groups)) {
		names := c.options.Fleet.Groups[name]
		observed := capacity.GroupObserved{Name: name, Trouble: s.snapshot.State.Trouble[name]}
		observed.Spot, err = s.instances(names.Spot)
		s.miss(err)
		observed.OnDemand, err = s.instances(names.OnDemand)
		s.miss(err)
		s.observed.Groups = append(s.observed.Groups, observed)
	}
	return s, nil
}

func (s *seen) miss(err error) {
	if err != nil {
		s.missing = append(s.missing, err)
	}
}

// together runs functions at once and joins their errors.
func together(functions ...func() error) error {
	errs := make([]error, len(functions))
	var group sync.WaitGroup
	for i, function := range functions {
		group.Go(func() { errs[i] = function() })
	}
	group.Wait()
	return errors.Join(errs...)
}

// depthsAtOnce bounds how many queues are asked at a time.
const depthsAtOnce = 32

// depths asks each queue. One that no longer exists is not in the answer.
func (c *Controller) depths(ctx context.Context) (map[jobs.Lane]jobs.Depth, error) {
	var mutex sync.Mutex
	depths := make(map[jobs.Lane]jobs.Depth, len(c.options.Lanes))
	slots := make(chan struct{}, depthsAtOnce)
	asks := make([]func() error, 0, len(c.options.Lanes))
	for _, lane := range c.options.Lanes {
		asks = append(asks, func() error {
			slots <- struct{}{}
			defer func() { <-slots }()
			depth, err := c.options.Depths.Depth(ctx, lane)
			switch {
			case errors.Is(err, jobs.ErrNoQueue):
				return nil
			case err != nil:
				return fmt.Errorf("observing worker %s: %w", lane.Worker, err)
			}
			mutex.Lock()
			defer mutex.Unlock()
			depths[lane] = depth
			return nil
		})
	}
	return depths, together(asks...)
}

// wakeCounts is how long a wake stands for a message that the queue does not
// count yet: SQS's numbers are of one server or another, and settle within a minute
// (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html, 2026-11-24).
const wakeCounts = 2 * time.Minute

func (c *Controller) worker(s *seen, name string, depths map[jobs.Lane]jobs.Depth) (capacity.WorkerObserved, error) {
	fleet, now := c.options.Fleet.Workers[name], s.observed.At
	worker := capacity.WorkerObserved{Name: name}
	spot, onDemand, err := s.pair(fleet.Spot, fleet.OnDemand)
	if err != nil {
		return worker, fmt.Errorf("worker %s: %w", name, err)
	}
	delayed := 0
	for _, lane := range c.options.Lanes {
		if lane.Worker != name {
			continue
		}
		depth, found := depths[lane]
		if !found {
			return worker, fmt.Errorf("worker %s: the queue of %s does not exist; deploy the Workers stack again", name, lane)
		}
		worker.Waiting += depth.Visible + depth.Delayed
		worker.Running += depth.InFlight
		delayed += depth.Delayed
	}
	// A job that runs for longer than a message can be hidden has a delayed one in
	// its place, which is no job that waits.
	if s.snapshot.Jobs.Fresh(now) {
		hidden := min(delayed, max(0, s.snapshot.Jobs.Workers[name].Running-worker.Running))
		worker.Waiting, worker.Running = worker.Waiting-hidden, worker.Running+hidden
	}
	learned := s.snapshot.State.Workers[name]
	if s.trigger.Source == Wake && s.trigger.Worker == name {
		learned.Woken = now
		s.remember(name, learned)
	}
	if worker.Waiting+worker.Running == 0 && now.Sub(learned.Woken) < wakeCounts {
		worker.Waiting = 1
	}
	s.countBusy(&worker, spot, onDemand, fleet.Spot, fleet.OnDemand)
	worker.Duration = estimate(s.snapshot.Durations[name])
	s.addJobs(&worker, fleet.OnDemand)
	worker.ColdStart = seconds(learned.ColdStart)
	worker.ArrivalRate = learned.Rate
	return worker, nil
}

// estimate is what capacity.Decide wants to know of a worker's jobs.
func estimate(h fleetreport.Histogram) capacity.Estimate {
	if h.Count <= 0 {
		return capacity.Estimate{}
	}
	return capacity.Estimate{Mean: h.Mean(), P50: h.Quantile(0.5), P95: h.Quantile(0.95), Count: h.Count}
}

// countBusy says which tasks are busy. Jobs in flight are known now, whose they
// are as of the sweeper's last round: a job that has started since could be
// anywhere, and counts everywhere. ECS's own protection is exact; this only
// keeps counts from being set that ECS would not heed.
func (s *seen) countBusy(worker *capacity.WorkerObserved, spot, onDemand service, spotName, onDemandName string) {
	counted, fresh := s.snapshot.Jobs.Workers[worker.Name], s.snapshot.Jobs.Fresh(s.observed.At)
	old := spot.old + onDemand.old
	if !fresh {
		// Tasks of an old revision stay only because they are busy.
		worker.Running = max(0, worker.Running-old)
		counted = fleetstate.WorkerJobs{}
	} else if old > 0 {
		worker.Running = max(0, worker.Running-counted.Running+counted.Revisions[spot.revision])
	}
	unknown := counted.Tasks[""] + max(0, worker.Running-counted.Running)
	busy := func(tasks capacity.Tasks, name string) capacity.Tasks {
		if name != "" {
			tasks.Busy = min(tasks.Running, worker.Running, counted.Tasks[fleetreport.Mark(name)]+unknown)
		}
		return tasks
	}
	worker.Spot, worker.OnDemand = busy(spot.tasks, spotName), busy(onDemand.tasks, onDemandName)
}

// addJobs adds what the sweeper saw of single jobs.
func (s *seen) addJobs(worker *capacity.WorkerObserved, onDemandName string) {
	if !s.snapshot.Jobs.Fresh(s.observed.At) {
		return
	}
	now, jobs := s.observed.At, s.snapshot.Jobs.Workers[worker.Name]
	if !jobs.Oldest.IsZero() && worker.Waiting > 0 {
		worker.Oldest = now.Sub(jobs.Oldest)
	}
	typical := worker.Duration.P95
	for _, deadline := range jobs.Deadlines {
		found := capacity.Deadline{At: deadline.At, Running: !deadline.Started.IsZero(),
			OnDemand: deadline.Service != "" && deadline.Service == fleetreport.Mark(onDemandName)}
		if found.Running {
			found.Remaining = remaining(now.Sub(deadline.Started), deadline.Percent, typical)
		}
		worker.Deadlines = append(worker.Deadlines, found)
	}
}

// remaining is how long an attempt still runs: by its own word where it tells
// its progress, else by how long such jobs take. One that has outlasted those
// takes a tenth more than it has run.
func remaining(ran time.Duration, percent float64, typical time.Duration) time.Duration {
	if percent > 0 {
		return time.Duration(float64(ran) * (100 - percent) / percent)
	}
	return max(typical-ran, ran/10)
}

// remember keeps what is learned of a worker for the next run.
func (s *seen) remember(name string, learned fleetstate.Worker) {
	workers := maps.Clone(s.snapshot.State.Workers)
	if workers == nil {
		workers = map[string]fleetstate.Worker{}
	}
	workers[name] = learned
	s.snapshot.State.Workers = workers
}
