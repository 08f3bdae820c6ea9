package worker

import (
	"context"
	"sync"
	"time"

	"tandem/runtime/jobs"
)

// How the intake works ahead when jobs are short.
const (
	// batch is the most that one receive brings.
	batch = 10
	// aheadFor is how long a message may be expected to wait for a slot. Above
	// it, it is better off in the queue, where an idle worker finds it.
	aheadFor = time.Second
	// aheadLimit is when a waiting message is given back all the same.
	aheadLimit = 5 * time.Second
	// maxAhead bounds the messages that wait for a slot.
	maxAhead = 2 * batch
	// probeEvery is how often a lane that is believed empty is asked, without
	// waiting, while others have a backlog.
	probeEvery = time.Second
)

// intake decides which lane may be asked for how many messages, and holds
// those that wait for a slot.
//
// While several lanes have a backlog they take turns by weight: each priority
// is served three times as often as the next one, so of thirteen jobs nine are
// of high, three of normal and one of low priority, and none starves. Lanes
// believed empty are asked once a second meanwhile. While all are, they are
// asked by long polling, all at once; what comes back beyond the free slots is
// given back at once.
//
// Where jobs take well under a second, messages are received ahead, ten at a
// time: a receive costs the same for one message as for ten.
type intake struct {
	mutex   sync.Mutex
	changed chan struct{}
	closed  bool
	// paused holds reasons not to take work.
	paused map[string]bool

	slots    int
	ahead    int
	running  int
	reserved int
	waiting  []delivery
	lanes    []*lane
	// turns is how much the lane whose turn it last was had got before it.
	turns float64
	// average duration of an attempt, once there was one.
	average time.Duration
}

// lane is a queue and what is believed of it.
type lane struct {
	jobs.Lane
	weight float64
	// served is how much the lane got, by weight; the least served is next.
	served  float64
	backlog bool
	// polling is under way for up to asked messages, for which slots are kept if
	// it is a short one.
	polling bool
	long    bool
	asked   int
	checked time.Time
}

// due says whether the lane is asked in turn: it has a backlog, or nobody knows.
func (l *lane) due() bool { return l.backlog || time.Since(l.checked) >= probeEvery }

// after is how much the lane will have got once what it was asked for is there.
func (l *lane) after() float64 {
	if l.polling && !l.long {
		return l.served + float64(l.asked)/l.weight
	}
	return l.served
}

// delivery is a received message.
type delivery struct {
	jobs.Delivery
	lane     jobs.Lane
	received time.Time
}

func newIntake(worker string, priorities []jobs.Priority, slots int) *intake {
	in := &intake{changed: make(chan struct{}), slots: slots, paused: map[string]bool{}}
	weight := 1.0
	for range priorities {
		weight *= 3
	}
	for _, priority := range priorities {
		weight /= 3
		in.lanes = append(in.lanes, &lane{Lane: jobs.Lane{Worker: worker, Priority: priority}, weight: weight})
	}
	return in
}

// change runs under the lock and wakes whoever waits.
func (in *intake) change(do func()) {
	in.mutex.Lock()
	defer in.mutex.Unlock()
	do()
	close(in.changed)
	in.changed = make(chan struct{})
}

// reserve waits until the lane may be asked, and returns for how many
// messages, and whether to wait for the first. False once the intake is closed.
func (in *intake) reserve(ctx context.Context, lane *lane) (most int, long, ok bool) {
	for {
		in.mutex.Lock()
		if in.closed {
			in.mutex.Unlock()
			return 0, false, false
		}
		if most = in.grant(lane); most > 0 {
			lane.polling, lane.asked, lane.long = true, most, !in.backlog()
			if !lane.long {
				in.reserved += most
			}
			if lane.backlog {
				in.turns = max(in.turns, lane.served)
			}
			in.mutex.Unlock()
			return most, lane.long, true
		}
		changed := in.changed
		in.mutex.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return 0, false, false
		}
	}
}

func (in *intake) inHand() int { return in.running + len(in.waiting) + in.reserved }

