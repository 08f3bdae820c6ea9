package history

import (
	"slices"
	"strings"
	"time"

	"tandem/test/fault/table"
)

const (
	// waitLimit is within what a dead worker's job is picked up by an idle one:
	// the lease, and a poll.
	waitLimit = 35 * time.Second
	// idleFor is how long a worker must have been idle for a wait to be its fault.
	idleFor = 3 * time.Second
	// settle is how long a worker must stay well after it received a message for
	// the message not to be taken for lost with it.
	settle = 5 * time.Second
)

// worker is the worker beside a container: container-3 serves worker-3.
func worker(container string) string { return strings.Replace(container, "container", "worker", 1) }

// judgeWaits looks at each job that a dead worker held: it must not have waited
// longer than waitLimit while another worker was idle.
func (m *Monitor) judgeWaits(figures *Figures) {
	for _, j := range m.jobs {
		slices.SortFunc(j.writes, func(a, b Write) int { return a.Returned.Compare(b.Returned) })
	}
	idle := m.idle()
	for id, j := range m.jobs {
		for _, death := range m.deaths {
			from, to, waited := j.waited(death)
			if !waited {
				continue
			}
			figures.Waited++
			figures.LongestWait = max(figures.LongestWait, to.Sub(from).Seconds())
			due, excuse := m.due(id, from, to)
			if to.Sub(from) > waitLimit {
				figures.Excuses[excuse]++
			}
			for _, span := range idle {
				begin, end := later(span.From, due), earlier(span.To, to)
				if span.Worker != death.Worker && end.Sub(begin) >= idleFor {
					m.violated("job %s waited %.1f s after %s had died, while %s was idle for %.1f s after it was due",
						id, to.Sub(from).Seconds(), death.Worker, span.Worker, end.Sub(begin).Seconds())
					break
				}
			}
		}
	}
}

// waited tells from when to when a job waited that the dead worker held; its
// writes are in order.
func (j *job) waited(death Death) (from, to time.Time, waited bool) {
	held, at := table.Item{}, -1
	for i, w := range j.writes {
		if w.Returned.After(death.At) {
			break
		}
		if w.Applied && w.Told && w.Item.Revision > held.Revision {
			held, at = w.Item, i
		}
	}
	if at < 0 || held.State != "running" || j.holder(held.Fence) != death.Worker {
		return time.Time{}, time.Time{}, false
	}
	for _, w := range j.writes[at+1:] {
		goesOn := w.Applied && w.Told && w.Item.Revision > held.Revision &&
			(w.Item.Terminal() || w.Item.State == "running" && w.Item.Fence > held.Fence)
		if goesOn {
			return death.At, w.Returned, w.Returned.After(death.At)
		}
	}
	return time.Time{}, time.Time{}, false
}

// holder is the worker that claimed the fence.
func (j *job) holder(fence int64) string {
	for _, w := range j.writes {
		if w.Applied && w.Told && w.Item.State == "running" && w.Item.Fence == fence && w.Kind != table.Renew {
			return w.By
		}
	}
	return ""
}

// due is when a job must have been picked up, and what excuses it if it was not.
// It starts anew where the message was lost on purpose, or with a worker that
// could not use it.
func (m *Monitor) due(id string, from, to time.Time) (time.Time, string) {
	start, excuse := from, "nobody idle"
	for _, at := range m.disturbed[id] {
		// A message that was lost earlier is missed now.
		if at.Before(to) {
			return to, "its message lost or late"
		}
	}
	for _, d := range m.deliveries[id] {
		if d.At.After(start) && d.At.Before(to) && !m.well(d.Worker, d.At.Add(-time.Second), d.At.Add(settle)) {
			start, excuse = d.At, "its message with a worker that was ill"
		}
	}
	return start.Add(waitLimit), excuse
}

// well tells whether a worker could take jobs all the time.
func (m *Monitor) well(worker string, from, to time.Time) bool {
	return slices.ContainsFunc(m.spans, func(s Span) bool {
		return s.Worker == worker && !s.From.After(from) && !s.To.Before(to)
	})
}

// idle returns when workers could take jobs and held none.
func (m *Monitor) idle() []Span {
	busy := map[string][]Span{}
	for _, j := range m.jobs {
		for i, w := range j.writes {
			if !w.Applied || !w.Told || w.Item.State != "running" || w.Kind == table.Renew {
				continue
			}
			end := time.Now()
			for _, next := range j.writes[i+1:] {
				if next.Applied && next.Told && (next.Item.State != "running" || next.Item.Fence != w.Item.Fence) {
					end = next.Returned
					break
				}
			}
			for _, death := range m.deaths {
				if death.Worker == w.By && death.At.After(w.Called) {
					end = earlier(end, death.At)
				}
			}
			busy[w.By] = append(busy[w.By], Span{Worker: w.By, From: w.Called, To: end})
		}
	}
	var idle []Span
	for _, span := range m.spans {
		idle = append(idle, without(span, busy[span.Worker])...)
	}
	return idle
}

// without returns what is left of a span.
func without(span Span, taken []Span) []Span {
	slices.SortFunc(taken, func(a, b Span) int { return a.From.Compare(b.From) })
	var left []Span
	from := span.From
	for _, t := range taken {
		if t.From.After(span.To) {
			break
		}
		if t.From.After(from) {
			left = append(left, Span{Worker: span.Worker, From: from, To: t.From})
		}
		from = later(from, t.To)
	}
	if span.To.After(from) {
		left = append(left, Span{Worker: span.Worker, From: from, To: span.To})
	}
	return left
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
