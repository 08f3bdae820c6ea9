// Webhooks tells callers that their jobs have ended.
package main

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"tandem/runtime/functions/internal/start"
	"tandem/runtime/jobs"
	"tandem/runtime/jobs/dynamostore"
	"tandem/runtime/jobs/sqsqueue"
	"tandem/runtime/secrets"
	"tandem/runtime/settings"
	"tandem/runtime/webhooks"
	"tandem/runtime/webhooks/lambdacourier"
	"tandem/runtime/webhooks/target"
)

func main() {
	s := start.Settings[settings.Webhooks]()
	log, config := start.Logger(s.Log), start.AWS()
	store := dynamostore.New(dynamostore.Options{Client: dynamostore.NewClient(config), Table: s.Table})
	queue := sqsqueue.New(sqsqueue.Options{Client: sqs.NewFromConfig(config), URL: sqsqueue.URLs(settings.Queues{}, s.QueueURL)})
	vault := secrets.New(secrets.Options{Client: secretsmanager.NewFromConfig(config)})
	courier := webhooks.New(webhooks.Options{
		Policy: target.Policy{AllowPrivate: s.AllowPrivate},
		Jobs:   store, Recorder: jobs.NewOutbox(jobs.OutboxOptions{Store: store, Queue: queue}),
		Master: func(ctx context.Context) (string, error) { return vault.Get(ctx, s.SigningSecret) }, Log: log,
	})
	lambda.Start(lambdacourier.Handler{Courier: courier, Hider: queue, Log: log}.Handle)
}
