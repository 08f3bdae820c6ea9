// Jobsapi answers for /v1/jobs, /v1/uploads, /healthz and /openapi.yaml.
package main

import (
	"log/slog"
	"net/http"

	"github.com/aws/aws-lambda-go/lambda"
	lambdaclient "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"tandem/runtime/functions/internal/start"
	"tandem/runtime/httpapi"
	"tandem/runtime/httpapi/api"
	"tandem/runtime/httpapi/lambdaproxy"
	"tandem/runtime/httpapi/ratelimit"
	"tandem/runtime/jobs"
	"tandem/runtime/jobs/awsclock"
	"tandem/runtime/jobs/dynamostore"
	"tandem/runtime/jobs/s3blobs"
	"tandem/runtime/jobs/sqsqueue"
	"tandem/runtime/settings"
	"tandem/runtime/wake"
	"tandem/runtime/wake/fleetstatus"
	"tandem/runtime/wake/lambdawaker"
	"tandem/runtime/webhooks/target"
)

func main() {
	s := start.Settings[settings.JobsAPI]()
	proxy := lambdaproxy.Proxy{Handler: build(s, start.Logger(s.Log)), Streams: []string{httpapi.EventsPath}}
	lambda.Start(proxy.Handle)
}

func build(s settings.JobsAPI, log *slog.Logger) http.Handler {
	config, clock := start.AWS(), awsclock.New()
	clock.Attach(&config)
	database, lanes := dynamostore.NewClient(config), sqsqueue.Lanes(s.Queues)
	options := httpapi.JobOptions{
		Jobs: jobs.NewService(jobs.ServiceOptions{
			Store: dynamostore.New(dynamostore.Options{Client: database, Table: s.Table}),
			Queue: sqsqueue.New(sqsqueue.Options{Client: sqs.NewFromConfig(config), URL: sqsqueue.URLs(s.Queues, s.WebhookQueueURL)}),
			Blobs: s3blobs.New(s3blobs.Options{Client: s3.NewFromConfig(config), Bucket: s.Bucket}),
			Lanes: lanes, Keep: s.KeepJobs, Clock: clock, Log: log,
		}),
		Lanes: lanes, CheckWebhook: target.Policy{}.Check, MaxWait: s.Timeout - httpapi.WaitMargin, Log: log,
	}
	if s.CapacityFunction != "" {
		options.Waker = wake.New(wake.Options{
			Invoker: lambdawaker.Invoker{Client: lambdaclient.NewFromConfig(config), Function: s.CapacityFunction},
			Fleet:   fleetstatus.Store{Client: database, Table: s.Table}, Log: log,
		})
	}
	routes := httpapi.ServiceRoutes(api.Health{Application: s.Application, Environment: s.Environment})
	return httpapi.New(httpapi.Options{
		Authenticator: lambdaproxy.Gateway{IAM: s.Auth == "iam"},
		Limiter:       ratelimit.New(ratelimit.Options{Rate: s.TenantRate, Burst: s.TenantBurst}), Log: log,
	}, append(routes, httpapi.JobRoutes(options)...)...)
}
