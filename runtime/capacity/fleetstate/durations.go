package fleetstate

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"tandem/runtime/capacity"
	"tandem/runtime/settings"
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
	growth       = 1.25
	lowest       = 0.1 // seconds
	bucketPrefix = "b"
	aCount       = "n"
	aSeconds     = "sum"
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

// Estimate is what capacity.Decide wants to know.
func (h Histogram) Estimate() capacity.Estimate {
	if h.Count <= 0 {
		return capacity.Estimate{}
	}
	return capacity.Estimate{
		Mean: time.Duration(h.Seconds / float64(h.Count) * float64(time.Second)),
		P50:  h.quantile(0.5), P95: h.quantile(0.95), Count: h.Count,
	}
}

func (h Histogram) quantile(part float64) time.Duration {
	most := math.Ceil(part * float64(h.Count))
	seen := 0
	for _, bucket := range slices.Sorted(maps.Keys(h.Buckets)) {
		if seen += h.Buckets[bucket]; float64(seen) >= most {
			return bucketEnd(bucket)
		}
	}
	return 0
}

// add merges the histogram of an item.
func (h *Histogram) add(from item) {
	if h.Buckets == nil {
		h.Buckets = map[int]int{}
	}
	h.Count += int(numberOf(from, aCount))
	h.Seconds += float64(numberOf(from, aSeconds)) / 1000
	for name := range from {
		if bucket, err := strconv.Atoi(strings.TrimPrefix(name, bucketPrefix)); err == nil {
			h.Buckets[bucket] += int(numberOf(from, name))
		}
	}
}

// keepDurations is how long a week's histogram stays after its last job.
const keepDurations = 15 * 24 * time.Hour

// AddDurations adds a histogram to that of the current week. It is one write,
// and any number of workers may do so at once.
func (s Store) AddDurations(ctx context.Context, worker string, h Histogram) error {
	if h.Count == 0 {
		return nil
	}
	now := s.now().UTC()
	year, week := now.ISOWeek()
	sums := []string{aCount + " :n", "#sum :sum"}
	values := item{":n": number(int64(h.Count)), ":sum": number(int64(h.Seconds * 1000)), ":expires": number(now.Add(keepDurations).Unix())}
	for _, bucket := range slices.Sorted(maps.Keys(h.Buckets)) {
		name := bucketPrefix + strconv.Itoa(bucket)
		sums = append(sums, name+" :"+name)
		values[":"+name] = number(int64(h.Buckets[bucket]))
	}
	_, err := s.Client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.Table, Key: key(fmt.Sprintf("%s%s#%d-%02d", durationsPrefix, worker, year, week)),
		UpdateExpression:          aws.String("ADD " + strings.Join(sums, ", ") + " SET " + settings.TableTTL + " = :expires"),
		ExpressionAttributeNames:  map[string]string{"#sum": aSeconds},
		ExpressionAttributeValues: values, ReturnValues: types.ReturnValueNone,
	})
	if err != nil {
		return fmt.Errorf("adding to what is known of the durations of %s: %w", worker, err)
	}
	return nil
}

// Recorder gathers durations, so that many jobs are one write.
type Recorder struct {
	// Store and Worker are required.
	Store  Store
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
