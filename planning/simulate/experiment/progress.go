package experiment

import (
	"sync"

	"tandem/planning/simulate"
)

// Progress of the runs.
type Progress struct {
	// Runs that have ended, and Jobs that have arrived in all of them, in steps of
	// about a million.
	Runs int
	Jobs int64
}

// teller tells of progress, one call at a time.
type teller struct {
	tell func(Progress)
	lock sync.Mutex
	so   Progress
}

func (t *teller) ran() { t.add(1, 0) }

func (t *teller) add(runs int, jobs int64) {
	t.lock.Lock()
	defer t.lock.Unlock()
	t.so.Runs += runs
	t.so.Jobs += jobs
	if t.tell != nil {
		t.tell(t.so)
	}
}

// counted is a source that tells of each million of its jobs.
type counted struct {
	simulate.Source
	told *teller
	jobs int64
}

const million = 1_000_000

// Fill implements simulate.Source.
func (c *counted) Fill(buffer []simulate.Job) int {
	filled := c.Source.Fill(buffer)
	if c.jobs += int64(filled); c.jobs >= million {
		c.told.add(0, c.jobs)
		c.jobs = 0
	}
	return filled
}

// Err is what ended the source before its end, if anything did.
func (c *counted) Err() error {
	if failing, ok := c.Source.(interface{ Err() error }); ok {
		return failing.Err()
	}
	return nil
}
