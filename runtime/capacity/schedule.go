package capacity

import (
	"slices"
	"time"
)

// scheduled is the highest minimum of the windows that are open.
func scheduled(now time.Time, windows []Window) int {
	minimum := 0
	for _, window := range windows {
		if window.open(now) {
			minimum = max(minimum, window.Minimum)
		}
	}
	return minimum
}

// open says whether a moment lies in the window. A window past midnight belongs
// to the day on which it opens.
func (w Window) open(now time.Time) bool {
	location := w.Location
	if location == nil {
		location = time.UTC
	}
	now = now.In(location)
	// The wall clock, not the time since midnight: a day may have 23 hours.
	clock := time.Duration(now.Hour())*time.Hour + time.Duration(now.Minute())*time.Minute + time.Duration(now.Second())*time.Second
	today, yesterday := now.Weekday(), (now.Weekday()+6)%7
	if w.From < w.To {
		return w.on(today) && w.From <= clock && clock < w.To
	}
	return w.on(today) && clock >= w.From || w.on(yesterday) && clock < w.To
}

func (w Window) on(day time.Weekday) bool {
	return len(w.Days) == 0 || slices.Contains(w.Days, day)
}
