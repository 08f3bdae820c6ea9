package jobs

import "time"

// now reads the clock in the resolution that a store keeps.
func now(clock Clock) time.Time { return clock.Now().UTC().Truncate(time.Millisecond) }

// until returns the end of a span in whole seconds, as a time to live is kept.
func until(now time.Time, span time.Duration) time.Time { return now.Add(span).Truncate(time.Second) }

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
