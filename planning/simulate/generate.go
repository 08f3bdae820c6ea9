package simulate

import (
	"math"
	"time"
)

// Shape of a distribution of durations.
type Shape uint8

// Shapes, by how much durations differ.
const (
	// Constant durations are all the mean.
	Constant Shape = iota
	// Exponential durations.
	Exponential
	// Lognormal durations, with a Spread.
	Lognormal
)

// Durations is a distribution.
type Durations struct {
	Shape Shape
	Mean  time.Duration
	// Spread is the standard deviation over the mean, for Lognormal; 0 or more.
	Spread float64
}

// SecondMoment in seconds squared.
func (d Durations) SecondMoment() float64 {
	square := d.Mean.Seconds() * d.Mean.Seconds()
	switch d.Shape {
	case Exponential:
		return 2 * square
	case Lognormal:
		return square * (1 + d.Spread*d.Spread)
	default:
		return square
	}
}

func (d Durations) draw(r random) time.Duration {
	switch d.Shape {
	case Exponential:
		return max(1, time.Duration(seconds(r.exponential(d.Mean.Seconds()))))
	case Lognormal:
		variance := math.Log1p(d.Spread * d.Spread)
		return max(1, time.Duration(float64(d.Mean)*math.Exp(r.normal()*math.Sqrt(variance)-variance/2)))
	default:
		return max(1, d.Mean)
	}
}

// Generated jobs: bursts that come as a Poisson process, whose rate follows the
// season.
type Generated struct {
	// PerHour is the mean rate of jobs on a weekday; above 0.
	PerHour float64
	// Burst is how many jobs come at once. Defaults to 1.
	Burst int
	// Length of the stream. Zero is without end, and then Count limits it.
	Length time.Duration
	// Count of jobs at most; 0 is no limit.
	Count     int
	Durations Durations
	Season    Season
	Promise   Promise
	// HighShare and LowShare of the jobs have these priorities, the others are Normal.
	HighShare, LowShare float64
	Seed                uint64

	draws   random
	started bool
	at      time.Duration
	left    int // of the burst
	made    int
}

// Fill implements Source.
func (g *Generated) Fill(buffer []Job) int {
	if !g.started {
		g.started, g.draws = true, newRandom(g.Seed, 3)
		g.Burst = max(g.Burst, 1)
	}
	for i := range buffer {
		if g.Count > 0 && g.made >= g.Count || !g.step() {
			return i
		}
		g.made++
		job := Job{At: g.at, Duration: g.Durations.draw(g.draws), Priority: Normal}
		job.draw(g.Promise, g.HighShare, g.LowShare, g.draws)
		buffer[i] = job
	}
	return len(buffer)
}

// step moves to the next job's arrival, and tells whether there is one.
func (g *Generated) step() bool {
	if g.left > 0 {
		g.left--
		return true
	}
	most := g.Season.Most()
	mean := 3600 * float64(g.Burst) / (g.PerHour * most)
	for {
		g.at += time.Duration(seconds(g.draws.exponential(mean)))
		if g.Length > 0 && g.at >= g.Length || g.at < 0 {
			g.at = math.MaxInt64 / 2
			return false
		}
		if g.Season == (Season{}) || g.draws.float()*most < g.Season.At(g.at) {
			g.left = g.Burst - 1
			return true
		}
	}
}
