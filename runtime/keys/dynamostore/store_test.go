package dynamostore_test

import (
	"context"
	"crypto/rand"
	"os"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"tandem/runtime/keys"
	"tandem/runtime/keys/dynamostore"
	"tandem/runtime/keys/keystest"
	"tandem/runtime/settings"
)

// TestDynamoStoreConforms runs where TANDEM_TEST_DYNAMODB is the URL of an
// emulator or of DynamoDB Local.
func TestDynamoStoreConforms(t *testing.T) {
	endpoint := os.Getenv("TANDEM_TEST_DYNAMODB")
	if endpoint == "" {
		t.Skip("TANDEM_TEST_DYNAMODB names no emulator and no DynamoDB Local")
	}
	client := dynamodb.New(dynamodb.Options{
		BaseEndpoint: &endpoint, Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	})
	keystest.Run(t, func(t *testing.T) keys.Store {
		table := "keys-" + rand.Text()
		_, err := client.CreateTable(t.Context(), &dynamodb.CreateTableInput{
			TableName: &table, BillingMode: types.BillingModePayPerRequest,
			AttributeDefinitions: []types.AttributeDefinition{
				{AttributeName: aws.String(settings.TablePartitionKey), AttributeType: types.ScalarAttributeTypeS},
				{AttributeName: aws.String(settings.TableSortKey), AttributeType: types.ScalarAttributeTypeS},
			},
			KeySchema: []types.KeySchemaElement{
				{AttributeName: aws.String(settings.TablePartitionKey), KeyType: types.KeyTypeHash},
				{AttributeName: aws.String(settings.TableSortKey), KeyType: types.KeyTypeRange},
			},
		})
		require.NoError(t, err)
		t.Cleanup(func() {
			_, _ = client.DeleteTable(context.WithoutCancel(t.Context()), &dynamodb.DeleteTableInput{TableName: &table})
		})
		return dynamostore.New(client, table)
	})
}
