package dynamofleet

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"tandem/runtime/fleetstate"
	"tandem/runtime/settings"
)

const (
	bucketPrefix = "b"
	aCount       = "n"
	aSeconds     = "sum"
)

var _ fleetstate.Durations = Store{}

// histogram reads what AddDurations has summed up.
func histogram(from item) fleetstate.Histogram {
	h := fleetstate.Histogram{Count: int(numberOf(from, aCount)), Seconds: float64(numberOf(from, aSeconds)) / 1000, Buckets: map[int]int{}}
	for name := range from {
		if bucket, err := strconv.Atoi(strings.TrimPrefix(name, bucketPrefix)); err == nil {
			h.Buckets[bucket] = int(numberOf(from, name))
		}
	}
	return h
}

// keepDurations is how long a week's histogram stays after its last job.
const keepDurations = 15 * 24 * time.Hour

// AddDurations adds a histogram to that of the current week. It is one write,
// and any number of workers may do so at once.
func (s Store) AddDurations(ctx context.Context, worker string, h fleetstate.Histogram) error {
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
