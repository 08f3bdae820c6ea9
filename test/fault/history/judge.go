package history

import (
	"fmt"
	"maps"
	"slices"

	"github.com/anishathalye/porcupine"

	"tandem/test/fault/table"
)

// Limits are the numbers that a run was made with.
type Limits struct {
	// MaxAttempts and MaxInterruptions of the workers.
	MaxAttempts, MaxInterruptions int
}

// Answered is the outcome of an invocation that came to a result.
const Answered = "answered"

// Figures say how much was judged: a history in which nothing happened proves nothing.
type Figures struct {
	Jobs, Writes, Refused, Claims, TakenOver, Commits, Renewals int
	Invocations, Repeated, Steps, StepsKept, Redelivered        int
	// Waited are jobs that a dead worker held. Excuses count those of them that
	// waited longer than they should, by why that is nobody's fault.
	Waited      int
	LongestWait float64
	Excuses     map[string]int
	// States that jobs ended in.
	States map[string]int
}

// Judge looks at everything again once all is over, with what callers read.
func (m *Monitor) Judge(finals []Final, limits Limits) Figures {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	figures := Figures{States: map[string]int{}, Excuses: map[string]int{}}
	read := map[string]Final{}
	for _, f := range finals {
		read[f.ID] = f
		figures.States[f.State]++
	}
	for id := range m.accepted {
		if _, found := read[id]; !found {
			m.violated("job %s was accepted, and cannot be read at the end", id)
		}
		m.job(id)
	}
	for _, id := range slices.Sorted(maps.Keys(m.jobs)) {
		j := m.jobs[id]
		m.judge(id, j, read[id], limits)
		figures.count(j)
	}
	m.judgeEnds()
	m.judgeWaits(&figures)
	for _, all := range m.deliveries {
		figures.Redelivered += len(all) - 1
	}
	return figures
}

func (m *Monitor) judge(id string, j *job, final Final, limits Limits) {
	last, exists := j.last()
	switch {
	case !exists && final.ID == "":
		return // what was seen of it was no job of ours
	case !exists:
		m.violated("job %s can be read, and was never seen to be written", id)
		return
	case !last.Terminal():
		m.violated("job %s is not over: it is %s at fence %d", id, last.State, last.Fence)
	case final.ID != "" && final.State != last.State:
		m.violated("job %s is read as %s, and was written as %s", id, final.State, last.State)
	}
	if a, was := m.accepted[id]; was && !slices.Contains(a.May, final.State) && !(final.State == "failed" && excused(a, last, limits)) {
		m.violated("job %s ended %s (%s, %d attempts); it may end as %v", id, final.State, final.Code, last.Attempts, a.May)
	}
	if result := linearizable(j.writes); result != porcupine.Ok {
		m.violated("the history of job %s is not linearizable (%s): %s", id, result, describe(j.writes))
	}
	m.judgeLeases(id, j)
	for fence, i := range j.invocations {
		if !slices.ContainsFunc(j.writes, func(w Write) bool {
			return w.Applied && w.Told && w.Item.State == "running" && w.Item.Fence == fence && w.By == worker(i.Container)
		}) {
			m.violated("%s ran job %s at fence %d, which its worker had not claimed", i.Container, id, fence)
		}
	}
	if final.State == "succeeded" {
		m.judgeResult(id, j, final)
	}
}

// excused tells whether a job may have failed through faults of its containers:
// each of them cost it an attempt.
func excused(a Accepted, last table.Item, limits Limits) bool {
	switch last.FailureCode {
	case "container_lost", "container_unhealthy", "timeout":
		return last.Attempts >= int64(limits.MaxAttempts)
	case "container_failed":
		return a.Fails && last.Attempts >= int64(limits.MaxAttempts)
	case "too_many_interruptions":
		return last.Interruptions > int64(limits.MaxInterruptions)
	default:
		return false
	}
}

// judgeResult tells whether the result is the winning fence's.
func (m *Monitor) judgeResult(id string, j *job, final Final) {
	if j.committed != final.Fence {
		m.violated("job %s was committed at fence %d, and its result is of fence %d", id, j.committed, final.Fence)
	}
	i, ran := j.invocations[j.committed]
	switch {
	case !ran || i.Outcome != Answered:
		m.violated("job %s was committed at fence %d, at which no container answered", id, j.committed)
	case i.Answer != final.Answer:
		m.violated("job %s has the result %s; its container answered %s at fence %d", id, final.Answer, i.Answer, j.committed)
	}
	for key, value := range final.Steps {
		if stored := j.steps[key]; stored == nil || stored.value != value {
			m.violated("job %s has a result with another value of step %s than the stored one", id, key)
		}
	}
}

// judgeEnds holds what workers said against what was written.
func (m *Monitor) judgeEnds() {
	for _, e := range m.ends {
		if e.Outcome == "succeeded" && m.job(e.Job).committed != e.Fence {
			m.violated("%s said that it committed job %s at fence %d; fence %d did", e.Worker, e.Job, e.Fence, m.job(e.Job).committed)
		}
	}
}

func (f *Figures) count(j *job) {
	f.Jobs++
	f.Invocations += len(j.invocations)
	f.Steps += len(j.steps)
	f.Repeated += max(0, len(j.invocations)-1)
	for _, w := range j.writes {
		f.Writes++
		switch {
		case w.Refused:
			f.Refused++
		case w.Applied && w.Kind == table.Claim:
			f.Claims++
		case w.Applied && w.Kind == table.Replace && w.Item.State == "running":
			f.TakenOver++
		case w.Applied && w.Kind == table.Commit:
			f.Commits++
		case w.Applied && w.Kind == table.Renew:
			f.Renewals++
		}
	}
	for _, s := range j.steps {
		f.StepsKept += s.kept
	}
}

// describe lists writes for people.
func describe(writes []Write) string {
	text := ""
	for _, w := range writes {
		text += fmt.Sprintf("\n  %s %s %s fence %d: applied %t refused %t -> %s fence %d revision %d", w.Called.Format("05.000"), w.By, w.Kind,
			w.Fence, w.Applied, w.Refused, w.Item.State, w.Item.Fence, w.Item.Revision)
	}
	return text
}
