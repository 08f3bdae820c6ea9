package simulate

import "time"

// Sample of a timeline: means over the time from the sample before to At.
type Sample struct {
	// At is the end of the sample, since the start.
	At time.Duration
	// Waiting and Running jobs.
	Waiting, Running float64
	// Spot and OnDemand instances that are billed, cold starts included.
	Spot, OnDemand float64
	// SpotAvailable is the share of the time in which spot could be had, 0 to 1.
	SpotAvailable float64
	// Cost in USD from the start up to At.
	Cost float64
}

// timeline sums up, in bins of equal width, what was how long. A run's length is
// not known beforehand: where there are too many bins, each two become one.
type timeline struct {
	most  int
	width int64
	bins  []sums
}

// sums over time, in nanoseconds times what was counted.
type sums struct{ waiting, running, spot, onDemand, available, cost float64 }

func (s *sums) add(o sums) {
	s.waiting += o.waiting
	s.running += o.running
	s.spot += o.spot
	s.onDemand += o.onDemand
	s.available += o.available
	s.cost += o.cost
}

func newTimeline(most int) *timeline { return &timeline{most: most, width: int64(time.Second)} }

// pass counts the time until the next event, in which nothing changes.
func (t *timeline) pass(e *engine, until int64) {
	spots, onDemands := float64(len(e.fleet[spot].members)), float64(len(e.fleet[onDemand].members))
	rate := (spots*e.SpotPrice + onDemands*e.OnDemandPrice) / float64(time.Hour)
	for from := e.now; from < until; {
		bin := from / t.width
		if bin >= int64(t.most) {
			t.fold()
			continue
		}
		to := min(until, (bin+1)*t.width)
		if bin == int64(len(t.bins)) {
			t.bins = append(t.bins, sums{})
		}
		took := float64(to - from)
		part := sums{waiting: took * float64(e.waiting), running: took * float64(e.runningJobs), spot: took * spots, onDemand: took * onDemands, cost: took * rate}
		if e.spotUp {
			part.available = took
		}
		t.bins[bin].add(part)
		from = to
	}
}

func (t *timeline) fold() {
	half := (len(t.bins) + 1) / 2
	for i := range half {
		folded := t.bins[2*i]
		if 2*i+1 < len(t.bins) {
			folded.add(t.bins[2*i+1])
		}
		t.bins[i] = folded
	}
	t.bins = t.bins[:half]
	t.width *= 2
}

// samples of a run that ends now.
func (t *timeline) samples(now int64) []Sample {
	if t == nil {
		return nil
	}
	all := make([]Sample, len(t.bins))
	cost := 0.0
	for i, bin := range t.bins {
		from := int64(i) * t.width
		to := min(now, from+t.width)
		took := float64(to - from)
		cost += bin.cost
		all[i] = Sample{At: time.Duration(to), Waiting: bin.waiting / took, Running: bin.running / took,
			Spot: bin.spot / took, OnDemand: bin.onDemand / took, SpotAvailable: bin.available / took, Cost: cost}
	}
	return all
}
