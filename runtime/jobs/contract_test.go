package jobs_test

import (
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tandem/runtime/jobs"
	"tandem/runtime/jobs/dynamostore"
	"tandem/runtime/jobs/jobstest"
	"tandem/runtime/jobs/memory"
	"tandem/runtime/jobs/s3blobs"
	"tandem/runtime/jobs/sqsqueue"
	"tandem/test/dynamolocal"
	"tandem/test/emulator"
	"tandem/test/steadyhttp"
)

func TestContractHoldsInMemory(t *testing.T) {
	jobstest.RunContract(t, func(t *testing.T) jobstest.Kit {
		return jobstest.Kit{Store: memory.NewStore(), Queue: memory.NewQueue(jobstest.QueueLane), Blobs: memoryBlobs(t)}
	})
}

func TestContractHoldsOnTheEmulator(t *testing.T) {
	config := steady(emulator.ForTest(t, emulator.Options{}).Config())
	jobstest.RunContract(t, func(t *testing.T) jobstest.Kit {
		return jobstest.Kit{Store: newStore(t, config), Queue: newQueue(t, config), Blobs: newBlobs(t, config)}
	})
}

// DynamoDB Local judges expressions as DynamoDB does, where the emulator is lenient.
func TestContractHoldsOnDynamoDBLocal(t *testing.T) {
	config := aws.Config{Region: "us-east-1", BaseEndpoint: aws.String(dynamolocal.Start(t)), HTTPClient: steadyhttp.New(),
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", "")}
	jobstest.RunContract(t, func(t *testing.T) jobstest.Kit {
		return jobstest.Kit{Store: newStore(t, config), Queue: memory.NewQueue(jobstest.QueueLane), Blobs: memoryBlobs(t)}
	})
}

// steady keeps the SDK from receiving twice: a message whose receiver did not
// get the answer stays hidden for a while.
func steady(config aws.Config) aws.Config {
	config.HTTPClient = steadyhttp.New()
	return config
}

func memoryBlobs(t *testing.T) jobs.Blobs {
	server := httptest.NewUnstartedServer(nil)
	blobs := memory.NewBlobs("http://" + server.Listener.Addr().String())
	server.Config.Handler = blobs
	server.Start()
	t.Cleanup(server.Close)
	return blobs
}

func newStore(t *testing.T, config aws.Config) *dynamostore.Store {
	t.Helper()
	client, table := dynamostore.NewClient(config), "state-"+uuid.NewString()
	require.NoError(t, dynamostore.CreateTable(t.Context(), client, table))
	return dynamostore.New(dynamostore.Options{Client: client, Table: table})
}

func newQueue(t *testing.T, config aws.Config) *sqsqueue.Queue {
	t.Helper()
	client, urls := sqs.NewFromConfig(config), map[jobs.Lane]string{}
	for _, lane := range []jobs.Lane{jobstest.QueueLane, jobs.WebhookLane} {
		created, err := client.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("q-" + uuid.NewString())})
		require.NoError(t, err)
		urls[lane] = *created.QueueUrl
	}
	return sqsqueue.New(sqsqueue.Options{Client: client, URL: func(lane jobs.Lane) (string, bool) {
		url, found := urls[lane]
		return url, found
	}})
}

func newBlobs(t *testing.T, config aws.Config) *s3blobs.Blobs {
	t.Helper()
	client, bucket := s3.NewFromConfig(config), "blobs-"+uuid.NewString()
	_, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String(bucket)})
	require.NoError(t, err)
	return s3blobs.New(s3blobs.Options{Client: client, Bucket: bucket})
}
