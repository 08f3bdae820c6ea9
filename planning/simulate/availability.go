package simulate

import "time"

// Availability tells when spot instances can be had, by samples. A trace that
// ends before the run begins again.
type Availability struct {
	// Gap between samples; above 0.
	Gap time.Duration
	// Samples: true where an instance could be had.
	Samples []bool
}

// Share of the samples in which spot can be had, 0 to 1.
func (a *Availability) Share() float64 {
	if a == nil || len(a.Samples) == 0 {
		return 1
	}
	up := 0
	for _, sample := range a.Samples {
		if sample {
			up++
		}
	}
	return float64(up) / float64(len(a.Samples))
}

// Length of the trace.
func (a *Availability) Length() time.Duration { return time.Duration(len(a.Samples)) * a.Gap }

// at tells whether spot can be had at a moment, and until when that holds, at
// most one length of the trace ahead.
func (a *Availability) at(moment int64) (bool, int64) {
	if a == nil {
		return true, never
	}
	gap := int64(a.Gap)
	step := moment / gap
	now := a.Samples[step%int64(len(a.Samples))]
	next := step + 1
	for range a.Samples {
		if a.Samples[next%int64(len(a.Samples))] != now {
			return now, next * gap
		}
		next++
	}
	return now, next * gap
}
