package memory

import (
	"container/heap"
	"time"
)

// hiding holds messages that may not be received yet, the soonest first.
type hiding []*message

func (h hiding) Len() int           { return len(h) }
func (h hiding) Less(i, j int) bool { return h[i].until.Before(h[j].until) }

func (h hiding) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].place, h[j].place = i, j
}

// Push implements heap.Interface.
func (h *hiding) Push(value any) {
	m := value.(*message)
	m.place = len(*h)
	*h = append(*h, m)
}

// Pop implements heap.Interface.
func (h *hiding) Pop() any {
	last := len(*h) - 1
	m := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	m.place = -1
	return m
}

// pop takes up to so many messages that may be received.
func (l *lane) pop(most int) []*message {
	var taken []*message
	for len(taken) < most && len(l.ready) > 0 {
		first := l.ready[0]
		l.ready[0] = nil
		l.ready = l.ready[1:]
		if first.deleted {
			l.gone--
			continue
		}
		taken = append(taken, first)
	}
	return taken
}

// reveal moves messages whose time has come to the ready ones.
func (l *lane) reveal(now time.Time) {
	for len(l.hidden) > 0 && !l.hidden[0].until.After(now) {
		l.ready = append(l.ready, heap.Pop(&l.hidden).(*message))
	}
}

// nextReveal is how long it takes until a hidden message comes up.
func (l *lane) nextReveal(now time.Time) time.Duration {
	if len(l.hidden) == 0 {
		return time.Hour
	}
	return max(0, l.hidden[0].until.Sub(now))
}

// arrival is closed by the next wake.
func (l *lane) arrival() <-chan struct{} {
	if l.arrived == nil {
		l.arrived = make(chan struct{})
	}
	return l.arrived
}

// wake lets waiting receivers look again.
func (l *lane) wake() {
	if l.arrived != nil {
		close(l.arrived)
		l.arrived = nil
	}
}
