package dynamostore

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Remove takes a key and its line in the registry away, without a trace: for
// tools that clean up behind themselves. People revoke keys instead. One that
// does not exist is no error.
func (s *Store) Remove(ctx context.Context, id string) error {
	_, err := s.client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{
		{Delete: &types.Delete{TableName: &s.table, Key: itemKey(id)}},
		{Delete: &types.Delete{TableName: &s.table, Key: registryKey(id)}},
	}})
	if err != nil {
		return fmt.Errorf("removing key %s from table %s: %w", id, s.table, err)
	}
	return nil
}
