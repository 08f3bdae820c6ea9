package simulate

import (
	"math"
	"time"

	"tandem/runtime/capacity"
)

// learned is what the production controller knows of the past: see
// runtime/capacity/ecsfleet and fleetstate, whose constants these are.
type learned struct {
	rate, coldStart float64 // jobs a second, nanoseconds
	counted         int64
	asked           int64
	isAsked         bool
	ends, before    int
	seconds         float64
	buckets         [128]int
}

const (
	growth          = 1.25
	lowest          = 0.1 // seconds
	coldStartWeight = 0.3
	rateOver        = 30 * time.Minute
)

func (l *learned) ended(duration int64) {
	s := float64(duration) * 1e-9
	l.ends++
	l.seconds += s
	bucket := 0
	if s > lowest {
		bucket = int(math.Ceil(math.Log(s/lowest) / math.Log(growth)))
	}
	l.buckets[min(bucket, len(l.buckets)-1)]++
}

func (l *learned) estimate() capacity.Estimate {
	if l.ends == 0 {
		return capacity.Estimate{}
	}
	return capacity.Estimate{Mean: time.Duration(seconds(l.seconds / float64(l.ends))),
		P50: l.quantile(0.5), P95: l.quantile(0.95), Count: l.ends}
}

func (l *learned) quantile(part float64) time.Duration {
	most, seen := math.Ceil(part*float64(l.ends)), 0
	for bucket, count := range l.buckets {
		if seen += count; float64(seen) >= most {
			return time.Duration(seconds(lowest * math.Pow(growth, float64(bucket))))
		}
	}
	return 0
}

// look learns before a decision.
func (l *learned) look(running bool, now int64) {
	if passed := float64(now-l.counted) * 1e-9; passed > 0 {
		weight := -math.Expm1(-passed / rateOver.Seconds())
		l.rate += weight * (float64(l.ends-l.before)/passed - l.rate)
		if l.rate < 1e-6 {
			l.rate = 0
		}
		l.before, l.counted = l.ends, now
	}
	if running && l.isAsked {
		took := float64(now - l.asked)
		if l.coldStart == 0 {
			l.coldStart = took
		}
		l.coldStart += coldStartWeight * (took - l.coldStart)
	}
}

// decided learns after one.
func (l *learned) decided(running, asked bool, now int64) {
	if running || !asked {
		l.isAsked = false
	} else if !l.isAsked {
		l.isAsked, l.asked = true, now
	}
}
