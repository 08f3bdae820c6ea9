package simulate

import (
	"math"
	"time"
)

// Season is how arrivals change over a day and a week. The zero value is no change.
type Season struct {
	// Swing of a day around its mean, 0 to 1, with the peak at 14:00.
	Swing float64
	// Quiet is what is missing on the days 5 and 6, Saturday and Sunday of a run
	// that starts on a Monday, 0 to 1.
	Quiet float64
}

// At is how the arrivals of a moment compare with the mean of a weekday.
func (s Season) At(at time.Duration) float64 {
	factor := 1.0
	if s.Swing != 0 {
		factor += s.Swing * math.Cos(2*math.Pi*(at.Hours()-14)/24)
	}
	if s.Quiet != 0 && int(at/(24*time.Hour))%7 >= 5 {
		factor *= 1 - s.Quiet
	}
	return factor
}

// Most is the highest that At gets.
func (s Season) Most() float64 { return 1 + s.Swing }

// Mean over whole weeks.
func (s Season) Mean() float64 { return 1 - s.Quiet*2/7 }

// Promise is which jobs get a deadline.
type Promise struct {
	// Share of the jobs that get one, 0 to 1.
	Share float64
	// Low and High multiples of a job's duration that it may stay, drawn evenly
	// between them, and Patience that is added.
	Low, High float64
	Patience  time.Duration
}

// Deadline of a job, by two draws in [0, 1); 0 for none.
func (p Promise) Deadline(at, duration time.Duration, whether, which float64) time.Duration {
	if whether >= p.Share {
		return 0
	}
	return at + p.Patience + time.Duration((p.Low+which*(p.High-p.Low))*float64(duration))
}
