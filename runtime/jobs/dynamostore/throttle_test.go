package dynamostore_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"tandem/runtime/jobs"
	"tandem/runtime/jobs/dynamostore"
	"tandem/runtime/settings"
)

// table is a DynamoDB that refuses a number of times before it takes anything.
type table struct {
	dynamostore.Client
	refusals int
	calls    int
	reason   string
	written  int
}

func (f *table) refuse() bool { f.calls++; return f.calls <= f.refusals }

func (f *table) TransactWriteItems(context.Context, *dynamodb.TransactWriteItemsInput, ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	if f.refuse() {
		return nil, &types.TransactionCanceledException{CancellationReasons: []types.CancellationReason{{Code: aws.String("None")}, {Code: aws.String(f.reason)}}}
	}
	return &dynamodb.TransactWriteItemsOutput{}, nil
}

func (f *table) BatchWriteItem(_ context.Context, in *dynamodb.BatchWriteItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, error) {
	requests := in.RequestItems["t"]
	if f.refuse() {
		f.written++
		return &dynamodb.BatchWriteItemOutput{UnprocessedItems: map[string][]types.WriteRequest{"t": requests[1:]}}, nil
	}
	f.written += len(requests)
	return &dynamodb.BatchWriteItemOutput{}, nil
}

func (f *table) Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	keys := make([]map[string]types.AttributeValue, 3)
	for i, id := range []string{"a", "b", "c"} {
		keys[i] = map[string]types.AttributeValue{
			settings.TablePartitionKey: &types.AttributeValueMemberS{Value: "job#" + id},
			settings.TableSortKey:      &types.AttributeValueMemberS{Value: "job"},
		}
	}
	return &dynamodb.QueryOutput{Items: keys}, nil
}

func (f *table) BatchGetItem(_ context.Context, in *dynamodb.BatchGetItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	keys := in.RequestItems["t"].Keys
	out := &dynamodb.BatchGetItemOutput{Responses: map[string][]map[string]types.AttributeValue{}}
	if f.refuse() {
		out.UnprocessedKeys = map[string]types.KeysAndAttributes{"t": {Keys: keys[1:]}}
		keys = keys[:1]
	}
	for _, key := range keys {
		key["stat"] = &types.AttributeValueMemberS{Value: "queued"}
		out.Responses["t"] = append(out.Responses["t"], key)
	}
	return out, nil
}

func (f *table) store(waited *[]int) *dynamostore.Store {
	return dynamostore.New(dynamostore.Options{Client: f, Table: "t", Wait: func(_ context.Context, attempt int) error {
		*waited = append(*waited, attempt)
		return nil
	}})
}

func TestATransactionThatMetAnotherWriteIsRepeated(t *testing.T) {
	for _, reason := range []string{"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"} {
		var waited []int
		fake := &table{refusals: 3, reason: reason}
		_, stored, err := fake.store(&waited).PutStep(t.Context(), jobs.Held{ID: "x"}, jobs.Step{Key: "k"})
		require.NoError(t, err)
		require.True(t, stored)
		require.Equal(t, []int{1, 2, 3}, waited)
	}
}

func TestATransactionThatNeverGetsThroughIsGivenUp(t *testing.T) {
	var waited []int
	fake := &table{refusals: 1000, reason: "TransactionConflict"}
	_, _, err := fake.store(&waited).PutStep(t.Context(), jobs.Held{ID: "x"}, jobs.Step{Key: "k"})
	var cancelled *types.TransactionCanceledException
	require.ErrorAs(t, err, &cancelled)
	require.NotErrorIs(t, err, jobs.ErrLeaseLost)
	require.Less(t, fake.calls, 20)
}

func TestATransactionThatIsWrongIsNotRepeated(t *testing.T) {
	var waited []int
	fake := &table{refusals: 1, reason: "ValidationError"}
	require.Error(t, fake.store(&waited).PutCheckpoint(t.Context(), jobs.Held{ID: "x"}, jobs.Checkpoint{}))
	require.Empty(t, waited)
}

func TestPartialOutputThatWasNotTakenIsSentAgain(t *testing.T) {
	var waited []int
	fake := &table{refusals: 2}
	require.NoError(t, fake.store(&waited).AppendEvents(t.Context(), jobs.Held{ID: "x"}, make([]jobs.Event, 30)))
	require.Equal(t, 30, fake.written)
	require.Equal(t, []int{1, 2}, waited)
	fake = &table{refusals: 20}
	require.ErrorContains(t, fake.store(&waited).AppendEvents(t.Context(), jobs.Held{ID: "x"}, make([]jobs.Event, 25)), "throttled")
}

