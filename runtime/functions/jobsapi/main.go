// Jobsapi answers for /v1/jobs, /v1/uploads, /healthz and /openapi.yaml.
package main

import (
	"log/slog"
	"net/http"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	lambdaclient "github.com/aws/aws-sdk-go-v2/service/lambda"

	"tandem/runtime/capacity/dynamofleet"
	"tandem/runtime/functions/internal/awsjobs"
	"tandem/runtime/functions/internal/start"
	"tandem/runtime/httpapi"
	"tandem/runtime/httpapi/api"
	"tandem/runtime/httpapi/lambdaproxy"
	"tandem/runtime/httpapi/ratelimit"
	"tandem/runtime/jobs/sqsqueue"
	"tandem/runtime/settings"
	"tandem/runtime/wake"
	"tandem/runtime/wake/lambdawaker"
	"tandem/runtime/webhooks/target"
)

func main() {
	s := start.Settings[settings.JobsAPI]()
	proxy := lambdaproxy.Proxy{Handler: build(s, start.Logger(s.Log)), Streams: []string{httpapi.EventsPath}}
	lambda.Start(proxy.Handle)
}

func build(s settings.JobsAPI, log *slog.Logger) http.Handler {
	config, lanes := start.AWS(), sqsqueue.Lanes(s.Queues)
	options := httpapi.JobOptions{
		Jobs: awsjobs.Service(config, awsjobs.Options{
			State: s.State, Queues: s.Queues, WebhookQueueURL: s.WebhookQueueURL, Keep: s.KeepJobs, Log: log,
		}),
		Lanes: lanes, CheckWebhook: target.Policy{AllowPrivate: s.AllowPrivate}.Check, MaxWait: s.Timeout - httpapi.WaitMargin, Log: log,
	}
	if s.CapacityFunction != "" {
		options.Waker = wake.New(wake.Options{
			Invoker: lambdawaker.Invoker{Client: lambdaclient.NewFromConfig(config), Function: s.CapacityFunction},
			Fleet:   dynamofleet.Store{Client: dynamodb.NewFromConfig(config), Table: s.Table}, Log: log,
		})
	}
	routes := httpapi.ServiceRoutes(api.Health{Application: s.Application, Environment: s.Environment})
	return httpapi.New(httpapi.Options{
		Authenticator: lambdaproxy.Gateway{IAM: s.Auth == "iam"},
		Limiter:       ratelimit.New(ratelimit.Options{Rate: s.TenantRate, Burst: s.TenantBurst}), Log: log,
	}, append(routes, httpapi.JobRoutes(options)...)...)
}
