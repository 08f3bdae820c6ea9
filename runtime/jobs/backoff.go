package jobs

import (
	"math/rand/v2"
	"time"
)

// Backoff is the wait after a failed attempt: exponential with full jitter, so
// that jobs that failed together do not come back together
// (https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/, 2026-11-24).
type Backoff struct {
	// Base bounds the wait after the first failure. Defaults to 10 s.
	Base time.Duration
	// Max bounds every wait. Defaults to 10 min; SQS delays a message 15 min at most.
	Max time.Duration
	// Random returns a number from 0 to below 1. Defaults to math/rand/v2.
	Random func() float64
}

func (b Backoff) withDefaults() Backoff {
	if b.Base == 0 {
		b.Base = 10 * time.Second
	}
	if b.Max == 0 {
		b.Max = 10 * time.Minute
	}
	if b.Random == nil {
		b.Random = rand.Float64
	}
	return b
}

// after returns the wait after so many failures, at least 1.
func (b Backoff) after(failures int) time.Duration {
	bound := b.Base
	for range failures - 1 {
		if bound >= b.Max {
			break
		}
		bound *= 2
	}
	return time.Duration(b.Random() * float64(min(bound, b.Max)))
}
