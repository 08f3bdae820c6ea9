package main

import (
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/stretchr/testify/require"

	"tandem/runtime/httpapi/lambdaproxy/runtimetest"
	"tandem/runtime/settings"
)

// environment is what the construct sets, with AWS at an address where nobody answers.
func environment(endpoint string) map[string]string {
	variables := settings.Encode(settings.JobsAPI{
		State:            settings.State{Table: "state", Bucket: "data"},
		Release:          settings.Release{Application: "tandem", Environment: "test"},
		Queues:           settings.Queues{Base: endpoint + "/000000000000/", Workers: map[string]map[string]string{"analyser": {"normal": "analyser-normal"}}},
		CapacityFunction: "capacity",
	})
	for name, value := range map[string]string{"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_ENDPOINT_URL": endpoint} {
		variables[name] = value
	}
	return variables
}

func buffered(t testing.TB, answer runtimetest.Answer) events.APIGatewayProxyResponse {
	t.Helper()
	defer answer.Close()
	var response events.APIGatewayProxyResponse
	require.NoError(t, json.NewDecoder(answer.Body).Decode(&response))
	return response
}

var health = events.APIGatewayProxyRequest{HTTPMethod: "GET", Resource: "/healthz", Path: "/healthz",
	RequestContext: events.APIGatewayProxyRequestContext{Stage: "live", Path: "/live/healthz"}}

func TestTheFunctionIsHealthyWithoutAWS(t *testing.T) {
	function := runtimetest.Start(t, runtimetest.Build(t, "."), environment("http://127.0.0.1:1"))
	got := buffered(t, function.Invoke(t, health, time.Second))
	require.Equal(t, 200, got.StatusCode, got.Body)
	require.JSONEq(t, `{"status":"ok","application":"tandem","environment":"test"}`, got.Body)

	anonymous := events.APIGatewayProxyRequest{HTTPMethod: "GET", Resource: "/v1/jobs", Path: "/v1/jobs"}
	require.Equal(t, 401, buffered(t, function.Invoke(t, anonymous, time.Second)).StatusCode)
	require.Eventually(t, func() bool { return strings.Contains(function.Logs(), `"path":"/v1/jobs","status":401`) },
		10*time.Second, time.Millisecond, "the log comes by a pipe of its own")
}

func TestTheFunctionNamesTheSettingsThatAreMissing(t *testing.T) {
	variables := environment("http://127.0.0.1:1")
	delete(variables, "TANDEM_STATE_TABLE")
	function := runtimetest.Start(t, runtimetest.Build(t, "."), variables)
	require.Eventually(t, func() bool { return function.Stopped() }, 10*time.Second, time.Millisecond)
	require.Contains(t, function.Logs(), "TANDEM_STATE_TABLE")
}

// BenchmarkColdStart is the time from exec to the first answer, beside a
// function that does nothing.
func BenchmarkColdStart(b *testing.B) {
	for name, directory := range map[string]string{"jobsapi": ".", "hello": "testdata/hello"} {
		b.Run(name, func(b *testing.B) {
			binary := runtimetest.Build(b, directory)
			var total time.Duration
			for range b.N {
				began := time.Now()
				function := runtimetest.Start(b, binary, environment("http://127.0.0.1:1"))
				answer := function.Invoke(b, health, time.Second)
				_, err := io.ReadAll(answer.Body)
				require.NoError(b, err)
				total += time.Since(began)
				answer.Close()
				function.Stop()
			}
			b.ReportMetric(float64(total.Microseconds())/1000/float64(b.N), "ms/start")
		})
	}
}
