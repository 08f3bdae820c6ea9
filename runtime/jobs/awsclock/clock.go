// Package awsclock tells AWS's time on a machine whose own clock may be wrong
// by minutes: the machine's monotonic clock, put right by the Date headers of
// AWS's answers. Leases are judged by it, so that a skewed clock neither steals
// nor holds one.
package awsclock

import (
	"sync"
	"time"

	"tandem/runtime/jobs"
)

// Clock implements [jobs.Clock]. Until the first answer it tells the
// machine's own time. Make one with New, and attach it to the configuration of
// the AWS clients.
type Clock struct {
	local  func() time.Time
	origin time.Time

	mu    sync.Mutex
	known bool
	// The server's time at origin plus elapsed lies between both, as far as is
	// known from answers up to elapsed at.
	low, high time.Time
	at        time.Duration
}

var _ jobs.Clock = (*Clock)(nil)

const (
	// drift is how much a monotonic clock may run wrong: 500 parts in a million,
	// the most that NTP steers by (RFC 5905, appendix A.1, 2026-11-24).
	drift = 500e-6
	// disagreement is how far the clocks of AWS's servers may lie apart without
	// making an answer look wrong.
	disagreement = 50 * time.Millisecond
	// frozen is how far the wall clock may move against the monotonic one before
	// the machine must have been stopped in between, as Lambda does between calls.
	frozen = 2 * time.Second
)

// New makes a Clock upon the machine's own.
func New() *Clock { return newClock(time.Now) }

// newClock takes the local clock, whose times carry a monotonic reading or
// none; tests skew it.
func newClock(local func() time.Time) *Clock { return &Clock{local: local, origin: local()} }

// Now returns the server's time, as well as it is known: within half a second
// after the first answer, and better after more.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.local()
	elapsed := now.Sub(c.origin)
	if !c.known || c.stopped(now, elapsed) {
		return now.Round(0)
	}
	return c.low.Add(c.high.Sub(c.low) / 2).Add(elapsed)
}

// stopped forgets what is known if the monotonic clock stood still meanwhile.
func (c *Clock) stopped(now time.Time, elapsed time.Duration) bool {
	wall := now.Round(0).Sub(c.origin.Round(0))
	if difference := wall - elapsed; difference.Abs() < frozen {
		return false
	}
	c.known, c.origin = false, now
	return true
}

// Observe learns from an answer that bears a date, to a request that was sent
// and answered at the given local times.
func (c *Clock) Observe(sent, received, date time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stopped(received, received.Sub(c.origin))
	elapsed := received.Sub(c.origin)
	// The server wrote date, cut to a second, at some moment in between.
	low := date.Add(-elapsed)
	high := date.Add(time.Second).Add(-sent.Sub(c.origin))
	if c.known {
		slack := time.Duration(float64((elapsed-c.at).Abs())*drift) + disagreement
		low, high = later(low, c.low.Add(-slack)), earlier(high, c.high.Add(slack))
		if high.Before(low) {
			// The old bounds are wrong: the newest answer knows best.
			low = date.Add(-elapsed)
			high = date.Add(time.Second).Add(-sent.Sub(c.origin))
		}
	}
	c.known, c.low, c.high, c.at = true, low, high, elapsed
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
