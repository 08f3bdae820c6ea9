package jobs_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tandem/runtime/jobs"
	"tandem/runtime/jobs/dynamostore"
	"tandem/runtime/jobs/jobstest"
	"tandem/runtime/jobs/memory"
	"tandem/test/dynamolocal"
	"tandem/test/emulator"
	"tandem/test/steadyhttp"
)

// counting counts requests by operation.
type counting struct {
	next  aws.HTTPClient
	mu    sync.Mutex
	calls map[string]int
}

func (c *counting) Do(request *http.Request) (*http.Response, error) {
	target := request.Header.Get("X-Amz-Target")
	if target == "" {
		target = request.Method + " object"
	}
	c.mu.Lock()
	c.calls[target[strings.LastIndex(target, ".")+1:]]++
	c.mu.Unlock()
	return c.next.Do(request)
}

// AWS calls are what a job costs at scale. Ten short jobs, taken ten at a time.
func TestAShortJobTakesSoManyAWSCalls(t *testing.T) {
	const count = 10
	config := emulator.ForTest(t, emulator.Options{}).Config()
	calls := &counting{next: steadyhttp.New(), calls: map[string]int{}}
	config.HTTPClient = calls
	store, queue, blobs := newStore(t, config), newQueue(t, config), newBlobs(t, config)
	clear(calls.calls)
	service := jobs.NewService(jobs.ServiceOptions{Store: store, Queue: queue, Blobs: blobs})
	runner := jobs.NewRunner(jobs.RunnerOptions{Store: store, Queue: queue})

	for range count {
		_, _, err := service.Submit(t.Context(), jobs.Submission{Tenant: "acme", Worker: jobstest.QueueLane.Worker, Input: []byte(`{"page":1}`)})
		require.NoError(t, err)
	}
	deliveries, err := queue.Receive(t.Context(), jobstest.QueueLane, 10, 0, jobs.LeaseFor)
	require.NoError(t, err)
	require.Len(t, deliveries, count)
	var receipts []string
	for _, delivery := range deliveries {
		message, err := jobs.ParseMessage(delivery.Body)
		require.NoError(t, err)
		job, err := runner.Claim(t.Context(), message.ID, "task/1")
		require.NoError(t, err)
		_, err = runner.Succeed(t.Context(), job.Held(), jobs.Bytes("application/json", []byte(`{"text":"..."}`)))
		require.NoError(t, err)
		receipts = append(receipts, delivery.Receipt)
	}
	require.NoError(t, queue.Delete(t.Context(), jobstest.QueueLane, receipts))
	require.Equal(t, map[string]int{
		"PutItem": count, "SendMessage": count, "ReceiveMessage": 1, "UpdateItem": 2 * count, "DeleteMessageBatch": 1,
	}, calls.calls)
}

// billed adds up the write units that DynamoDB bills, those of indexes included.
type billed struct {
	*dynamodb.Client
	writes float64
}

func (b *billed) add(capacity *types.ConsumedCapacity) {
	if capacity != nil {
		b.writes += aws.ToFloat64(capacity.CapacityUnits)
	}
}

func (b *billed) PutItem(ctx context.Context, in *dynamodb.PutItemInput, options ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	in.ReturnConsumedCapacity = types.ReturnConsumedCapacityTotal
	out, err := b.Client.PutItem(ctx, in, options...)
	if err == nil {
		b.add(out.ConsumedCapacity)
	}
	return out, err
}

func (b *billed) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, options ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	in.ReturnConsumedCapacity = types.ReturnConsumedCapacityTotal
	out, err := b.Client.UpdateItem(ctx, in, options...)
	if err == nil {
		b.add(out.ConsumedCapacity)
	}
	return out, err
}

func TestAShortJobTakesSoManyWriteUnits(t *testing.T) {
	config := aws.Config{Region: "us-east-1", BaseEndpoint: aws.String(dynamolocal.Start(t)), HTTPClient: steadyhttp.New(),
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", "")}
	client, table := &billed{Client: dynamostore.NewClient(config)}, "state-"+uuid.NewString()
	require.NoError(t, dynamostore.CreateTable(t.Context(), client, table))
	store, queue := dynamostore.New(dynamostore.Options{Client: client, Table: table}), memory.NewQueue()
	service := jobs.NewService(jobs.ServiceOptions{Store: store, Queue: queue, Blobs: memory.NewBlobs("")})
	runner := jobs.NewRunner(jobs.RunnerOptions{Store: store, Queue: queue})
	spent := func() float64 {
		writes := client.writes
		client.writes = 0
		return writes
	}
	job, _, err := service.Submit(t.Context(), jobs.Submission{Tenant: "acme", Worker: "analyse",
		Input: make([]byte, 400), Metadata: map[string]string{"order": "0123456789"}})
	require.NoError(t, err)
	require.Empty(t, job.Input.BlobKey)
	require.InDelta(t, 3, spent(), 0, "submit: item, by-tenant, by-state")
	job, err = runner.Claim(t.Context(), job.ID, "0123456789abcdef0123456789abcdef/12345")
	require.NoError(t, err)
	require.InDelta(t, 3, spent(), 0, "claim: item, out of queued, into running")
	_, err = runner.Renew(t.Context(), job.Held(), &jobs.Progress{Percent: 50, Message: "half of it is done"})
	require.NoError(t, err)
	require.InDelta(t, 1, spent(), 0, "renewal: item")
	_, err = runner.Succeed(t.Context(), job.Held(), jobs.Bytes("application/json", make([]byte, 100)))
	require.NoError(t, err)
	require.InDelta(t, 2, spent(), 0, "commit: item, out of running")
}
