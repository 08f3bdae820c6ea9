package program

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"tandem/runtime/fleetreport"
	"tandem/runtime/fleetreport/dynamoreport"
	"tandem/runtime/jobs"
	"tandem/runtime/jobs/awsclock"
	"tandem/runtime/jobs/dynamostore"
	"tandem/runtime/jobs/s3blobs"
	"tandem/runtime/jobs/sqsqueue"
	"tandem/runtime/settings"
)

// How results are uploaded: 6 MiB at a time, 18 MiB for all jobs together.
// 10,000 parts make a result of up to 58 GiB.
const (
	partSize = 6 << 20
	parts    = 3
)

// adapters are what the worker has in AWS.
type adapters struct {
	clock *awsclock.Clock
	store jobs.Store
	queue jobs.Queue
	blobs jobs.Blobs
	// durations of jobs, for the capacity controller.
	durations *fleetreport.Recorder
}

func newAdapters(ctx context.Context, s settings.Worker, now func() time.Time) (adapters, error) {
	clock := awsclock.Upon(now)
	aws, err := configure(ctx, s.Concurrency)
	if err != nil {
		return adapters{}, err
	}
	clock.Attach(&aws)
	database := dynamostore.NewClient(aws)
	return adapters{
		clock:     clock,
		store:     dynamostore.New(dynamostore.Options{Client: database, Table: s.Table}),
		queue:     sqsqueue.New(sqsqueue.Options{Client: sqs.NewFromConfig(aws), URL: sqsqueue.URLs(s.Queues, s.WebhookQueueURL)}),
		blobs:     s3blobs.New(s3blobs.Options{Client: newS3(aws), Bucket: s.Bucket, PartSize: partSize, Buffers: parts}),
		durations: &fleetreport.Recorder{Store: dynamoreport.Durations{Client: database, Table: s.Table}, Worker: s.Name},
	}, nil
}

// polls is how many calls wait for messages, renew and delete beside the jobs' own.
const polls = 6

// configure reads region and credentials where the SDK looks for them. Each
// connection that is used at once is kept, even where all services have one
// address: a handshake costs more than a call.
func configure(ctx context.Context, connections int) (aws.Config, error) {
	client := awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
		t.MaxIdleConnsPerHost = max(10, connections+polls)
	})
	loaded, err := config.LoadDefaultConfig(ctx, config.WithHTTPClient(client))
	if err != nil {
		return aws.Config{}, fmt.Errorf("reading the AWS configuration: %w", err)
	}
	return loaded, nil
}

func newS3(config aws.Config) *s3.Client {
	return s3.NewFromConfig(config, func(o *s3.Options) {
		// Emulators have no names for buckets.
		o.UsePathStyle = config.BaseEndpoint != nil
		// It would be said of every object that was uploaded in parts.
		o.DisableLogOutputChecksumValidationSkipped = true
	})
}
