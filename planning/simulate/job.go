package simulate

import "time"

// Priority of a job; a higher one is served first.
type Priority uint8

// Priorities, in the order in which they are served.
const (
	High Priority = iota
	Normal
	Low
	priorities
)

// Job that arrives.
type Job struct {
	// At is when it arrives, since the start; never before the job ahead of it.
	At time.Duration
	// Duration of its work on one slot, without waits, checkpoints and interruptions; above 0.
	Duration time.Duration
	// Deadline since the start, after which it expires; 0 for none.
	Deadline time.Duration
	// Priority of its queue. Beyond Low is Low.
	Priority Priority
}

// draw gives a job a deadline and a priority. What is not asked for takes no
// draw, so that the others stay what they were.
func (j *Job) draw(promise Promise, highShare, lowShare float64, draws random) {
	if promise.Share > 0 {
		j.Deadline = promise.Deadline(j.At, j.Duration, draws.float(), draws.float())
	}
	if highShare+lowShare > 0 {
		if draw := draws.float(); draw < highShare {
			j.Priority = High
		} else if draw < highShare+lowShare {
			j.Priority = Low
		}
	}
}

// Source of jobs. Fill writes the next ones into a buffer and returns how many:
// fewer than there is room for only at the end. A batch a call keeps the
// simulator's loop free of calls through an interface. A source that may fail
// also has a method Err() error, which is asked at the end: a run that lacks
// arrivals must not pass for a whole one.
type Source interface {
	Fill(buffer []Job) int
}

// Jobs that are known beforehand, in order of arrival.
type Jobs []Job

// Fill implements Source; the jobs are used up by it.
func (j *Jobs) Fill(buffer []Job) int {
	n := copy(buffer, *j)
	*j = (*j)[n:]
	return n
}
