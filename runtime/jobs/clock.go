package jobs

import "time"

// now reads the clock in the resolution that a store keeps.
func now(clock Clock) time.Time { return clock.Now().UTC().Truncate(time.Millisecond) }

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
