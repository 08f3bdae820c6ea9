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
	read func() reading

	mu    sync.Mutex
	known bool
	// When uptime was zero the server's time lay between low and high, as far as
	// is known from answers up to the uptime at, and the machine's own was wall.
	low, high, wall time.Time
	at              time.Duration
}

var _ jobs.Clock = (*Clock)(nil)

// reading is what a machine's clocks show: the one on the wall, which may be
// wrong and be set, and the monotonic one, which may stand still.
type reading struct {
	wall   time.Time
	uptime time.Duration
}

const (
	// drift is how much a monotonic clock may run wrong: 500 parts in a million,
	// the most that NTP steers by (RFC 5905, appendix A.1, 2026-11-24).
	drift = 500e-6
	// disagreement is how far the clocks of AWS's servers may lie apart: where two
	// answers contradict each other by less, the truth is taken to lie in between.
	disagreement = 50 * time.Millisecond
	// resolution of a Date header.
	resolution = time.Second
	// frozen is how far the wall clock may move against the monotonic one before
	// the machine must have stood still in between, as Lambda does between calls.
	frozen = 2 * time.Second
)

// New makes a Clock upon the machine's own.
func New() *Clock { return Upon(time.Now) }

// Upon makes a Clock upon a function whose times carry a monotonic reading, as
// those of time.Now do.
func Upon(local func() time.Time) *Clock {
	start := local()
	return newClock(func() reading {
		now := local()
		return reading{wall: now.Round(0), uptime: now.Sub(start)}
	})
}

func newClock(read func() reading) *Clock { return &Clock{read: read} }

// Now returns the server's time, as well as it is known: within half a second
// after the first answer, and better after more. A machine that stood still, or
// whose wall clock was set, trusts the wall clock until the next answer.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.read()
	if c.forget(now); !c.known {
		return now.wall
	}
	// An answer bears the time of its end, which counts where a call took long.
	return c.low.Add(min(c.high.Sub(c.low), resolution) / 2).Add(now.uptime)
}

// forget drops what is known if the two clocks no longer agree.
func (c *Clock) forget(now reading) {
	if c.known && now.wall.Add(-now.uptime).Sub(c.wall).Abs() >= frozen {
		c.known = false
	}
}

// observe learns from an answer that bears a date.
func (c *Clock) observe(sent, received reading, date time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.forget(received)
	// The server wrote date, cut to a second, at some moment in between.
	low, high := date.Add(-received.uptime), date.Add(resolution).Add(-sent.uptime)
	if c.known {
		slack := time.Duration(float64((received.uptime - c.at).Abs()) * drift)
		low, high = combine(c.low.Add(-slack), c.high.Add(slack), low, high)
	}
	c.known, c.low, c.high = true, low, high
	c.at, c.wall = received.uptime, received.wall.Add(-received.uptime)
}

// combine narrows old bounds by new ones.
func combine(oldLow, oldHigh, low, high time.Time) (time.Time, time.Time) {
	switch {
	case oldHigh.Before(low) && low.Sub(oldHigh) < disagreement:
		return oldHigh, low
	case high.Before(oldLow) && oldLow.Sub(high) < disagreement:
		return high, oldLow
	case oldHigh.Before(low), high.Before(oldLow):
		// The old bounds are wrong: the newest answer knows best.
		return low, high
	default:
		return later(low, oldLow), earlier(high, oldHigh)
	}
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
