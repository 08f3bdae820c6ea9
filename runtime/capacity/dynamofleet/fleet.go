package dynamofleet

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"tandem/runtime/fleetstate"
	"tandem/runtime/settings"
)

// stale is when the controller's counts are no longer believed: it writes each
// minute, and has been away.
const stale = 3 * time.Minute

// Tasks is how many tasks a worker has or has been asked for. An unknown or
// stale count is none, so that the fleet is rather woken once too often.
func (s Store) Tasks(ctx context.Context, worker string) (int, error) {
	found, err := s.saved(ctx)
	if err != nil {
		return 0, fmt.Errorf("reading how many tasks worker %s has: %w", worker, err)
	}
	return countOf(found, aTasks, worker), nil
}

// Latest is the state as it was written last, and zero before a first run; for
// people to look at.
func (s Store) Latest(ctx context.Context) (fleetstate.State, error) {
	out, err := s.Client.GetItem(ctx, &dynamodb.GetItemInput{TableName: &s.Table, Key: key(controllerItem)})
	if err != nil {
		return fleetstate.State{}, fmt.Errorf("reading the last decision: %w", err)
	}
	var snapshot fleetstate.Snapshot
	if len(out.Item) > 0 {
		add(&snapshot, out.Item)
	}
	return snapshot.State, nil
}

func (s Store) saved(ctx context.Context) (item, error) {
	out, err := s.Client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &s.Table, Key: key(controllerItem),
		ProjectionExpression:     aws.String("#seen, #tasks"),
		ExpressionAttributeNames: map[string]string{"#seen": aSeen, "#tasks": aTasks},
	})
	if err != nil {
		return nil, err
	}
	if s.now().Sub(time.Unix(numberOf(out.Item, aSeen), 0)) > stale {
		return nil, nil
	}
	return out.Item, nil
}

// Turn says whether it is the caller's turn to wake a worker: one caller in
// `every` gets it, however many processes ask.
func (s Store) Turn(ctx context.Context, worker string, every time.Duration) (bool, error) {
	now := s.now()
	_, err := s.Client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.Table, Key: key(wakePrefix + worker),
		UpdateExpression:    aws.String("SET woken = :now, " + settings.TableTTL + " = :expires"),
		ConditionExpression: aws.String("attribute_not_exists(woken) OR woken <= :before OR woken > :ahead"),
		ExpressionAttributeValues: item{":now": number(now.UnixMilli()), ":before": number(now.Add(-every).UnixMilli()),
			// A clock that was ahead must not keep a worker asleep.
			":ahead": number(now.Add(every).UnixMilli()), ":expires": number(now.Add(24 * time.Hour).Unix())},
	})
	if refused(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("asking whose turn it is to wake worker %s: %w", worker, err)
	}
	return true, nil
}
