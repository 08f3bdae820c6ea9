package main

import (
	"bufio"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/require"

	"tandem/runtime/httpapi/api"
	"tandem/runtime/httpapi/lambdaproxy"
	"tandem/runtime/httpapi/lambdaproxy/runtimetest"
	"tandem/runtime/jobs"
	"tandem/runtime/jobs/dynamostore"
	"tandem/runtime/jobs/sqsqueue"
	"tandem/runtime/keys"
	"tandem/test/emulator"
)

// deployed is the function beside an emulator that has what it needs.
type deployed struct {
	function *runtimetest.Function
	runner   *jobs.Runner
}

func deploy(t *testing.T) deployed {
	t.Helper()
	local := emulator.ForTest(t, emulator.Options{})
	config := local.Config()
	database, queues := dynamostore.NewClient(config), sqs.NewFromConfig(config)
	require.NoError(t, dynamostore.CreateTable(t.Context(), database, "state"))
	_, err := s3.NewFromConfig(config, func(o *s3.Options) { o.UsePathStyle = true }).CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("data")})
	require.NoError(t, err)
	queue, err := queues.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("analyser-normal")})
	require.NoError(t, err)
	return deployed{
		function: runtimetest.Start(t, runtimetest.Build(t, "."), environment(local.Endpoint())),
		runner: jobs.NewRunner(jobs.RunnerOptions{
			Store: dynamostore.New(dynamostore.Options{Client: database, Table: "state"}),
			Queue: sqsqueue.New(sqsqueue.Options{Client: queues, URL: func(jobs.Lane) (string, bool) { return *queue.QueueUrl, true }}),
		}),
	}
}

func (d deployed) event(tenant, method, resource, id, body string) events.APIGatewayProxyRequest {
	path := strings.Replace(resource, "{id}", id, 1)
	return events.APIGatewayProxyRequest{
		HTTPMethod: method, Resource: resource, Path: path, Body: body, Headers: map[string]string{"Content-Type": "application/json"},
		RequestContext: events.APIGatewayProxyRequestContext{Stage: "live", Path: "/live" + path, RequestID: "r-1",
			Authorizer: lambdaproxy.Context(keys.Identity{Tenant: tenant, KeyID: "k", Scopes: keys.CallerScopes()})},
	}
}

func TestTheFunctionServesJobsThroughAWS(t *testing.T) {
	d := deploy(t)
	call := func(tenant, method, resource, id, body string) events.APIGatewayProxyResponse {
		return buffered(t, d.function.Invoke(t, d.event(tenant, method, resource, id, body), 10*time.Second))
	}
	got := call("acme", "POST", "/v1/jobs", "", `{"worker":"analyser","input":{"q":1}}`)
	require.Equal(t, http.StatusAccepted, got.StatusCode, got.Body)
	var job api.Job
	require.NoError(t, json.Unmarshal([]byte(got.Body), &job))
	require.Equal(t, "/live/v1/jobs/"+job.ID, got.Headers["Location"], "with the stage")

	require.Equal(t, 404, call("globex", "GET", "/v1/jobs/{id}", job.ID, "").StatusCode)
	require.Contains(t, call("acme", "GET", "/v1/jobs", "", "").Body, job.ID)
	require.NotContains(t, call("globex", "GET", "/v1/jobs", "", "").Body, job.ID)

	claimed, err := d.runner.Claim(t.Context(), job.ID, "test")
	require.NoError(t, err)
	require.NoError(t, d.runner.Append(t.Context(), claimed.Held(), 1, []byte("Dear ")))

	answer := d.function.Invoke(t, d.event("acme", "GET", "/v1/jobs/{id}/events", job.ID, ""), 30*time.Second)
	require.Equal(t, "application/vnd.awslambda.http-integration-response", answer.ContentType)
	lines := bufio.NewScanner(answer.Body)
	next := func(kind string) string {
		t.Helper()
		for lines.Scan() {
			if lines.Text() != "event: "+kind {
				continue
			}
			lines.Scan()
			lines.Scan()
			return lines.Text()
		}
		t.Fatalf("the stream ended before a %s event", kind)
		return ""
	}
	require.Contains(t, next("output"), `"text":"Dear "`)
	require.Contains(t, next("state"), `"state":"running"`)
	_, err = d.runner.Succeed(t.Context(), claimed.Held(), jobs.Bytes("application/json", []byte(`{"a":2}`)))
	require.NoError(t, err)
	require.Contains(t, next("state"), `"state":"succeeded"`)
	require.False(t, lines.Scan() && lines.Text() != "", "the stream ends with the job")
	answer.Close()

	require.Contains(t, call("acme", "GET", "/v1/jobs/{id}", job.ID, "").Body, `"value":{"a":2}`)
	slot := call("acme", "POST", "/v1/uploads", "", `{"size":3}`)
	require.Equal(t, http.StatusCreated, slot.StatusCode, slot.Body)
}
