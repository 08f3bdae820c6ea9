package experiment

import (
	"math"
	"math/rand/v2"
	"time"

	"tandem/planning/simulate"
)

const (
	// marketStep is between samples of a market that is drawn.
	marketStep = time.Minute
	// marketLength is after how long such a market begins again.
	marketLength = 366 * 24 * time.Hour
)

// availability of spot in the runs with a seed; nil is always.
func (e *Experiment) availability(seed uint64) *simulate.Availability {
	s := &e.Scenario.Spot
	drawn := s.Availability != nil && *s.Availability < 1
	if len(s.Outages) == 0 && !drawn {
		return e.market
	}
	made := &simulate.Availability{Gap: marketStep, Samples: make([]bool, marketLength/marketStep)}
	if drawn {
		drawMarket(made.Samples, *s.Availability, s.Outage.Std(), seed)
	} else {
		for i := range made.Samples {
			made.Samples[i] = true
			if e.market != nil {
				at := time.Duration(i) * marketStep / e.market.Gap
				made.Samples[i] = e.market.Samples[int(at)%len(e.market.Samples)]
			}
		}
	}
	for _, outage := range s.Outages {
		for at := outage.From.Std(); at < outage.From.Std()+outage.Length.Std(); at += marketStep {
			made.Samples[at/marketStep] = false
		}
	}
	return made
}

// drawMarket alternates between times with and without spot, both of random
// length, so that spot can be had for a share of the time.
func drawMarket(samples []bool, share float64, outage time.Duration, seed uint64) {
	draws := rand.New(rand.NewPCG(seed, 5))
	down := outage.Seconds()
	up := down * share / (1 - share)
	now := draws.Float64() < share
	for i := 0; i < len(samples); now = !now {
		mean := down
		if now {
			mean = up
		}
		for left := -mean * math.Log1p(-draws.Float64()); i < len(samples) && left >= marketStep.Seconds()/2; i++ {
			samples[i] = now
			left -= marketStep.Seconds()
		}
	}
}
