// Modelsapi answers for /v1/chat/completions, /v1/embeddings and /v1/models.
package main

import (
	"log/slog"
	"net/http"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	lambdaclient "github.com/aws/aws-sdk-go-v2/service/lambda"

	"tandem/runtime/capacity/dynamofleet"
	"tandem/runtime/functions/internal/awsjobs"
	"tandem/runtime/functions/internal/awsmodels"
	"tandem/runtime/functions/internal/start"
	"tandem/runtime/httpapi"
	"tandem/runtime/httpapi/lambdaproxy"
	"tandem/runtime/httpapi/modelsapi"
	"tandem/runtime/httpapi/ratelimit"
	"tandem/runtime/settings"
	"tandem/runtime/wake"
	"tandem/runtime/wake/lambdawaker"
)

func main() {
	s := start.Settings[settings.ModelsAPI]()
	proxy := lambdaproxy.Proxy{Handler: build(s, start.Logger(s.Log)), Streams: modelsapi.StreamedPaths()}
	lambda.Start(proxy.Handle)
}

func build(s settings.ModelsAPI, log *slog.Logger) http.Handler {
	config := start.AWS()
	options := modelsapi.Options{Timeout: min(s.Timeout, modelsapi.MaxSilence), Log: log,
		Router: start.Must(awsmodels.Router(config, awsmodels.Options{
			Routes: s.Models, WakeFunction: s.WakeFunction, Table: s.Table, Release: s.Release, Metrics: os.Stdout, Log: log}))}
	if len(s.Queues.Workers) > 0 {
		options.Jobs = awsjobs.Service(config, awsjobs.Options{State: s.State, Queues: s.Queues, Keep: s.KeepJobs, Log: log})
	}
	if s.CapacityFunction != "" {
		options.Waker = wake.New(wake.Options{
			Invoker: lambdawaker.Invoker{Client: lambdaclient.NewFromConfig(config), Function: s.CapacityFunction},
			Fleet:   dynamofleet.Store{Client: dynamodb.NewFromConfig(config), Table: s.Table}, Log: log,
		})
	}
	return httpapi.New(httpapi.Options{
		Authenticator: lambdaproxy.Gateway{IAM: s.Auth == "iam"},
		Limiter:       ratelimit.New(ratelimit.Options{Rate: s.TenantRate, Burst: s.TenantBurst}), Log: log,
	}, modelsapi.Routes(options)...)
}
