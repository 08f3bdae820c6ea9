// Package moment reads points in time as people write them.
package moment

import (
	"fmt"
	"time"

	"tandem/config"
)

// In reads a moment of the future: a span from now, such as 90d or 2h, or a
// time as RFC 3339 or a date has it. Empty is the zero time.
func In(text string, now time.Time) (time.Time, error) { return read(text, now, 1) }

// Ago reads a moment of the past: a span before now, or a time or date. Empty
// is the zero time.
func Ago(text string, now time.Time) (time.Time, error) { return read(text, now, -1) }

func read(text string, now time.Time, direction time.Duration) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if span, err := config.ParseDuration(text); err == nil {
		return now.Add(direction * span.Std()).UTC(), nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			return at.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no time: write a span such as 90m or 30d, or a time such as 2026-12-31 or 2026-12-31T18:00:00Z", text)
}