func TestListedJobsThatWereNotReadAreReadAgain(t *testing.T) {
	var waited []int
	fake := &table{refusals: 1}
	got, _, err := fake.store(&waited).List(t.Context(), "acme", nil, 10)
	require.NoError(t, err)
	require.Len(t, got, 3)
	require.Equal(t, []string{"a", "b", "c"}, []string{got[0].ID, got[1].ID, got[2].ID})
	require.Len(t, waited, 1)
}

func TestWaitingEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	store := dynamostore.New(dynamostore.Options{Client: &table{refusals: 3, reason: "TransactionConflict"}, Table: "t"})
	_, _, err := store.PutStep(ctx, jobs.Held{ID: "x"}, jobs.Step{Key: "k"})
	require.ErrorIs(t, err, context.Canceled)
}

// conflicting answers the first request as DynamoDB does while a transaction holds the item.
type conflicting struct{ requests int }

func (c *conflicting) Do(request *http.Request) (*http.Response, error) {
	c.requests++
	status, body := http.StatusOK, `{}`
	if c.requests == 1 {
		status, body = http.StatusBadRequest, `{"__type":"com.amazonaws.dynamodb.v20120810#TransactionConflictException","message":"busy"}`
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: request}, nil
}

func TestAWriteThatMetATransactionIsRepeated(t *testing.T) {
	wire := &conflicting{}
	client := dynamostore.NewClient(aws.Config{Region: "us-east-1", HTTPClient: wire, Credentials: credentials.NewStaticCredentialsProvider("a", "b", "")})
	store := dynamostore.New(dynamostore.Options{Client: client, Table: "t"})
	now := time.Now()
	require.NoError(t, store.Create(t.Context(), jobs.Job{ID: "x", Tenant: "acme", State: jobs.Queued, Created: now}))
	require.Equal(t, 2, wire.requests)
}

// words loses the item with the caller's words.
type words struct{ dynamostore.Client }

func (words) GetItem(_ context.Context, in *dynamodb.GetItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	if in.Key[settings.TableSortKey].(*types.AttributeValueMemberS).Value != "job" {
		return &dynamodb.GetItemOutput{}, nil
	}
	item := in.Key
	item["stat"], item["hsta"] = &types.AttributeValueMemberS{Value: "failed"}, &types.AttributeValueMemberS{Value: "pending"}
	item["apar"] = &types.AttributeValueMemberBOOL{Value: true}
	return &dynamodb.GetItemOutput{Item: item}, nil
}

func TestAJobThatOutlivedItsCallersWordsIsReadWithoutThem(t *testing.T) {
	got, err := dynamostore.New(dynamostore.Options{Client: words{}, Table: "t"}).Get(t.Context(), "x")
	require.NoError(t, err)
	require.Equal(t, jobs.Failed, got.State)
	require.Zero(t, got.Webhook)
}

func TestErrorsOfTheTableSayWhatWasBeingDone(t *testing.T) {
	down := errors.New("no route")
	store := dynamostore.New(dynamostore.Options{Client: broken{down}, Table: "t"})
	_, getting := store.Get(t.Context(), "job-7")
	_, claiming := store.Claim(t.Context(), jobs.Claim{ID: "job-7"})
	for _, err := range []error{getting, claiming, store.Create(t.Context(), jobs.Job{ID: "job-7"}), store.Replace(t.Context(), jobs.Job{ID: "job-7"})} {
		require.ErrorIs(t, err, down)
		require.ErrorContains(t, err, "job job-7")
	}
}

type broken struct{ err error }

func (b broken) PutItem(context.Context, *dynamodb.PutItemInput, ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	return nil, b.err
}
func (b broken) GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	return nil, b.err
}
func (b broken) UpdateItem(context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	return nil, b.err
}
func (b broken) Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	return nil, b.err
}
func (b broken) BatchGetItem(context.Context, *dynamodb.BatchGetItemInput, ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	return nil, b.err
}
func (b broken) BatchWriteItem(context.Context, *dynamodb.BatchWriteItemInput, ...func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, error) {
	return nil, b.err
}
func (b broken) TransactWriteItems(context.Context, *dynamodb.TransactWriteItemsInput, ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	return nil, b.err
}
