package config

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Duration is a span of time, written as 90s, 12h, 14d or combined, 1h30m.
// Units, largest first: d (24 hours), h, m, s, ms. It is never negative.
type Duration time.Duration

// durationPattern is what the JSON Schema shows to editors; ParseDuration is
// stricter: units go from large to small, each once.
const durationPattern = `^([0-9]+(d|h|m|s|ms))+$`

var durationSyntax = regexp.MustCompile(`^(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$`)

const day = 24 * time.Hour

// maxDuration keeps sums and products of durations far from overflow: 100 years.
const maxDuration = 100 * 365 * day

// ParseDuration reads a duration, such as 1h30m. The longest is 100 years.
func ParseDuration(text string) (Duration, error) {
	parts := durationSyntax.FindStringSubmatch(text)
	if parts == nil || text == "" {
		return 0, fmt.Errorf("%q is not a duration: write numbers with units, largest first, such as 90s, 1h30m or 14d", text)
	}
	var total time.Duration
	for i, unit := range []time.Duration{day, time.Hour, time.Minute, time.Second, time.Millisecond} {
		if parts[i+1] == "" {
			continue
		}
		n, err := strconv.ParseInt(parts[i+1], 10, 64)
		if err != nil || n > int64(maxDuration/unit) {
			return 0, fmt.Errorf("%q is longer than 100 years", text)
		}
		total += time.Duration(n) * unit
	}
	if total > maxDuration {
		return 0, fmt.Errorf("%q is longer than 100 years", text)
	}
	return Duration(total), nil
}

// Std is the duration as the standard library has it.
func (d Duration) Std() time.Duration { return time.Duration(d) }

// Seconds is the duration in seconds.
func (d Duration) Seconds() float64 { return time.Duration(d).Seconds() }

// Days is the duration in whole days, rounded up: what S3 lifecycles, SQS
// and log retention count in.
func (d Duration) Days() int {
	return int((time.Duration(d) + day - 1) / day)
}

// String is the shortest text that [ParseDuration] reads back: 90m is 1h30m.
func (d Duration) String() string {
	if d <= 0 {
		return "0s"
	}
	var text strings.Builder
	rest := time.Duration(d)
	for _, unit := range []struct {
		size time.Duration
		name string
	}{{day, "d"}, {time.Hour, "h"}, {time.Minute, "m"}, {time.Second, "s"}, {time.Millisecond, "ms"}} {
		if n := rest / unit.size; n > 0 {
			fmt.Fprintf(&text, "%d%s", n, unit.name)
			rest -= n * unit.size
		}
	}
	if text.Len() == 0 {
		return "0s"
	}
	return text.String()
}

// UnmarshalText reads a duration.
func (d *Duration) UnmarshalText(text []byte) (err error) {
	*d, err = ParseDuration(string(text))
	return err
}

// MarshalText writes a duration.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }
