// Sweeper finds stranded jobs, each minute.
package main

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"tandem/runtime/capacity/dynamofleet"
	"tandem/runtime/capacity/jobwatch"
	"tandem/runtime/functions/internal/start"
	"tandem/runtime/jobs"
	"tandem/runtime/jobs/awsclock"
	"tandem/runtime/jobs/dynamostore"
	"tandem/runtime/jobs/sqsqueue"
	"tandem/runtime/settings"
)

func main() {
	s := start.Settings[settings.Sweeper]()
	log, config, clock := start.Logger(s.Log), start.AWS(), awsclock.New()
	clock.Attach(&config)
	options := jobs.SweeperOptions{
		Store: dynamostore.New(dynamostore.Options{Client: dynamostore.NewClient(config), Table: s.Table}),
		Queue: sqsqueue.New(sqsqueue.Options{Client: sqs.NewFromConfig(config), URL: sqsqueue.URLs(s.Queues, s.WebhookQueueURL)}),
		Lanes: sqsqueue.Lanes(s.Queues), Clock: clock, Log: log,
	}
	fleet := dynamofleet.Store{Client: dynamodb.NewFromConfig(config), Table: s.Table}
	// What the event says does not matter: there is one thing to do.
	lambda.Start(func(ctx context.Context) error {
		var watch jobwatch.Watch
		options.Seen = watch.See
		report, err := jobs.NewSweeper(options).RunOnce(ctx)
		if watchErr := fleet.SaveJobs(ctx, watch.Jobs(clock.Now())); watchErr != nil {
			// The controller does without; jobs were looked after all the same.
			log.WarnContext(ctx, "the capacity controller does not hear of jobs", "error", watchErr.Error())
		}
		log.InfoContext(ctx, "swept", "interrupted", report.Interrupted, "ended", report.Ended, "announced", report.Announced,
			"webhooks", report.Webhooks, "more", report.More)
		return err
	})
}
