package advise

import (
	"fmt"
	"math"
	"time"
)

// span in words: 45s, 4m30s, 2h15m, 3d4h.
func span(seconds float64) string {
	if math.IsInf(seconds, 0) || seconds > 100*365*day {
		return "for ever"
	}
	d := time.Duration(seconds * float64(time.Second))
	switch {
	case d < 10*time.Second:
		return fmt.Sprintf("%.2gs", seconds)
	case d < time.Minute:
		return fmt.Sprintf("%.0fs", seconds)
	case d < time.Hour:
		return pair(int(math.Round(seconds)), 60, "m", "s")
	case d < 48*time.Hour:
		return pair(int(math.Round(seconds/60)), 60, "h", "m")
	default:
		return pair(int(math.Round(seconds/3600)), 24, "d", "h")
	}
}

func pair(small, base int, large, rest string) string {
	if small%base == 0 {
		return fmt.Sprintf("%d%s", small/base, large)
	}
	return fmt.Sprintf("%d%s%d%s", small/base, large, small%base, rest)
}

// percent of a share, with as many digits as tell it from none.
func percent(share float64) string {
	switch {
	case share >= 0.995:
		return "all"
	case share >= 0.095:
		return fmt.Sprintf("%.0f %%", share*100)
	default:
		return fmt.Sprintf("%.1g %%", share*100)
	}
}

// usd a month: cents below ten dollars, no fractions above.
func usd(amount float64) string {
	switch {
	case amount < 0.005:
		return "0"
	case amount < 10:
		return fmt.Sprintf("%.2f", amount)
	default:
		return thousands(amount)
	}
}

// thousands writes 12345 as 12,345.
func thousands(amount float64) string {
	digits := fmt.Sprintf("%.0f", amount)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// count of tasks: two digits are enough of a break-even.
func count(tasks float64) string {
	if tasks < 10 {
		return fmt.Sprintf("%.2g", tasks)
	}
	scale := math.Pow(10, math.Floor(math.Log10(tasks))-1)
	return thousands(math.Round(tasks/scale) * scale)
}

// Span is seconds in words, such as 4m30s.
func Span(seconds float64) string { return span(seconds) }

// USD is an amount as advice shows it: cents below ten dollars, none above.
func USD(amount float64) string { return usd(amount) }
