package experiment

import (
	"cmp"
	"math"
	"path/filepath"
	"strings"
	"time"

	"tandem/config"
	"tandem/prices"
)

// defaults are laid under a scenario's file: what it says explicitly stays, a
// zero included.
func defaults() (Scenario, error) {
	scale, err := usualScale()
	span := func(d time.Duration) config.Duration { return config.Duration(d) }
	return Scenario{
		Arrivals:  Arrivals{TimeColumn: "TIMESTAMP", Burst: 1},
		Durations: Durations{PrefillPerSecond: 2000, DecodePerSecond: 25, Times: 1},
		Instance: Instance{Region: prices.Home, Slots: 1, ColdStart: ColdStart{
			Launch: span(30 * time.Second), Boot: span(90 * time.Second), Image: span(time.Minute), Weights: span(time.Minute)}},
		Spot:   Spot{Outage: span(time.Hour), Notice: span(2 * time.Minute)},
		Policy: scale,
		Seeds:  5, Seed: 1,
	}, err
}

// complete fills in what follows from what was said.
func (s *Scenario) complete(file string) {
	base := filepath.Base(file)
	s.Name = cmp.Or(s.Name, strings.TrimSuffix(base, filepath.Ext(base)))
	if s.Arrivals.Trace == "" || s.Arrivals.Load > 0 {
		s.Arrivals.Length = cmp.Or(s.Arrivals.Length, config.Duration(7*24*time.Hour))
	}
	if d := &s.Durations; d.Distribution == Lognormal && d.P50 > 0 && d.P95 > d.P50 && d.Mean == 0 && d.Spread == 0 {
		mean, spread := moments(d.P50.Seconds(), d.P95.Seconds())
		d.Mean, d.Spread = config.Duration(mean*float64(time.Second)), spread
	}
	if d := s.Deadlines; d != nil {
		if d.Share == nil {
			all := 1.0
			d.Share = &all
		}
		if d.Times == nil {
			d.Times = []float64{1, 1}
		}
	}
	if s.Compare == nil {
		s.Compare = []string{"on-demand-only"}
	}
}

// z95 is the 95th percentile of the standard normal distribution.
const z95 = 1.6448536269514722

// moments of a lognormal by its median and 95th percentile: mean, and standard
// deviation over mean.
func moments(p50, p95 float64) (mean, spread float64) {
	sigma := math.Log(p95/p50) / z95
	return p50 * math.Exp(sigma*sigma/2), math.Sqrt(math.Expm1(sigma * sigma))
}
