package simulate

// run is what a slot does.
type run struct {
	// job is its number, -1 where the slot is idle or there is none.
	job  int32
	turn uint32
	// position among the idle slots, -1 where it is not one.
	position int32
	started  int64
	// saving is set while the job writes its checkpoint at a notice, and saved is what that holds.
	saving bool
	saved  int64
}

// begin puts a job on a slot.
func (e *engine) begin(slot, number int32) {
	r, j := &e.runs[slot], &e.jobs[number]
	r.job, r.started, r.saving = number, e.now, false
	r.turn++
	j.slot = slot
	e.runningJobs++
	e.occupy(slot)
	due := e.now + e.wall(j)
	if j.deadline > 0 && due > j.deadline {
		due = j.deadline
	}
	e.heap.push(event{at: due, kind: slotEnds, who: slot, turn: r.turn})
}

// wall is how long the rest of a job takes, checkpoints and the reading of the
// last one included.
func (e *engine) wall(j *job) int64 {
	return e.restore(j) + j.remaining + e.checkpoints(j)*int64(e.Checkpoint.Cost)
}

// restore is what a job pays to begin where it was.
func (e *engine) restore(j *job) int64 {
	if j.remaining < j.duration {
		return int64(e.Checkpoint.Restore)
	}
	return 0
}

// checkpoints that the rest of a job writes: none at its end.
func (e *engine) checkpoints(j *job) int64 {
	if e.Checkpoint.Interval == 0 {
		return 0
	}
	return (j.remaining - 1) / int64(e.Checkpoint.Interval)
}

// progress is how much of a run's work is in checkpoints after a time, and how
// much has been done.
func (e *engine) progress(j *job, elapsed int64) (saved, done int64) {
	elapsed = max(0, elapsed-e.restore(j))
	interval, cost := int64(e.Checkpoint.Interval), int64(e.Checkpoint.Cost)
	if interval == 0 {
		return 0, min(elapsed, j.remaining)
	}
	rounds := min(elapsed/(interval+cost), e.checkpoints(j))
	rest := elapsed - rounds*(interval+cost)
	saved = rounds * interval
	return saved, min(saved+min(rest, interval), j.remaining)
}

// saveAll has the jobs of an instance that has been given notice write a
// checkpoint and leave, where there is time for one.
func (e *engine) saveAll(instance int32) {
	cost := int64(e.Checkpoint.Cost)
	if !e.Checkpoint.OnNotice || cost > int64(e.Notice) {
		return
	}
	for slot := range e.slots(instance) {
		r := &e.runs[slot]
		if r.job < 0 {
			continue
		}
		j := &e.jobs[r.job]
		due := r.started + e.wall(j)
		if due <= e.now+cost || j.deadline > 0 && j.deadline <= e.now+cost {
			continue
		}
		_, r.saved = e.progress(j, e.now-r.started)
		r.saving = true
		r.turn++
		e.heap.push(event{at: e.now + cost, kind: slotEnds, who: slot, turn: r.turn})
	}
}

// slotEnded is the end of a job, of its time, or of its checkpoint at a notice.
func (e *engine) slotEnded(slot int32) {
	r := &e.runs[slot]
	j := &e.jobs[r.job]
	if r.saving {
		e.interrupt(slot, r.saved)
		return
	}
	elapsed, number := e.now-r.started, r.job
	e.vacate(slot)
	if elapsed >= e.wall(j) {
		e.useful += float64(j.remaining)
		e.wasted += float64(elapsed - j.remaining)
		e.succeed(j)
	} else {
		e.wasted += float64(elapsed)
		e.expire(j)
	}
	e.forget(number)
	e.slotFree(slot)
}

// interrupt takes a job from its slot and puts it back to the front of its
// queue, as its message is visible at once. What is not saved is lost.
func (e *engine) interrupt(slot int32, saved int64) {
	r := &e.runs[slot]
	number := r.job
	j := &e.jobs[number]
	elapsed := e.now - r.started
	e.wasted += float64(elapsed - saved)
	e.useful += float64(saved)
	// What is left is never nothing: the end of a job is an event of its own.
	j.remaining = max(j.remaining-saved, 1)
	e.summary.Interruptions++
	e.vacate(slot)
	e.enqueue(number, true)
}

// vacate frees a slot of its job.
func (e *engine) vacate(slot int32) {
	r := &e.runs[slot]
	e.occupied += float64(e.now - r.started)
	e.jobs[r.job].slot = -1
	r.job, r.saving = -1, false
	r.turn++
	e.runningJobs--
	instance := &e.instances[slot/int32(e.Slots)]
	instance.busy--
	if instance.busy == 0 && !instance.noticed {
		e.fleet[instance.kind].busy--
	}
}

// occupy counts a slot as busy.
func (e *engine) occupy(slot int32) {
	instance := &e.instances[slot/int32(e.Slots)]
	if instance.busy == 0 {
		e.fleet[instance.kind].busy++
	}
	instance.busy++
	e.notIdle(slot)
}
