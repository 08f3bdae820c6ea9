package fleetreport

import (
	"context"
	"maps"
	"math"
	"slices"
	"sync"
	"time"
)

// Histogram of durations. Each bucket ends a quarter above the one before, so
// that a quantile is at most 25 % too long and never too short.
type Histogram struct {
	// Count and Seconds of all jobs.
	Count   int
	Seconds float64
	// Buckets by number.
	Buckets map[int]int
}

const (
	growth = 1.25
	lowest = 0.1 // seconds
)

// bucketOf is the first bucket whose end is not before the duration.
func bucketOf(took time.Duration) int {
	if took.Seconds() <= lowest {
		return 0
	}
	return int(math.Ceil(math.Log(took.Seconds()/lowest) / math.Log(growth)))
}

func bucketEnd(bucket int) time.Duration {
	return time.Duration(lowest * math.Pow(growth, float64(bucket)) * float64(time.Second))
}

// Observe adds one duration.
func (h *Histogram) Observe(took time.Duration) {
	if h.Buckets == nil {
		h.Buckets = map[int]int{}
	}
	h.Count++
	h.Seconds += took.Seconds()
	h.Buckets[bucketOf(took)]++
}

// Mean of all jobs, and 0 of none.
func (h Histogram) Mean() time.Duration {
	if h.Count <= 0 {
		return 0
	}
	return time.Duration(h.Seconds / float64(h.Count) * float64(time.Second))
}

// Quantile that a part of the jobs, from 0 to 1, did not exceed; 0 of none.
func (h Histogram) Quantile(part float64) time.Duration {
	most := math.Ceil(part * float64(h.Count))
	seen := 0
	for _, bucket := range slices.Sorted(maps.Keys(h.Buckets)) {
		if seen += h.Buckets[bucket]; float64(seen) >= most {
			return bucketEnd(bucket)
		}
	}
	return 0
}

// Add merges another histogram into this one.
func (h *Histogram) Add(other Histogram) {
	if h.Buckets == nil {
		h.Buckets = map[int]int{}
	}
	h.Count += other.Count
	h.Seconds += other.Seconds
	for bucket, count := range other.Buckets {
		h.Buckets[bucket] += count
	}
}

// Durations keeps histograms.
type Durations interface {
	// AddDurations adds a histogram to what is known of a worker.
	AddDurations(ctx context.Context, worker string, h Histogram) error
}

// Recorder gathers durations, so that many jobs are one write.
type Recorder struct {
	// Store and Worker are required.
	Store  Durations
	Worker string

	mutex     sync.Mutex
	histogram Histogram
}

// Observe remembers one job's duration.
func (r *Recorder) Observe(took time.Duration) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.histogram.Observe(took)
}

// Flush writes what was gathered. What cannot be written is forgotten: an
// estimate does without it.
func (r *Recorder) Flush(ctx context.Context) error {
	r.mutex.Lock()
	gathered := r.histogram
	r.histogram = Histogram{}
	r.mutex.Unlock()
	return r.Store.AddDurations(ctx, r.Worker, gathered)
}
