// Package awsjobs puts a jobs.Service together from its AWS adapters, for the
// functions that submit jobs.
package awsjobs

import (
	"log/slog"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"tandem/runtime/jobs"
	"tandem/runtime/jobs/awsclock"
	"tandem/runtime/jobs/dynamostore"
	"tandem/runtime/jobs/s3blobs"
	"tandem/runtime/jobs/sqsqueue"
	"tandem/runtime/settings"
)

// Options say where everything is.
type Options struct {
	State  settings.State
	Queues settings.Queues
	// WebhookQueueURL may be empty; the sweeper then sends what is due.
	WebhookQueueURL string
	// Keep is how long a finished job stays readable. Defaults to the service's own.
	Keep time.Duration
	Log  *slog.Logger
}

// Service makes the service. Its clock follows AWS's.
func Service(config aws.Config, options Options) *jobs.Service {
	clock := awsclock.New()
	config = config.Copy()
	clock.Attach(&config)
	return jobs.NewService(jobs.ServiceOptions{
		Store: dynamostore.New(dynamostore.Options{Client: dynamostore.NewClient(config), Table: options.State.Table}),
		Queue: sqsqueue.New(sqsqueue.Options{Client: sqs.NewFromConfig(config), URL: sqsqueue.URLs(options.Queues, options.WebhookQueueURL)}),
		Blobs: s3blobs.New(s3blobs.Options{Client: s3.NewFromConfig(config), Bucket: options.State.Bucket}),
		Lanes: sqsqueue.Lanes(options.Queues), Keep: options.Keep, Clock: clock, Log: options.Log,
	})
}
