package display

import (
	"fmt"
	"math"
	"time"
)

// Size of so many bytes, such as 1.4 MiB.
func Size(bytes int64) string {
	if bytes < 1024 {
		return fmt.Sprintf("%d B", bytes)
	}
	value, unit := float64(bytes), -1
	for value >= 1024 && unit < 4 {
		value /= 1024
		unit++
	}
	return fmt.Sprintf("%.1f %ciB", value, "KMGTP"[unit])
}

// Span is a duration in its two largest units, such as 3d4h; below a minute in seconds.
func Span(d time.Duration) string {
	d = d.Round(time.Second)
	days, hours, minutes, seconds := d/(24*time.Hour), d/time.Hour%24, d/time.Minute%60, d/time.Second%60
	switch {
	case d < 0:
		return "-" + Span(-d)
	case days > 0 && hours > 0:
		return fmt.Sprintf("%dd%dh", days, hours)
	case days > 0:
		return fmt.Sprintf("%dd", days)
	case hours > 0 && minutes > 0:
		return fmt.Sprintf("%dh%dm", hours, minutes)
	case hours > 0:
		return fmt.Sprintf("%dh", hours)
	case minutes > 0 && seconds > 0:
		return fmt.Sprintf("%dm%ds", minutes, seconds)
	case minutes > 0:
		return fmt.Sprintf("%dm", minutes)
	default:
		return fmt.Sprintf("%ds", seconds)
	}
}

// Ago tells how long before now something was; nothing for the zero time.
func Ago(at, now time.Time) string {
	if at.IsZero() {
		return ""
	}
	return Span(now.Sub(at)) + " ago"
}

// Time is a moment in UTC to the second; nothing for the zero time.
func Time(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format("2006-01-02 15:04:05Z")
}

// Percent of a progress; nothing for none.
func Percent(percent float64) string {
	if percent <= 0 || math.IsNaN(percent) {
		return ""
	}
	return fmt.Sprintf("%.0f%%", percent)
}
