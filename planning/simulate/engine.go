package simulate

import (
	"context"
	"fmt"

	"tandem/runtime/capacity"
)

// batch is how many arrivals are read at once.
const batch = 512

// Outcome of a run.
type Outcome struct {
	Summary Summary
	// Waits of the jobs that succeeded or expired.
	Waits Histogram
	// Timeline of the run, where [Config].Samples asks for one.
	Timeline []Sample
}

// Run is [RunContext] for those who want the summary alone.
func Run(config Config, policy Policy, source Source) (Summary, error) {
	outcome, err := RunContext(context.Background(), config, policy, source)
	return outcome.Summary, err
}

// RunContext sends the jobs of a source through a fleet that a policy sizes,
// until all have ended or the time to drain is over. A context that ends stops
// it within a minute of the run's own time.
func RunContext(ctx context.Context, config Config, policy Policy, source Source) (Outcome, error) {
	if err := config.Validate(); err != nil {
		return Outcome{}, fmt.Errorf("simulating: %w", err)
	}
	e := &engine{Config: config.withDefaults(), policy: policy, source: source, buffer: make([]Job, batch),
		waits: newHistogram(), slowdowns: newHistogram(), lookAt: never, random: newRandom(config.Seed, 1)}
	e.spotUp, e.spotChanges = e.Spot.at(0)
	if config.Samples > 0 {
		e.timeline = newTimeline(config.Samples)
	}
	if err := e.run(ctx); err != nil {
		return Outcome{}, fmt.Errorf("simulating: %w", err)
	}
	return Outcome{Summary: e.summarise(), Waits: e.waits, Timeline: e.timeline.samples(e.now)}, nil
}

// engine is one run.
type engine struct {
	Config
	policy Policy
	source Source
	random random

	now  int64
	heap eventHeap
	// The moments that are due but not in the heap, since there is one of each.
	minute, lookAt, spotChanges int64
	spotUp                      bool

	buffer []Job
	read   int // of the buffer
	filled int
	ended  bool // the source

	jobs        []job
	unused      []int32
	queues      [priorities]ring
	waiting     int
	runningJobs int
	dated       []int32 // jobs with a deadline
	deadlines   []capacity.Deadline

	instances []instance
	gone      []int32
	runs      []run
	idle      []int32
	fleet     [kinds]fleet
	trouble   []capacity.Trouble

	learned learned
	view    View

	summary                  Summary
	waits, slowdowns         Histogram
	timeline                 *timeline
	occupied, wasted, useful float64
	lastArrival, giveUp      int64
}

// run is the loop. Ties go to arrivals last, so that a slot that is freed at
// that moment takes them.
func (e *engine) run(ctx context.Context) error {
	arrival, err := e.arrival(ctx, 0)
	if err != nil {
		return err
	}
	e.giveUp = never
	for {
		if arrival == never {
			if e.giveUp == never {
				e.giveUp = e.lastArrival + int64(e.Drain)
			}
			if e.waiting+e.runningJobs == 0 {
				return nil
			}
		}
		due := min(e.heap.next(), e.minute, e.lookAt, e.spotChanges)
		if arrival < due {
			e.pass(arrival)
			e.arrive()
			if arrival, err = e.arrival(ctx, arrival); err != nil {
				return err
			}
			continue
		}
		if due > e.giveUp {
			e.pass(e.giveUp)
			return nil
		}
		e.pass(due)
		switch due {
		case e.heap.next():
			e.happen(e.heap.pop())
		case e.spotChanges:
			e.changeSpot()
		default:
			if err := ctx.Err(); err != nil {
				return err
			}
			e.look()
		}
	}
}

// pass lets time go by until the next thing happens.
func (e *engine) pass(until int64) {
	if e.timeline != nil {
		e.timeline.pass(e, until)
	}
	e.now = until
}

// arrival is when the next job arrives.
func (e *engine) arrival(ctx context.Context, last int64) (int64, error) {
	if e.read == e.filled {
		if e.ended {
			return never, nil
		}
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		e.filled, e.read = e.source.Fill(e.buffer), 0
		e.ended = e.filled < len(e.buffer)
		if failing, ok := e.source.(interface{ Err() error }); ok && e.ended && failing.Err() != nil {
			return 0, failing.Err()
		}
		if e.filled == 0 {
			return never, nil
		}
	}
	next := &e.buffer[e.read]
	if int64(next.At) < last || next.Duration <= 0 {
		return 0, fmt.Errorf("job %d arrives at %v and takes %v: arrivals must be in order, and take time", e.summary.Arrived+1, next.At, next.Duration)
	}
	return int64(next.At), nil
}

func (e *engine) happen(due event) {
	switch due.kind {
	case slotEnds:
		if e.runs[due.who].turn == due.turn {
			e.slotEnded(due.who)
		}
		return
	case instanceReady, instanceNoticed, instanceEnds:
		if e.instances[due.who].turn != due.turn {
			return
		}
	}
	switch due.kind {
	case instanceReady:
		e.becomeReady(due.who)
	case instanceNoticed:
		e.giveNotice(due.who)
	case instanceEnds:
		e.finish(due.who)
		e.lookSoon()
	}
}

// changeSpot follows the availability of spot: when it ends, all instances are given notice.
func (e *engine) changeSpot() {
	was := e.spotUp
	e.spotUp, e.spotChanges = e.Spot.at(e.now)
	if !was || e.spotUp {
		return
	}
	members := e.fleet[spot].members
	for i := len(members) - 1; i >= 0; i-- {
		e.giveNotice(members[i])
	}
}

// lookSoon has the policy look at this moment, once all that happens at it has happened.
func (e *engine) lookSoon() { e.lookAt = min(e.lookAt, e.now) }
