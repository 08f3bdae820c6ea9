package dynamostore_test

import (
	"os"
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
)

func TestStoreKeepsItsPromisesOnTheEmulator(t *testing.T) {
	jobstest.RunStore(t, opener(t, emulator(t)))
}

func TestStoreKeepsItsPromisesOnDynamoDBLocal(t *testing.T) {
	jobstest.RunStore(t, opener(t, dynamolocal.Start(t)))
}

func emulator(t *testing.T) string {
	t.Helper()
	endpoint := os.Getenv("TANDEM_EMULATOR_ENDPOINT")
	if endpoint == "" {
		t.Skip("no emulator: set TANDEM_EMULATOR_ENDPOINT to one")
	}
	return endpoint
}

func client(endpoint string) *dynamodb.Client {
	return dynamostore.NewClient(aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String(endpoint),
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
}

func opener(t *testing.T, endpoint string) func(*testing.T) jobs.Store {
	t.Helper()
	client, table := client(endpoint), "state-"+uuid.NewString()
	require.NoError(t, dynamostore.CreateTable(t.Context(), client, table))
	return func(*testing.T) jobs.Store {
		return dynamostore.New(dynamostore.Options{Client: client, Table: table})
	}
}
