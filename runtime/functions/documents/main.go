// Documents analyses one upload an event.
package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"tandem/runtime/documents"
	"tandem/runtime/documents/doctext"
	"tandem/runtime/documents/dynamorecords"
	"tandem/runtime/documents/joboverflow"
	"tandem/runtime/documents/modelanalyser"
	"tandem/runtime/documents/s3objects"
	"tandem/runtime/functions/internal/awsjobs"
	"tandem/runtime/functions/internal/awsmodels"
	"tandem/runtime/functions/internal/start"
	"tandem/runtime/jobs/s3blobs"
	"tandem/runtime/settings"
)

func main() {
	if doctext.Child(os.Args, os.Stdin, os.Stdout) {
		return
	}
	s := start.Settings[settings.Documents]()
	processor := start.Must(documents.New(options(s, start.AWS(), start.Logger(s.Log))))
	lambda.Start(func(ctx context.Context, event events.CloudWatchEvent) error {
		return processor.Handle(ctx, event.Source, event.Detail)
	})
}

func options(s settings.Documents, config aws.Config, log *slog.Logger) documents.Options {
	router := start.Must(awsmodels.Router(config, awsmodels.Options{
		Routes: s.Models, WakeFunction: s.WakeFunction, Table: s.Table, Release: s.Release, Metrics: os.Stdout, Log: log}))
	storage := s3.NewFromConfig(config)
	records := dynamorecords.Records{Client: dynamodb.NewFromConfig(config), Table: s.Table, Trigger: s.Name}
	made := documents.Options{Settings: s, Text: doctext.Reader{}.Text, Log: log, Records: records,
		Analyser: modelanalyser.Analyser{Router: router, Model: s.Model}, Objects: s3objects.Objects{Client: storage}}
	if err := json.Unmarshal(start.File(s.Definition), &made.Definition); err != nil {
		start.Fail("what documents are asked cannot be read", err)
	}
	if s.OverflowWorker != "" {
		service := awsjobs.Service(config, awsjobs.Options{State: s.State, Queues: s.Queues, Log: log})
		made.Overflow, made.Moves = joboverflow.Overflow{Jobs: service, Worker: s.OverflowWorker}, records
		made.JobEnds = joboverflow.Ends{Jobs: service, Blobs: s3blobs.New(s3blobs.Options{Client: storage, Bucket: s.Bucket})}
	}
	return made
}
