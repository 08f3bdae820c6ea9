package dynamostore

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"tandem/runtime/settings"
)

// TableCreator is what CreateTable calls of DynamoDB.
type TableCreator interface {
	CreateTable(context.Context, *dynamodb.CreateTableInput, ...func(*dynamodb.Options)) (*dynamodb.CreateTableOutput, error)
}

// CreateTable makes a state table for tests and tools; deployments have theirs
// from the construct. A table that exists is no error. Tables of an emulator
// can be used at once; on AWS, wait until it is active.
func CreateTable(ctx context.Context, client TableCreator, name string) error {
	input := &dynamodb.CreateTableInput{
		TableName: aws.String(name), BillingMode: types.BillingModePayPerRequest,
		KeySchema: keySchema(settings.TablePartitionKey, settings.TableSortKey),
		AttributeDefinitions: []types.AttributeDefinition{
			definition(settings.TablePartitionKey, types.ScalarAttributeTypeS),
			definition(settings.TableSortKey, types.ScalarAttributeTypeS),
		},
	}
	for _, index := range settings.TableIndexes() {
		sort := types.ScalarAttributeTypeS
		if index.SortKeyNumber {
			sort = types.ScalarAttributeTypeN
		}
		input.AttributeDefinitions = append(input.AttributeDefinitions,
			definition(index.PartitionKey, types.ScalarAttributeTypeS), definition(index.SortKey, sort))
		input.GlobalSecondaryIndexes = append(input.GlobalSecondaryIndexes, types.GlobalSecondaryIndex{
			IndexName: aws.String(index.Name), KeySchema: keySchema(index.PartitionKey, index.SortKey),
			Projection: &types.Projection{ProjectionType: types.ProjectionTypeKeysOnly},
		})
	}
	_, err := client.CreateTable(ctx, input)
	var exists *types.ResourceInUseException
	if err != nil && !errors.As(err, &exists) {
		return fmt.Errorf("creating table %s: %w", name, err)
	}
	return nil
}

func keySchema(partition, sort string) []types.KeySchemaElement {
	return []types.KeySchemaElement{
		{AttributeName: aws.String(partition), KeyType: types.KeyTypeHash},
		{AttributeName: aws.String(sort), KeyType: types.KeyTypeRange},
	}
}

func definition(name string, kind types.ScalarAttributeType) types.AttributeDefinition {
	return types.AttributeDefinition{AttributeName: aws.String(name), AttributeType: kind}
}
