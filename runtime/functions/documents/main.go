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
	"tandem/runtime/settings"
)

func main() {
	if doctext.Child(os.Args, os.Stdin, os.Stdout) {
		return
	}
	s := start.Settings[settings.Documents]()
	processor := start.Must(documents.New(options(s, start.AWS(), start.Logger(s.Log))))
	lambda.Start(func(ctx context.Context, event events.CloudWatchEvent) error {
		source, err := documents.ParseEvent(event.Detail)
		if err != nil {
			return err
		}
		return processor.Process(ctx, source)
	})
}

func options(s settings.Documents, config aws.Config, log *slog.Logger) documents.Options {
	router := start.Must(awsmodels.Router(config, awsmodels.Options{
		Routes: s.Models, Sleepers: s.Sleepers, Table: s.Table, Release: s.Release, Metrics: os.Stdout, Log: log}))
	made := documents.Options{Settings: s, Text: doctext.Reader{}.Text, Log: log,
		Analyser: modelanalyser.Analyser{Router: router, Model: s.Model},
		Objects:  s3objects.Objects{Client: s3.NewFromConfig(config)},
		Records:  dynamorecords.Records{Client: dynamodb.NewFromConfig(config), Table: s.Table, Trigger: s.Name}}
	if err := json.Unmarshal(start.File(s.Definition), &made.Definition); err != nil {
		start.Fail("what documents are asked cannot be read", err)
	}
	if s.OverflowWorker != "" {
		service := awsjobs.Service(config, awsjobs.Options{State: s.State, Queues: s.Queues, Log: log})
		made.Overflow = joboverflow.Overflow{Jobs: service, Worker: s.OverflowWorker}
	}
	return made
}
