package simulate

import (
	"slices"
	"time"

	"tandem/runtime/capacity"
)

const (
	// keepTrouble and mostTrouble are what the production controller keeps.
	keepTrouble = time.Hour
	mostTrouble = 50
	// mostDeadlines that the production controller is told, the nearest.
	mostDeadlines = 200
)

func (e *engine) clock(at int64) time.Time { return e.Start.Add(time.Duration(at)) }

// look has the policy decide, and acts on it.
func (e *engine) look() {
	e.lookAt = never
	if e.now >= e.minute {
		e.minute = e.now + int64(e.Every)
	}
	e.sweep()
	e.summary.Looks++
	e.observe()
	target := e.policy.Decide(&e.view)
	onDemands := min(max(target.OnDemand, 0), e.Maximum)
	spots := min(max(target.Spot, 0), e.Maximum-onDemands)
	asked := spots+onDemands > 0
	e.resize(onDemand, onDemands)
	e.resize(spot, spots)
	e.learned.decided(e.running(), asked, e.now)
	if !target.LookAgain.IsZero() {
		if at := int64(target.LookAgain.Sub(e.Start)); at > e.now {
			e.lookAt = min(e.lookAt, at)
		}
	}
	if e.Watch != nil {
		e.Watch(Look{At: time.Duration(e.now), Waiting: e.waiting, Running: e.runningJobs,
			Spot: e.fleet[spot].ready, OnDemand: e.fleet[onDemand].ready, Target: target})
	}
}

// running tells whether any task runs.
func (e *engine) running() bool { return e.fleet[spot].ready+e.fleet[onDemand].ready > 0 }

// observe fills the view.
func (e *engine) observe() {
	if e.view.Workers == nil {
		e.view.Workers = make([]capacity.WorkerObserved, 1)
		e.view.Groups = make([]capacity.GroupObserved, 1)
	}
	e.learned.look(e.running(), e.now)
	e.view.At = e.clock(e.now)
	e.view.Arrived = e.summary.Arrived
	worker, group := &e.view.Workers[0], &e.view.Groups[0]
	*worker = capacity.WorkerObserved{
		Name: Worker, Waiting: e.waiting, Running: e.runningJobs, Oldest: time.Duration(e.oldest()),
		Deadlines: e.observeDeadlines(), Duration: e.learned.estimate(), ArrivalRate: e.learned.rate,
		ColdStart: time.Duration(e.learned.coldStart), Spot: e.fleet[spot].tasks(), OnDemand: e.fleet[onDemand].tasks(),
	}
	old := e.view.At.Add(-keepTrouble)
	fresh := 0
	for fresh < len(e.trouble) && !e.trouble[fresh].At.After(old) {
		fresh++
	}
	e.trouble = slices.Delete(e.trouble, 0, fresh)
	*group = capacity.GroupObserved{Name: Worker, Spot: e.fleet[spot].observe(), OnDemand: e.fleet[onDemand].observe(), Trouble: e.trouble}
}

func (f *fleet) tasks() capacity.Tasks {
	return capacity.Tasks{Desired: f.desired, Pending: max(0, f.desired-f.ready), Running: f.ready, Busy: f.busy}
}

func (f *fleet) observe() capacity.Instances {
	return capacity.Instances{Desired: f.desired + f.draining, InService: f.ready + f.draining, Pending: f.starting, Draining: f.draining}
}

// observeDeadlines lists the nearest, with what is left of each by its progress
// where it runs, and by what is usual where it waits.
func (e *engine) observeDeadlines() []capacity.Deadline {
	jobs := e.view.Dated[:0]
	for _, number := range e.dated {
		j := &e.jobs[number]
		d := Dated{Arrived: e.clock(j.at), Deadline: e.clock(j.deadline), Duration: time.Duration(j.duration), Remaining: time.Duration(j.remaining)}
		if j.slot >= 0 {
			r := &e.runs[j.slot]
			_, done := e.progress(j, e.now-r.started)
			d.Running, d.OnDemand = true, e.instances[j.slot/int32(e.Slots)].kind == onDemand
			d.Remaining -= time.Duration(done)
		}
		jobs = append(jobs, d)
	}
	slices.SortStableFunc(jobs, func(a, b Dated) int { return a.Deadline.Compare(b.Deadline) })
	jobs = jobs[:min(len(jobs), mostDeadlines)]
	e.view.Dated, e.deadlines = jobs, e.deadlines[:0]
	for _, job := range jobs {
		d := capacity.Deadline{At: job.Deadline, Running: job.Running, OnDemand: job.OnDemand}
		// What a job takes that has never run is not known but by the others.
		if job.Running || job.Remaining < job.Duration {
			d.Remaining = job.Remaining
		}
		e.deadlines = append(e.deadlines, d)
	}
	return e.deadlines
}

func (e *engine) remember(what capacity.TroubleKind, reason string) {
	if len(e.trouble) == mostTrouble {
		e.trouble = slices.Delete(e.trouble, 0, 1)
	}
	e.trouble = append(e.trouble, capacity.Trouble{Kind: what, At: e.clock(e.now), Spot: true, Reason: reason})
}
