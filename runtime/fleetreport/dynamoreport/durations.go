// Package dynamoreport keeps what workers report in the state table, in the
// partition of the fleet, where capacity/dynamofleet reads it with the rest.
package dynamoreport

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

	"tandem/runtime/fleetreport"
	"tandem/runtime/settings"
)

// Client is what the store calls of DynamoDB.
type Client interface {
	UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, options ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error)
}

// Durations are histograms in the state table, one a worker and week. Their
// methods are safe for concurrent use.
type Durations struct {
	// Client and Table are required.
	Client Client
	Table  string
	// Now defaults to time.Now.
	Now func() time.Time
}

var _ fleetreport.Durations = Durations{}

const (
	sortKeyPrefix = "durations#"
	bucketPrefix  = "b"
	aCount        = "n"
	aSeconds      = "sum" // in milliseconds, so that sums are whole

	// keep is how long a week's histogram stays after its last job.
	keep = 15 * 24 * time.Hour
)

// AddDurations adds a histogram to that of the current week. It is one write,
// and any number of workers may do so at once.
func (d Durations) AddDurations(ctx context.Context, worker string, h fleetreport.Histogram) error {
	if h.Count == 0 {
		return nil
	}
	now := time.Now
	if d.Now != nil {
		now = d.Now
	}
	at := now().UTC()
	year, week := at.ISOWeek()
	sums := []string{aCount + " :n", "#sum :sum"}
	values := map[string]types.AttributeValue{
		":n": number(int64(h.Count)), ":sum": number(int64(h.Seconds * 1000)), ":expires": number(at.Add(keep).Unix()),
	}
	for _, bucket := range slices.Sorted(maps.Keys(h.Buckets)) {
		name := bucketPrefix + strconv.Itoa(bucket)
		sums = append(sums, name+" :"+name)
		values[":"+name] = number(int64(h.Buckets[bucket]))
	}
	_, err := d.Client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &d.Table,
		Key: map[string]types.AttributeValue{
			settings.TablePartitionKey: &types.AttributeValueMemberS{Value: settings.FleetPartition},
			settings.TableSortKey:      &types.AttributeValueMemberS{Value: fmt.Sprintf("%s%s#%d-%02d", sortKeyPrefix, worker, year, week)},
		},
		UpdateExpression:          aws.String("ADD " + strings.Join(sums, ", ") + " SET " + settings.TableTTL + " = :expires"),
		ExpressionAttributeNames:  map[string]string{"#sum": aSeconds},
		ExpressionAttributeValues: values, ReturnValues: types.ReturnValueNone,
	})
	if err != nil {
		return fmt.Errorf("adding to what is known of the durations of %s: %w", worker, err)
	}
	return nil
}

// Read reads what AddDurations has summed up in an item of the partition; not
// ok where the item holds something else.
func Read(item map[string]types.AttributeValue) (worker string, h fleetreport.Histogram, ok bool) {
	sort, _ := item[settings.TableSortKey].(*types.AttributeValueMemberS)
	if sort == nil || !strings.HasPrefix(sort.Value, sortKeyPrefix) {
		return "", fleetreport.Histogram{}, false
	}
	worker, _, _ = strings.Cut(strings.TrimPrefix(sort.Value, sortKeyPrefix), "#")
	h = fleetreport.Histogram{Count: numberOf(item, aCount), Seconds: float64(numberOf(item, aSeconds)) / 1000, Buckets: map[int]int{}}
	for name := range item {
		if bucket, err := strconv.Atoi(strings.TrimPrefix(name, bucketPrefix)); err == nil {
			h.Buckets[bucket] = numberOf(item, name)
		}
	}
	return worker, h, true
}

func number(value int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(value, 10)}
}

// numberOf is 0 for what is absent or malformed.
func numberOf(item map[string]types.AttributeValue, name string) int {
	member, ok := item[name].(*types.AttributeValueMemberN)
	if !ok {
		return 0
	}
	value, _ := strconv.Atoi(member.Value)
	return value
}
