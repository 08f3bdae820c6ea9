package dynamofleet

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"tandem/runtime/fleetreport"
	"tandem/runtime/fleetreport/dynamoreport"
	"tandem/runtime/fleetstate"
	"tandem/runtime/settings"
)

// Client is what the store calls of DynamoDB.
type Client interface {
	GetItem(ctx context.Context, in *dynamodb.GetItemInput, options ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	PutItem(ctx context.Context, in *dynamodb.PutItemInput, options ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error)
	UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, options ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error)
	TransactWriteItems(ctx context.Context, in *dynamodb.TransactWriteItemsInput, options ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error)
	Query(ctx context.Context, in *dynamodb.QueryInput, options ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error)
}

// Store is the partition. Its methods are safe for concurrent use.
type Store struct {
	// Client and Table are required.
	Client Client
	Table  string
	// Now defaults to time.Now.
	Now func() time.Time
}

const (
	controllerItem = "controller"
	jobsItem       = "jobs"
	wakePrefix     = "wake#"

	aBody    = "body"
	aVersion = "ver"
	aSeen    = "seen"
	aTasks   = "tasks"
)

type item = map[string]types.AttributeValue

// Load reads everything, strongly consistent, so that a run sees what the one
// before it wrote.
func (s Store) Load(ctx context.Context) (fleetstate.Snapshot, error) {
	snapshot := fleetstate.Snapshot{Durations: map[string]fleetreport.Histogram{}}
	query := &dynamodb.QueryInput{
		TableName: &s.Table, ConsistentRead: aws.Bool(true),
		KeyConditionExpression:    aws.String(settings.TablePartitionKey + " = :fleet"),
		ExpressionAttributeValues: item{":fleet": text(settings.FleetPartition)},
	}
	for {
		out, err := s.Client.Query(ctx, query)
		if err != nil {
			return snapshot, fmt.Errorf("reading the state of the fleet: %w", err)
		}
		for _, found := range out.Items {
			add(&snapshot, found)
		}
		if len(out.LastEvaluatedKey) == 0 {
			return snapshot, nil
		}
		query.ExclusiveStartKey = out.LastEvaluatedKey
	}
}

func add(s *fleetstate.Snapshot, found item) {
	name := textOf(found, settings.TableSortKey)
	switch {
	case name == controllerItem:
		// A body that an older or newer program wrote in another form is as good
		// as none; its version still counts.
		if json.Unmarshal([]byte(textOf(found, aBody)), &s.State) != nil {
			s.State = fleetstate.State{}
		}
		s.State.Version = numberOf(found, aVersion)
	case name == jobsItem:
		if json.Unmarshal([]byte(textOf(found, aBody)), &s.Jobs) != nil {
			s.Jobs = fleetstate.Jobs{}
		}
	default:
		if worker, histogram, ok := dynamoreport.Read(found); ok {
			sum := s.Durations[worker]
			sum.Add(histogram)
			s.Durations[worker] = sum
		}
	}
}

// Save writes the state, if nobody has since it was loaded; else fleetstate.ErrConflict.
func (s Store) Save(ctx context.Context, state fleetstate.State, saved fleetstate.Saved) error {
	body, err := json.Marshal(state)
	if err != nil {
		return fmt.Errorf("encoding the state of the fleet: %w", err)
	}
	to := key(controllerItem)
	to[aBody] = text(string(body))
	to[aVersion] = number(state.Version + 1)
	to[aSeen] = number(s.now().Unix())
	to[aTasks] = counts(saved.Tasks)
	put := types.Put{
		TableName: &s.Table, Item: to,
		ConditionExpression:       aws.String("attribute_not_exists(" + aVersion + ") OR " + aVersion + " = :version"),
		ExpressionAttributeValues: item{":version": number(state.Version)},
	}
	if saved.Spare == nil {
		_, err = s.Client.PutItem(ctx, &dynamodb.PutItemInput{TableName: put.TableName, Item: put.Item,
			ConditionExpression: put.ConditionExpression, ExpressionAttributeValues: put.ExpressionAttributeValues})
	} else {
		// Both in one call, and neither without the other.
		_, err = s.Client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{
			{Put: &put}, {Put: &types.Put{TableName: &s.Table, Item: spareItem(*saved.Spare)}},
		}})
	}
	if refused(err) {
		return fleetstate.ErrConflict
	}
	if err != nil {
		return fmt.Errorf("writing the state of the fleet: %w", err)
	}
	return nil
}

// refused says that a condition was not met, or that another transaction was at
// the item in the same moment.
func refused(err error) bool {
	var failed *types.ConditionalCheckFailedException
	var canceled *types.TransactionCanceledException
	if errors.As(err, &canceled) {
		return slices.ContainsFunc(canceled.CancellationReasons, func(reason types.CancellationReason) bool {
			code := aws.ToString(reason.Code)
			return code == "ConditionalCheckFailed" || code == "TransactionConflict"
		})
	}
	var conflict *types.TransactionConflictException
	return errors.As(err, &failed) || errors.As(err, &conflict)
}

func spareItem(s fleetstate.Spare) item {
	return item{
		settings.TablePartitionKey: text(settings.AgentPartition(s.Cluster)), settings.TableSortKey: text(settings.AgentCapacity),
		settings.AgentSpare: &types.AttributeValueMemberBOOL{Value: s.Spare}, settings.AgentSpareUntil: number(s.Until.UnixMilli()),
	}
}

// SaveJobs writes what the sweeper saw.
func (s Store) SaveJobs(ctx context.Context, jobs fleetstate.Jobs) error {
	body, err := json.Marshal(jobs)
	if err != nil {
		return fmt.Errorf("encoding what was seen of jobs: %w", err)
	}
	to := key(jobsItem)
	to[aBody] = text(string(body))
	if _, err := s.Client.PutItem(ctx, &dynamodb.PutItemInput{TableName: &s.Table, Item: to}); err != nil {
		return fmt.Errorf("writing what was seen of jobs: %w", err)
	}
	return nil
}

func (s Store) now() time.Time {
	if s.Now == nil {
		return time.Now()
	}
	return s.Now()
}

func key(sort string) item {
	return item{settings.TablePartitionKey: text(settings.FleetPartition), settings.TableSortKey: text(sort)}
}

func text(value string) types.AttributeValue { return &types.AttributeValueMemberS{Value: value} }

func number(value int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(value, 10)}
}

func counts(values map[string]int) types.AttributeValue {
	members := make(item, len(values))
	for _, name := range slices.Sorted(maps.Keys(values)) {
		members[name] = number(int64(values[name]))
	}
	return &types.AttributeValueMemberM{Value: members}
}

// textOf and numberOf are empty for what is absent or malformed.
func textOf(from item, name string) string {
	member, ok := from[name].(*types.AttributeValueMemberS)
	if !ok {
		return ""
	}
	return member.Value
}

func numberOf(from item, name string) int64 {
	member, ok := from[name].(*types.AttributeValueMemberN)
	if !ok {
		return 0
	}
	value, _ := strconv.ParseInt(member.Value, 10, 64)
	return value
}

func countOf(from item, name, member string) int {
	members, ok := from[name].(*types.AttributeValueMemberM)
	if !ok {
		return 0
	}
	return int(numberOf(members.Value, member))
}
