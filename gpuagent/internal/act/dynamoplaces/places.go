// Package dynamoplaces keeps the breaker's places in one item of the state
// table, and reads the one by which the capacity controller says that it has
// capacity to spare. It needs dynamodb:GetItem and UpdateItem.
//
//	item      pk               sk        attributes
//	breaker   agent#<cluster>  breaker   holders: a map from container instance to the
//	                                     milliseconds since 1970 at which its lease ends;
//	                                     version: a number that each write raises
//	capacity  agent#<cluster>  capacity  spare, spareUntil; see runtime/settings
//
// A place is a lease, so that an agent which dies frees its own. Leases are much
// longer than the clocks of EC2 instances, which the hypervisor keeps within
// milliseconds, can be apart.
package dynamoplaces

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"tandem/gpuagent/internal/act"
	"tandem/runtime/settings"
)

// DynamoDB is what is called of it.
type DynamoDB interface {
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	UpdateItem(context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error)
}

// Options of [Places].
type Options struct {
	// Client, Table and Cluster are required.
	Client         DynamoDB
	Table, Cluster string
	// Lease of a place. Defaults to 10m; agents renew each minute.
	Lease time.Duration
	// Now tells the time. Defaults to time.Now.
	Now func() time.Time
}

// Places are the breaker's.
type Places struct{ options Options }

var (
	_ act.Places = (*Places)(nil)
	_ act.Spare  = (*Places)(nil)
)

// New returns the places of a cluster.
func New(options Options) *Places {
	if options.Lease == 0 {
		options.Lease = 10 * time.Minute
	}
	if options.Now == nil {
		options.Now = time.Now
	}
	return &Places{options: options}
}

// tries against agents that write at the same moment. Each of them makes
// progress for one, so that as many tries as places suffice for small clusters;
// whoever loses them all asks again later.
const tries = 8

// errContended says that others were faster each time.
var errContended = errors.New("others wrote at the same moment, each time")

// Take implements [act.Places].
func (p *Places) Take(ctx context.Context, holder string, places int) (bool, error) {
	return p.change(ctx, func(holders map[string]int64) bool {
		if _, held := holders[holder]; !held && len(holders) >= places {
			return false
		}
		holders[holder] = p.options.Now().Add(p.options.Lease).UnixMilli()
		return true
	})
}

// Leave implements [act.Places].
func (p *Places) Leave(ctx context.Context, holder string) error {
	_, err := p.change(ctx, func(holders map[string]int64) bool {
		_, held := holders[holder]
		delete(holders, holder)
		return held
	})
	return err
}

// Held implements [act.Places].
func (p *Places) Held(ctx context.Context, holder string) (bool, error) {
	holders, _, err := p.read(ctx)
	_, held := holders[holder]
	return held, err
}

// change reads the holders whose leases have not ended, and writes them back if
// the change is to be made and nobody else has written meanwhile.
func (p *Places) change(ctx context.Context, to func(map[string]int64) bool) (bool, error) {
	for range tries {
		holders, version, err := p.read(ctx)
		if err != nil {
			return false, err
		}
		if !to(holders) {
			return false, nil
		}
		switch written, err := p.write(ctx, holders, version); {
		case err != nil:
			return false, err
		case written:
			return true, nil
		}
	}
	return false, fmt.Errorf("taking a place of the breaker in table %s: %w", p.options.Table, errContended)
}

func (p *Places) key(sort string) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{
		settings.TablePartitionKey: &types.AttributeValueMemberS{Value: settings.AgentPartition(p.options.Cluster)},
		settings.TableSortKey:      &types.AttributeValueMemberS{Value: sort},
	}
}

func (p *Places) get(ctx context.Context, sort string) (map[string]types.AttributeValue, error) {
	consistent := true
	output, err := p.options.Client.GetItem(ctx, &dynamodb.GetItemInput{TableName: &p.options.Table, Key: p.key(sort), ConsistentRead: &consistent})
	if err != nil {
		return nil, fmt.Errorf("reading %s of table %s: %w", sort, p.options.Table, err)
	}
	return output.Item, nil
}

func (p *Places) read(ctx context.Context) (holders map[string]int64, version int64, err error) {
	item, err := p.get(ctx, settings.AgentBreaker)
	if err != nil {
		return nil, 0, err
	}
	holders = map[string]int64{}
	if stored, ok := item[attributeHolders].(*types.AttributeValueMemberM); ok {
		for holder, value := range stored.Value {
			holders[holder] = number(value)
		}
	}
	now := p.options.Now().UnixMilli()
	maps.DeleteFunc(holders, func(_ string, until int64) bool { return until <= now })
	return holders, number(item[attributeVersion]), nil
}

const (
	attributeHolders = "holders"
	attributeVersion = "version"
)

// write is false when somebody else has written since the version was read.
func (p *Places) write(ctx context.Context, holders map[string]int64, version int64) (bool, error) {
	stored := map[string]types.AttributeValue{}
	for holder, until := range holders {
		stored[holder] = numeric(until)
	}
	condition := "#version = :read"
	if version == 0 {
		condition = "attribute_not_exists(#version)"
	}
	update := "SET #holders = :holders, #version = :next"
	input := &dynamodb.UpdateItemInput{
		TableName: &p.options.Table, Key: p.key(settings.AgentBreaker), UpdateExpression: &update, ConditionExpression: &condition,
		ExpressionAttributeNames: map[string]string{"#holders": attributeHolders, "#version": attributeVersion},
		ExpressionAttributeValues: map[string]types.AttributeValue{
			":holders": &types.AttributeValueMemberM{Value: stored}, ":next": numeric(version + 1),
		},
	}
	if version != 0 {
		input.ExpressionAttributeValues[":read"] = numeric(version)
	}
	_, err := p.options.Client.UpdateItem(ctx, input)
	var lost *types.ConditionalCheckFailedException
	if errors.As(err, &lost) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("writing %s of table %s: %w", settings.AgentBreaker, p.options.Table, err)
	}
	return true, nil
}

// Spare implements [act.Spare].
func (p *Places) Spare(ctx context.Context) (bool, error) {
	item, err := p.get(ctx, settings.AgentCapacity)
	if err != nil {
		return false, err
	}
	spare, _ := item[settings.AgentSpare].(*types.AttributeValueMemberBOOL)
	return spare != nil && spare.Value && number(item[settings.AgentSpareUntil]) > p.options.Now().UnixMilli(), nil
}

func numeric(value int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(value, 10)}
}

// number is zero for anything that is none.
func number(value types.AttributeValue) int64 {
	stored, ok := value.(*types.AttributeValueMemberN)
	if !ok {
		return 0
	}
	number, err := strconv.ParseInt(stored.Value, 10, 64)
	if err != nil {
		return 0
	}
	return number
}
