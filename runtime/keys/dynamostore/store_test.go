package dynamostore_test

import (
	"crypto/rand"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	jobstore "tandem/runtime/jobs/dynamostore"
	"tandem/runtime/keys"
	"tandem/runtime/keys/dynamostore"
	"tandem/runtime/keys/keystest"
	"tandem/test/dynamolocal"
	"tandem/test/emulator"
)

func TestStoreConformsOnTheEmulator(t *testing.T) {
	keystest.Run(t, opener(emulator.ForTest(t, emulator.Options{}).Endpoint()))
}

func TestStoreConformsOnDynamoDBLocal(t *testing.T) {
	keystest.Run(t, opener(dynamolocal.Start(t)))
}

// opener opens the state table as it is, with its indexes, a new one each time.
func opener(endpoint string) func(*testing.T) keys.Store {
	client := dynamodb.New(dynamodb.Options{
		BaseEndpoint: &endpoint, Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
	return func(t *testing.T) keys.Store {
		table := "keys-" + rand.Text()
		require.NoError(t, jobstore.CreateTable(t.Context(), client, table))
		return dynamostore.New(client, table)
	}
}
