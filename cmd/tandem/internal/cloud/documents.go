package cloud

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"tandem/cmd/tandem/internal/deployed"
	"tandem/cmd/tandem/internal/documentlist"
	"tandem/runtime/documents"
	"tandem/runtime/documents/dynamorecords"
)

// Documents opens one trigger of a deployment.
func (c *Cloud) Documents(d *deployed.Deployment, name string) documentlist.Trigger {
	return trigger{
		Ledger:   dynamorecords.Ledger{Client: dynamodb.NewFromConfig(c.config), Table: d.Table, Trigger: name},
		lambda:   lambda.NewFromConfig(c.config),
		function: d.Documents[name],
	}
}

type trigger struct {
	dynamorecords.Ledger
	lambda   *lambda.Client
	function string
}

// Start implements documentlist.Trigger: it sends what the upload's event says.
func (t trigger) Start(ctx context.Context, source documents.Source) error {
	event, err := json.Marshal(map[string]any{
		"source": "aws.s3", "detail-type": "Object Created",
		"detail": map[string]any{
			"bucket": map[string]any{"name": source.Bucket},
			"object": map[string]any{"key": source.Key, "size": source.Size, "version-id": source.Version},
		},
	})
	if err != nil {
		return fmt.Errorf("writing the event of %s: %w", source.Key, err)
	}
	_, err = t.lambda.Invoke(ctx, &lambda.InvokeInput{FunctionName: aws.String(t.function), InvocationType: types.InvocationTypeEvent, Payload: event})
	if err != nil {
		return fmt.Errorf("starting the analysis of %s: %w", source.Key, err)
	}
	return nil
}
