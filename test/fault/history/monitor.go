package history

import (
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"tandem/test/fault/table"
)

// Monitor takes everything that happens. It is safe for concurrent use.
type Monitor struct {
	// Alarm is called with each violation, once. Required.
	Alarm func(violation string)

	mutex      sync.Mutex
	violations map[string]bool
	jobs       map[string]*job
	accepted   map[string]Accepted
	ends       []End
	deaths     []Death
	deliveries map[string][]Delivery
	spans      []Span
	disturbed  map[string][]time.Time
}

// job is what is known of one.
type job struct {
	writes      []Write
	invocations map[int64]Invocation
	steps       map[string]*step
	checkpoints []CheckpointEvent
	// over is the revision with which the job ended, or zero.
	over      int64
	committed int64
}

type step struct {
	value string
	// stored is the earliest time at which somebody knew that it is.
	stored time.Time
	// missed is the latest time at which somebody asked for it in vain.
	missed time.Time
	// fence at which it was stored, and how often a later attempt was given it.
	fence int64
	kept  int
}

// New makes a Monitor.
func New(alarm func(string)) *Monitor {
	return &Monitor{Alarm: alarm, violations: map[string]bool{}, jobs: map[string]*job{}, accepted: map[string]Accepted{},
		deliveries: map[string][]Delivery{}, disturbed: map[string][]time.Time{}}
}

func (m *Monitor) job(id string) *job {
	if m.jobs[id] == nil {
		m.jobs[id] = &job{invocations: map[int64]Invocation{}, steps: map[string]*step{}}
	}
	return m.jobs[id]
}

// violated tells a violation; the lock is held.
func (m *Monitor) violated(format string, values ...any) {
	text := fmt.Sprintf(format, values...)
	if !m.violations[text] {
		m.violations[text] = true
		m.Alarm(text)
	}
}

// Violations returns what was violated so far.
func (m *Monitor) Violations() []string {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	var all []string
	for text := range m.violations {
		all = append(all, text)
	}
	slices.Sort(all)
	return all
}

// Violated adds a violation that others have found.
func (m *Monitor) Violated(format string, values ...any) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.violated(format, values...)
}

// Wrote takes a call that reached the table.
func (m *Monitor) Wrote(w Write) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if w.Kind == table.Unknown {
		m.violated("%s wrote to job %s in a way that the harness does not know", w.By, w.Job)
		return
	}
	j := m.job(w.Job)
	j.writes = append(j.writes, w)
	if !w.Applied {
		return
	}
	if w.Kind == table.Commit {
		if j.committed != 0 {
			m.violated("job %s was committed twice, at fences %d and %d", w.Job, j.committed, w.Fence)
		}
		j.committed = w.Fence
	}
	if w.Told && w.Item.Terminal() && (j.over == 0 || w.Item.Revision < j.over) {
		j.over = w.Item.Revision
	}
	for _, earlier := range j.writes {
		if j.over != 0 && earlier.Applied && earlier.Told && earlier.Item.Revision > j.over {
			m.violated("job %s was over at revision %d and was written again, to %s", w.Job, j.over, earlier.Item.State)
		}
	}
}

// Invoked takes a call of a container: once as it begins, and again as it ends.
func (m *Monitor) Invoked(i Invocation) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	known, again := m.job(i.Job).invocations[i.Fence]
	if again && (!known.Begun.Equal(i.Begun) || known.Container != i.Container) {
		m.violated("job %s was given to a container twice at fence %d: %s and %s", i.Job, i.Fence, known.Container, i.Container)
		return
	}
	m.job(i.Job).invocations[i.Fence] = i
}

// Step takes what a container did about a step.
func (m *Monitor) Step(e StepEvent) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	steps := m.job(e.Job).steps
	s := steps[e.Key]
	if s == nil {
		s = &step{}
		steps[e.Key] = s
	}
	switch {
	case e.Did == "missed":
		if e.Begun.After(s.missed) {
			s.missed = e.Begun
		}
	case e.Did == "stored" && s.stored.IsZero():
		s.value, s.stored, s.fence = e.Value, e.Ended, e.Fence
	case e.Did == "stored":
		if s.value != e.Value {
			m.violated("step %s of job %s has two results: %s, and %s at fence %d", e.Key, e.Job, s.value, e.Value, e.Fence)
		}
		if e.Ended.Before(s.stored) {
			s.stored = e.Ended
		}
		if e.Fence != s.fence {
			s.kept++
		}
	}
	if !s.stored.IsZero() && s.missed.After(s.stored) {
		m.violated("step %s of job %s ran again although it was stored %v before", e.Key, e.Job, s.missed.Sub(s.stored))
	}
}

// Checkpoint takes a checkpoint that was saved or loaded: whoever loads one gets
// at least what was saved before it asked.
func (m *Monitor) Checkpoint(e CheckpointEvent) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	j := m.job(e.Job)
	j.checkpoints = append(j.checkpoints, e)
	for _, saved := range j.checkpoints {
		for _, loaded := range j.checkpoints {
			if saved.Did == "saved" && loaded.Did == "loaded" && loaded.Begun.After(saved.Ended) && loaded.Count < saved.Count {
				m.violated("job %s lost a checkpoint: %d was saved at fence %d, %d was loaded at fence %d",
					e.Job, saved.Count, saved.Fence, loaded.Count, loaded.Fence)
			}
		}
	}
}

// Ended takes what a worker says in its log.
func (m *Monitor) Ended(e End) { m.locked(func() { m.ends = append(m.ends, e) }) }

// Accept takes a job that was answered with 202.
func (m *Monitor) Accept(a Accepted) { m.locked(func() { m.accepted[a.ID] = a }) }

// Died takes a kill of a worker.
func (m *Monitor) Died(d Death) { m.locked(func() { m.deaths = append(m.deaths, d) }) }

// Delivered takes a message that was received.
func (m *Monitor) Delivered(d Delivery) {
	m.locked(func() { m.deliveries[d.Job] = append(m.deliveries[d.Job], d) })
}

// Disturbed takes that a message about a job was lost or delayed on purpose.
func (m *Monitor) Disturbed(id string, at time.Time) {
	m.locked(func() { m.disturbed[id] = append(m.disturbed[id], at) })
}

// Could takes a time during which a worker could take jobs.
func (m *Monitor) Could(s Span) { m.locked(func() { m.spans = append(m.spans, s) }) }

func (m *Monitor) locked(do func()) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	do()
}

// Over counts the jobs that were accepted, and those of them that are over.
func (m *Monitor) Over() (accepted, over int) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	for id := range m.accepted {
		if m.job(id).over != 0 {
			over++
		}
	}
	return len(m.accepted), over
}

// Unfinished returns the jobs that exist and are not over, with what they are.
func (m *Monitor) Unfinished() map[string]string {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	left := map[string]string{}
	for id, j := range m.jobs {
		if last, exists := j.last(); exists && j.over == 0 {
			left[id] = last.State + " at fence " + strconv.FormatInt(last.Fence, 10)
		}
	}
	for id := range m.accepted {
		if _, exists := m.job(id).last(); !exists {
			left[id] = "never written"
		}
	}
	return left
}

// last is the job as it was written last.
func (j *job) last() (table.Item, bool) {
	var last table.Item
	for _, w := range j.writes {
		if w.Applied && w.Told && w.Item.Revision > last.Revision {
			last = w.Item
		}
	}
	return last, last.Revision > 0
}
