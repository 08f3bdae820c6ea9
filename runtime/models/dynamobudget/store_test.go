package dynamobudget_test

import (
	"crypto/rand"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	jobstore "tandem/runtime/jobs/dynamostore"
	"tandem/runtime/models/budget"
	"tandem/runtime/models/budgettest"
	"tandem/runtime/models/dynamobudget"
	"tandem/test/emulator"
)

func TestTheStoreConformsOnTheEmulator(t *testing.T) {
	endpoint := emulator.ForTest(t, emulator.Options{}).Endpoint()
	client := dynamodb.New(dynamodb.Options{
		BaseEndpoint: &endpoint, Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
	budgettest.Run(t, func(t *testing.T) budget.Store {
		table := "spend-" + rand.Text()
		require.NoError(t, jobstore.CreateTable(t.Context(), client, table))
		return dynamobudget.New(client, table)
	})
}

func TestADayThatIsNoneIsRefused(t *testing.T) {
	_, err := dynamobudget.New(nil, "state").Add(t.Context(), "acme", "yesterday", 1)
	require.ErrorContains(t, err, `day "yesterday"`)
}
