package measure

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"tandem/prices"
	"tandem/runtime/settings"
	"tandem/test/checkout"
)

// What a short job costs at scale is decided by the calls that it makes.
func TestAShortJobMakesFewCallsAndCostsLittle(t *testing.T) {
	checkout.Need(t, checkout.Ministack)
	// Enough that the polls of an empty queue at the end are not what is counted.
	used, err := countCalls(t.Context(), 300)
	require.NoError(t, err)
	t.Logf("%.2f calls a job: %s", used.callsAJob(), used)
	require.LessOrEqual(t, used.callsAJob(), mostCalls)
	require.InDelta(t, 1, used.aJob("PutItem"), 0.05, "submit is one put")
	require.InDelta(t, 1, used.aJob("SendMessage"), 0.05, "and one send")
	require.InDelta(t, 2, used.aJob("UpdateItem"), 0.05, "a claim and a commit")
	require.InDelta(t, 3, used.table, 0.01, "items of a kilobyte or less")
	require.InDelta(t, 5, used.index, 0.01, "into queued, out of it and into running, out of running, and the tenant's list")

	table, err := prices.Load()
	require.NoError(t, err)
	bill, err := used.price(table)
	require.NoError(t, err)
	require.Greater(t, bill.dynamo, 3.0)
	require.Greater(t, bill.sqs, 0.4)
	require.Zero(t, bill.s3, "input and result live in the item")
	require.LessOrEqual(t, bill.calls()+bill.lambda, mostMillionUSD)
}

func TestAWriteIsBilledByTheLargerItemAndEachIndexEntry(t *testing.T) {
	with := func(bytes int, place, due string) item {
		made := item{
			settings.TablePartitionKey: &types.AttributeValueMemberS{Value: "job#1"},
			settings.TableSortKey:      &types.AttributeValueMemberS{Value: "job"},
			"payload":                  &types.AttributeValueMemberB{Value: make([]byte, bytes)},
		}
		if place != "" {
			made[settings.StateIndexPartitionKey] = &types.AttributeValueMemberS{Value: place}
			made[settings.StateIndexSortKey] = &types.AttributeValueMemberS{Value: due}
		}
		return made
	}
	var l ledger
	for _, step := range []struct {
		name         string
		after        item
		table, index float64
	}{
		{"a new item outside the index", with(100, "", ""), 1, 0},
		{"an entry that appears", with(100, "queued", "n1"), 1, 1},
		{"an entry that stays", with(200, "queued", "n1"), 1, 0},
		{"an entry whose key changes", with(200, "running", "n2"), 1, 2},
		{"an item that grows beyond a kilobyte", with(1100, "running", "n2"), 2, 0},
		{"one that shrinks is billed by what it was", with(10, "running", "n2"), 2, 0},
		{"an entry that goes", with(10, "", ""), 1, 1},
	} {
		before := l
		l.written(step.after)
		require.InDelta(t, step.table, l.table-before.table, 0, step.name)
		require.InDelta(t, step.index, l.index-before.index, 0, step.name)
	}
}
