package simulate

import "time"

// Dressed are the jobs of another source, with what that one does not tell.
type Dressed struct {
	// Source of the arrivals.
	Source Source
	// Durations in place of the source's; nil keeps those.
	Durations *Durations
	// Longer multiplies durations. Defaults to 1.
	Longer  float64
	Promise Promise
	// HighShare and LowShare of the jobs have these priorities, the others keep theirs.
	HighShare, LowShare float64
	Seed                uint64

	draws   random
	started bool
}

// Fill implements Source.
func (d *Dressed) Fill(buffer []Job) int {
	if !d.started {
		d.started, d.draws = true, newRandom(d.Seed, 4)
		if d.Longer <= 0 {
			d.Longer = 1
		}
	}
	filled := d.Source.Fill(buffer)
	for i := range buffer[:filled] {
		d.dress(&buffer[i])
	}
	return filled
}

// Err is what ended the source before its end, if anything did.
func (d *Dressed) Err() error {
	if failing, ok := d.Source.(interface{ Err() error }); ok {
		return failing.Err()
	}
	return nil
}

func (d *Dressed) dress(job *Job) {
	if d.Durations != nil {
		job.Duration = d.Durations.draw(d.draws)
	}
	job.Duration = max(1, time.Duration(float64(job.Duration)*d.Longer))
	job.draw(d.Promise, d.HighShare, d.LowShare, d.draws)
}
