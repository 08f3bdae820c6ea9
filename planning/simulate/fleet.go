package simulate

import (
	"iter"
	"math"
	"time"

	"tandem/runtime/capacity"
)

// kind of capacity.
type kind uint8

const (
	spot kind = iota
	onDemand
	kinds
)

// instance, from the moment at which it was had.
type instance struct {
	kind kind
	turn uint32
	// live until it has ended; ready takes jobs; noticed ones take none any more.
	live, ready, noticed bool
	busy                 int
	had                  int64
}

// fleet of one kind. Noticed instances are in none of the counts but draining.
type fleet struct {
	desired, ready, starting, busy, draining int
	// members are the live instances, in the order in which they were had.
	members []int32
	billed  float64 // nanoseconds, of those that have ended
}

// have is what counts towards desired.
func (f *fleet) have() int { return f.ready + f.starting }

// resize moves the fleet of a kind to what is desired: it asks for what is
// missing, and gives up what starts, the latest first, and then what is idle.
func (e *engine) resize(k kind, desired int) {
	f := &e.fleet[k]
	f.desired = desired
	for f.have() < desired {
		if k == spot && !e.spotUp {
			e.refused()
			break
		}
		e.launch(k)
	}
	for i := len(f.members) - 1; i >= 0 && f.have() > desired; i-- {
		if it := &e.instances[f.members[i]]; !it.ready && !it.noticed {
			e.finish(f.members[i])
		}
	}
	for i := len(f.members) - 1; i >= 0 && f.have() > desired; i-- {
		if it := &e.instances[f.members[i]]; it.busy == 0 && !it.noticed {
			e.finish(f.members[i])
		}
	}
}

// refused remembers that spot could not be had.
func (e *engine) refused() {
	e.summary.LaunchFailures++
	e.remember(capacity.LaunchFailure, "InsufficientInstanceCapacity")
}

func (e *engine) launch(k kind) {
	number := int32(len(e.instances))
	if last := len(e.gone) - 1; last >= 0 {
		number, e.gone = e.gone[last], e.gone[:last]
	} else {
		e.instances = append(e.instances, instance{})
		for range e.Slots {
			e.runs = append(e.runs, run{job: -1, position: -1})
		}
	}
	it := &e.instances[number]
	*it = instance{kind: k, turn: it.turn + 1, live: true, had: e.now}
	f := &e.fleet[k]
	f.starting++
	f.members = append(f.members, number)
	e.summary.Launches++
	e.heap.push(event{at: e.now + int64(e.ColdStart.Total()), kind: instanceReady, who: number, turn: it.turn})
}

// becomeReady lets an instance take jobs.
func (e *engine) becomeReady(number int32) {
	it := &e.instances[number]
	f := &e.fleet[it.kind]
	it.ready = true
	f.starting--
	f.ready++
	if it.kind == spot && e.Hazard > 0 {
		wait := e.random.exponential(3600 / e.Hazard)
		e.heap.push(event{at: e.now + seconds(wait), kind: instanceNoticed, who: number, turn: it.turn})
	}
	for slot := range e.slots(number) {
		e.slotFree(slot)
	}
	e.lookSoon()
}

// giveNotice tells a spot instance that it ends.
func (e *engine) giveNotice(number int32) {
	it := &e.instances[number]
	if it.noticed {
		return
	}
	f := &e.fleet[it.kind]
	it.noticed = true
	if it.ready {
		f.ready--
	} else {
		f.starting--
	}
	if it.busy > 0 {
		f.busy--
	}
	f.draining++
	e.summary.Reclaims++
	e.remember(capacity.Interruption, "")
	for slot := range e.slots(number) {
		e.notIdle(slot)
	}
	// A turn of its own: readiness and hazards that were due are stale.
	it.turn++
	e.heap.push(event{at: e.now + int64(e.Notice), kind: instanceEnds, who: number, turn: it.turn})
	e.saveAll(number)
	e.lookSoon()
}

// finish ends an instance, and with it whatever still runs there.
func (e *engine) finish(number int32) {
	it := &e.instances[number]
	f := &e.fleet[it.kind]
	for slot := range e.slots(number) {
		e.notIdle(slot)
		if r := &e.runs[slot]; r.job >= 0 {
			saved, _ := e.progress(&e.jobs[r.job], e.now-r.started)
			e.interrupt(slot, saved)
		}
	}
	switch {
	case it.noticed:
		f.draining--
	case it.ready:
		f.ready--
	default:
		f.starting--
	}
	f.billed += float64(e.now - it.had)
	it.live, it.turn = false, it.turn+1
	e.gone = append(e.gone, number)
	for i, member := range f.members {
		if member == number {
			f.members = append(f.members[:i], f.members[i+1:]...)
			break
		}
	}
}

// slots of an instance.
func (e *engine) slots(number int32) iter.Seq[int32] {
	return func(yield func(int32) bool) {
		first := number * int32(e.Slots)
		for slot := first; slot < first+int32(e.Slots); slot++ {
			if !yield(slot) {
				return
			}
		}
	}
}

// slotFree gives a slot its next job, or lets its instance go where it is more
// than what is desired.
func (e *engine) slotFree(slot int32) {
	number := slot / int32(e.Slots)
	it := &e.instances[number]
	if it.noticed || !it.live {
		return
	}
	if job := e.dequeue(); job >= 0 {
		e.begin(slot, job)
		return
	}
	e.isIdle(slot)
	if it.busy == 0 && e.fleet[it.kind].have() > e.fleet[it.kind].desired {
		e.finish(number)
	}
}

func (e *engine) isIdle(slot int32) {
	r := &e.runs[slot]
	if r.position < 0 {
		r.position = int32(len(e.idle))
		e.idle = append(e.idle, slot)
	}
}

func (e *engine) notIdle(slot int32) {
	at := e.runs[slot].position
	if at < 0 {
		return
	}
	last := e.idle[len(e.idle)-1]
	e.idle[at] = last
	e.runs[last].position = at
	e.idle = e.idle[:len(e.idle)-1]
	e.runs[slot].position = -1
}

func seconds(s float64) int64 {
	return int64(math.Min(s*float64(time.Second), math.MaxInt64/4))
}
