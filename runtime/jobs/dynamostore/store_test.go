package dynamostore_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tandem/runtime/jobs"
	"tandem/runtime/jobs/dynamostore"
	"tandem/runtime/jobs/jobstest"
	"tandem/test/dynamolocal"
	"tandem/test/emulator"
	"tandem/test/steadyhttp"
)

func TestStoreKeepsItsPromisesOnTheEmulator(t *testing.T) {
	jobstest.RunStore(t, opener(t, emulator.ForTest(t, emulator.Options{}).Endpoint()))
}

func TestStoreKeepsItsPromisesOnDynamoDBLocal(t *testing.T) {
	jobstest.RunStore(t, opener(t, dynamolocal.Start(t)))
}

// client sends nothing twice by itself: a renewal that is sent again counts one
// revision more than the rules say.
func client(endpoint string, wrap func(aws.HTTPClient) aws.HTTPClient) *dynamodb.Client {
	var plain aws.HTTPClient = steadyhttp.New()
	if wrap != nil {
		plain = wrap(plain)
	}
	return dynamostore.NewClient(aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String(endpoint), HTTPClient: plain,
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
}

func opener(t *testing.T, endpoint string) func(*testing.T) jobs.Store {
	t.Helper()
	client := client(endpoint, nil)
	table := newTable(t, client)
	return func(*testing.T) jobs.Store {
		return dynamostore.New(dynamostore.Options{Client: client, Table: table})
	}
}

func newTable(t *testing.T, client *dynamodb.Client) string {
	t.Helper()
	table := "state-" + uuid.NewString()
	require.NoError(t, dynamostore.CreateTable(t.Context(), client, table))
	return table
}
