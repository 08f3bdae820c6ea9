package dynamostore

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

const (
	reasonCondition = "ConditionalCheckFailed"
	reasonConflict  = "TransactionConflict"
	reasonThrottled = "ThrottlingError"
	reasonCapacity  = "ProvisionedThroughputExceeded"
)

// transact runs a transaction. It returns the reasons if a condition failed.
// One that met another write to the same items, such as a renewal, is repeated.
func (s *Store) transact(ctx context.Context, items []types.TransactWriteItem) ([]types.CancellationReason, error) {
	for attempt := 1; ; attempt++ {
		// The SDK sets a client request token, so that its own repeats count once.
		_, err := s.client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: items})
		var mismatch *types.IdempotentParameterMismatchException
		if errors.As(err, &mismatch) && attempt < maxRepeats {
			// Only ministack says so, about the SDK's own repeat. With a new token the
			// conditions tell whether the first one had got through.
			continue
		}
		var cancelled *types.TransactionCanceledException
		if !errors.As(err, &cancelled) {
			return nil, err
		}
		passing := false
		for _, reason := range cancelled.CancellationReasons {
			switch aws.ToString(reason.Code) {
			case reasonCondition:
				return cancelled.CancellationReasons, nil
			case reasonConflict, reasonThrottled, reasonCapacity:
				passing = true
			}
		}
		if !passing || attempt == maxRepeats {
			return nil, err
		}
		if err := s.wait(ctx, attempt); err != nil {
			return nil, err
		}
	}
}

func conditionFailed(reason types.CancellationReason) bool {
	return aws.ToString(reason.Code) == reasonCondition
}