func (in *intake) grant(lane *lane) int {
	want := in.slots + in.ahead - in.inHand()
	if len(in.paused) > 0 || want <= 0 {
		return 0
	}
	// Receiving ahead only pays in whole batches.
	if len(in.waiting) > 0 && want < batch {
		return 0
	}
	if !in.backlog() {
		if in.slots-in.inHand() <= 0 {
			return 0
		}
		return min(want, batch)
	}
	if !lane.due() || in.turn() != lane {
		return 0
	}
	return min(want, batch)
}

// backlog says whether any lane has one.
func (in *intake) backlog() bool {
	for _, lane := range in.lanes {
		if lane.backlog {
			return true
		}
	}
	return false
}

// turn is the lane that comes next: one of which nobody knows whether it has a
// backlog, then the least served of those that have. While that one is being
// asked already, it is nobody's turn.
func (in *intake) turn() (next *lane) {
	for _, lane := range in.lanes {
		switch {
		case !lane.backlog && lane.due() && !lane.polling:
			return lane
		case lane.backlog && (next == nil || lane.after() < next.after()):
			next = lane
		}
	}
	return next
}

// arrived takes what a lane answered and returns what there is no room for.
// The lane will not be asked again for so long.
func (in *intake) arrived(lane *lane, messages []delivery, pause time.Duration) (excess []delivery) {
	in.change(func() {
		lane.polling, lane.checked = false, time.Now().Add(pause)
		if !lane.long {
			in.reserved -= lane.asked
		}
		in.believe(lane, 2*len(messages) >= lane.asked && len(messages) > 0)
		lane.served += float64(len(messages)) / lane.weight
		room := max(0, in.slots+in.ahead-in.inHand())
		if in.closed || len(in.paused) > 0 {
			room = 0
		}
		taken := min(room, len(messages))
		in.waiting = append(in.waiting, messages[:taken]...)
		excess = messages[taken:]
		lane.served -= float64(len(excess)) / lane.weight
	})
	return excess
}

// believe notes whether the lane has more. One that has been empty does not
// save up turns meanwhile.
func (in *intake) believe(lane *lane, backlog bool) {
	if backlog && !lane.backlog {
		lane.served = max(lane.served, in.turns)
	}
	lane.backlog = backlog
}

// next returns a message for a free slot, if there are both.
func (in *intake) next() (next delivery, ok bool) {
	in.mutex.Lock()
	defer in.mutex.Unlock()
	if len(in.waiting) == 0 || in.running >= in.slots {
		return delivery{}, false
	}
	next, in.waiting = in.waiting[0], in.waiting[1:]
	in.running++
	return next, true
}

// finished gives a slot back. The duration is zero for a message that came to
// no attempt.
func (in *intake) finished(duration time.Duration) {
	in.change(func() {
		in.running--
		if duration <= 0 {
			return
		}
		if in.average == 0 {
			in.average = duration
		}
		in.average += (duration - in.average) / 5
		in.ahead = min(maxAhead, int(aheadFor*time.Duration(in.slots)/max(in.average, time.Millisecond)))
	})
}

// stale returns messages that have waited too long: something else than
// expected holds the slots.
func (in *intake) stale() (old []delivery) {
	in.change(func() {
		var fresh []delivery
		for _, message := range in.waiting {
			if time.Since(message.received) >= aheadLimit {
				old = append(old, message)
			} else {
				fresh = append(fresh, message)
			}
		}
		in.waiting = fresh
		if len(old) > 0 {
			in.ahead = 0
		}
	})
	return old
}

// pause stops taking work for a reason, or no longer for that one. It returns
// the messages that were waiting.
func (in *intake) pause(reason string, paused bool) (waiting []delivery) {
	in.change(func() {
		if !paused {
			delete(in.paused, reason)
			return
		}
		in.paused[reason] = true
		waiting, in.waiting = in.waiting, nil
	})
	return waiting
}

// close takes no more work. It returns the messages that were waiting.
func (in *intake) close() (waiting []delivery) {
	in.change(func() {
		in.closed = true
		waiting, in.waiting = in.waiting, nil
	})
	return waiting
}

// busy is how many attempts run.
func (in *intake) busy() int {
	in.mutex.Lock()
	defer in.mutex.Unlock()
	return in.running
}
