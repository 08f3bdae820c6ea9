package simulate

import (
	"math/bits"
	"time"
)

// histogram of durations in milliseconds, log-linear: 128 buckets an octave, so
// that a quantile is at most 0.8 % off, in a fixed 42 KiB.
type histogram struct {
	counts []int64
	total  int64
	sum    float64 // seconds
	most   int64
}

const (
	octave  = 7
	buckets = (48 - octave) << octave
)

func newHistogram() histogram { return histogram{counts: make([]int64, buckets)} }

func (h *histogram) add(took int64) {
	took = max(took, 0)
	h.total++
	h.sum += float64(took) * 1e-9
	h.most = max(h.most, took)
	h.counts[min(bucketOf(uint64(took)/uint64(time.Millisecond)), buckets-1)]++
}

func bucketOf(value uint64) int {
	shift := max(0, bits.Len64(value)-octave-1)
	return shift<<octave + int(value>>shift)
}

// end is the largest value of a bucket, in milliseconds.
func end(bucket int) uint64 {
	shift := max(0, bucket>>octave-1)
	return (uint64(bucket-shift<<octave)+1)<<shift - 1
}

func (h *histogram) mean() float64 {
	if h.total == 0 {
		return 0
	}
	return h.sum / float64(h.total)
}

// quantile in seconds.
func (h *histogram) quantile(part float64) float64 {
	rank := int64(part * float64(h.total))
	seen := int64(0)
	for bucket, count := range h.counts {
		seen += count
		if seen > rank {
			return min(float64(end(bucket))/1000, float64(h.most)*1e-9)
		}
	}
	return float64(h.most) * 1e-9
}
