package simulate

// job is a Job in the system.
type job struct {
	at, duration, remaining, deadline int64
	// slot that runs it, -1 where it waits; listed is its place among those with a deadline.
	slot, listed int32
	priority     Priority
	// expired jobs may still stand in a queue, and are passed over.
	expired bool
}

// arrive takes the next job of the source.
func (e *engine) arrive() {
	next := &e.buffer[e.read]
	e.read++
	e.summary.Arrived++
	e.lastArrival = e.now
	number := int32(len(e.jobs))
	if last := len(e.unused) - 1; last >= 0 {
		number, e.unused = e.unused[last], e.unused[:last]
	} else {
		e.jobs = append(e.jobs, job{})
	}
	j := &e.jobs[number]
	*j = job{at: e.now, duration: int64(next.Duration), remaining: int64(next.Duration), deadline: int64(next.Deadline),
		slot: -1, listed: -1, priority: min(next.Priority, Low)}
	if j.deadline > 0 {
		e.summary.Deadlines++
		j.listed = int32(len(e.dated))
		e.dated = append(e.dated, number)
	}
	if len(e.idle) > 0 && e.waiting == 0 {
		slot := e.idle[0]
		if len(e.idle) > 1 {
			slot = e.idle[e.random.below(len(e.idle))]
		}
		e.begin(slot, number)
		return
	}
	e.enqueue(number, false)
	if e.fleet[spot].desired+e.fleet[onDemand].desired == 0 {
		e.lookAt = min(e.lookAt, e.now+int64(e.WakeDelay))
	}
}

// enqueue puts a job that waits to where an idle slot takes it next.
func (e *engine) enqueue(number int32, first bool) {
	q := &e.queues[e.jobs[number].priority]
	if first {
		q.pushFront(number)
	} else {
		q.pushBack(number)
	}
	e.waiting++
	if len(e.idle) > 0 {
		if job := e.dequeue(); job >= 0 {
			e.begin(e.idle[e.random.below(len(e.idle))], job)
		}
	}
}

// dequeue is the next job that is not too late, or -1.
func (e *engine) dequeue() int32 {
	for i := range e.queues {
		q := &e.queues[i]
		for q.count > 0 {
			number := q.popFront()
			j := &e.jobs[number]
			if j.expired {
				e.unused = append(e.unused, number)
				continue
			}
			e.waiting--
			if j.deadline > 0 && j.deadline <= e.now {
				e.expire(j)
				e.forget(number)
				continue
			}
			return number
		}
	}
	return -1
}

// oldest is how long the first of a queue has waited, the longest of all queues.
func (e *engine) oldest() int64 {
	oldest := int64(0)
	for i := range e.queues {
		q := &e.queues[i]
		for q.count > 0 && e.jobs[q.front()].expired {
			e.unused = append(e.unused, q.popFront())
		}
		if q.count > 0 {
			oldest = max(oldest, e.now-e.jobs[q.front()].at)
		}
	}
	return oldest
}

func (e *engine) succeed(j *job) {
	e.summary.Succeeded++
	stay := e.now - j.at
	e.waits.add(stay - j.duration)
	// In thousandths, as the histogram counts milliseconds.
	e.slowdowns.add(int64(float64(stay) / float64(j.duration) * 1e9))
	e.learned.ended(j.duration)
	e.unlist(j)
}

// expire ends a job whose deadline has passed. Its wait is all of its stay: it
// got nothing for it.
func (e *engine) expire(j *job) {
	e.summary.Missed++
	// The deadline, not this moment: a job in the queue may be found late.
	e.waits.add(j.deadline - j.at)
	if j.deadline-j.at >= j.duration+int64(e.ColdStart.Total())+int64(e.WakeDelay) {
		e.summary.MissedInReach++
	}
	e.unlist(j)
}

// sweep ends queued jobs that are too late; their place in the queue is passed over later.
func (e *engine) sweep() {
	for i := len(e.dated) - 1; i >= 0; i-- {
		number := e.dated[i]
		j := &e.jobs[number]
		if j.slot < 0 && j.deadline <= e.now {
			e.waiting--
			j.expired = true
			e.expire(j)
		}
	}
}

func (e *engine) unlist(j *job) {
	if j.listed < 0 {
		return
	}
	last := e.dated[len(e.dated)-1]
	e.dated[j.listed] = last
	e.jobs[last].listed = j.listed
	e.dated = e.dated[:len(e.dated)-1]
	j.listed = -1
}

func (e *engine) forget(number int32) { e.unused = append(e.unused, number) }
