// Package coldstart times a Lambda function from exec to its first answer,
// against a fake of the Lambda runtime API. What the platform adds, such as
// bringing the package to a machine, is not in it.
package coldstart

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"tandem/runtime/settings"
)

// Event is a GET of a path without parameters, as API Gateway sends it for a
// caller with a key.
func Event(path string) events.APIGatewayProxyRequest {
	return events.APIGatewayProxyRequest{HTTPMethod: http.MethodGet, Resource: path, Path: path,
		RequestContext: events.APIGatewayProxyRequestContext{Stage: "live", Path: "/live" + path,
			Authorizer: map[string]any{"tenant": "bench", "scopes": "models jobs:read", "principalId": "bench"}}}
}

// Once starts a binary with nothing but an environment, and returns the time
// from exec to the end of its answer to an event, and the answer.
// (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html, 2026-11-24)
func Once(ctx context.Context, binary string, environ []string, event any) (time.Duration, []byte, error) {
	payload, err := json.Marshal(event)
	if err != nil {
		return 0, nil, fmt.Errorf("writing the event: %w", err)
	}
	type answer struct {
		at   time.Time
		body []byte
	}
	answered := make(chan answer, 1)
	asked := false
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", func(w http.ResponseWriter, r *http.Request) {
		if asked {
			<-r.Context().Done()
			return
		}
		asked = true
		w.Header().Set("Lambda-Runtime-Aws-Request-Id", "r-1")
		w.Header().Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(time.Now().Add(time.Minute).UnixMilli(), 10))
		w.Header().Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:123456789012:function:bench")
		_, _ = w.Write(payload)
	})
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		answered <- answer{time.Now(), body}
		w.WriteHeader(http.StatusAccepted)
	})
	server := httptest.NewServer(mux)
	defer server.Close()
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	function := exec.CommandContext(ctx, binary)
	function.Env = append(slices.Clone(environ), "AWS_LAMBDA_RUNTIME_API="+strings.TrimPrefix(server.URL, "http://"))
	began := time.Now()
	if err := function.Start(); err != nil {
		return 0, nil, fmt.Errorf("starting %s: %w", binary, err)
	}
	defer func() { cancel(); _ = function.Wait() }()
	select {
	case got := <-answered:
		return got.at.Sub(began), got.body, nil
	case <-ctx.Done():
		return 0, nil, fmt.Errorf("%s did not answer: %w", binary, ctx.Err())
	}
}

// Environ is what Lambda and the construct set, with AWS where nobody answers:
// settings are the program's.
func Environ(program any) []string {
	environ := []string{"AWS_LAMBDA_FUNCTION_NAME=bench", "AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test",
		"AWS_ENDPOINT_URL=http://127.0.0.1:1"}
	for _, part := range []any{program, settings.FunctionCollector(256)} {
		for name, value := range settings.Encode(part) {
			environ = append(environ, name+"="+value)
		}
	}
	return environ
}
