package measure

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"tandem/runtime/settings"
	"tandem/test/bench/report"
	"tandem/test/checkout"
)

const (
	coldStarts = 40
	mostStart  = 10 * time.Millisecond
	mostBytes  = 15 << 20
	// with OpenAI's, Anthropic's and Bedrock's SDKs
	mostBytesOfProviders = 45 << 20
	functionPath         = "runtime/functions"
)

// lambda is the size of the functions and the time from exec to an answer.
func (b *Bench) lambda(ctx context.Context) ([]Row, error) {
	folder, err := os.MkdirTemp("", "bench-lambda-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	rows, err := functionSizes(ctx, folder)
	if err != nil {
		return rows, err
	}
	programs := map[string]string{"jobsapi": functionPath + "/jobsapi", "hello": functionPath + "/jobsapi/testdata/hello"}
	for name, source := range programs {
		if err := build(ctx, source, runtime.GOARCH, filepath.Join(folder, name)); err != nil {
			return rows, err
		}
	}
	took := map[string][]time.Duration{}
	for range coldStarts {
		for name := range programs {
			start, err := coldStart(ctx, filepath.Join(folder, name))
			if err != nil {
				return rows, fmt.Errorf("starting %s: %w", name, err)
			}
			took[name] = append(took[name], start)
		}
	}
	got, hello := report.Median(took["jobsapi"]), report.Median(took["hello"])
	return append(rows, Row{What: "Lambda function jobsapi, exec to the answer of /healthz, median of " + strconv.Itoa(coldStarts), Measured: report.Milliseconds(got),
		Beside: "hello world " + report.Milliseconds(hello), Target: "10 ms", Met: got <= mostStart}), nil
}

// functionSizes builds every function for arm64, as it is deployed.
func functionSizes(ctx context.Context, folder string) ([]Row, error) {
	root, err := checkout.Root()
	if err != nil {
		return nil, err
	}
	found, err := filepath.Glob(filepath.Join(root, functionPath, "*", "main.go"))
	if err != nil {
		return nil, err
	}
	plain, providers := sizesOf{most: mostBytes}, sizesOf{most: mostBytesOfProviders}
	for _, source := range found {
		name := filepath.Base(filepath.Dir(source))
		binary := filepath.Join(folder, name+"-arm64")
		if err := build(ctx, functionPath+"/"+name, "arm64", binary); err != nil {
			return nil, err
		}
		info, err := os.Stat(binary)
		if err != nil {
			return nil, err
		}
		linked, err := exec.CommandContext(ctx, "go", "list", "-deps", "./"+functionPath+"/"+name).Output()
		if err != nil {
			return nil, fmt.Errorf("listing what %s links: %w", name, err)
		}
		if strings.Contains(string(linked), "github.com/openai/openai-go") {
			providers.add(name, info.Size())
		} else {
			plain.add(name, info.Size())
		}
	}
	return []Row{
		{What: "Lambda functions, arm64, stripped, in MiB", Measured: strings.Join(plain.sizes, ", "), Target: "15 MiB each", Met: plain.met()},
		{What: "the same with the SDKs of the models' providers", Measured: strings.Join(providers.sizes, ", "), Target: "45 MiB each", Met: providers.met()},
	}, nil
}

// sizesOf binaries that share a limit.
type sizesOf struct {
	most, largest int64
	sizes         []string
}

func (s *sizesOf) add(name string, size int64) {
	s.largest = max(s.largest, size)
	s.sizes = append(s.sizes, fmt.Sprintf("%s %.1f", name, float64(size)/(1<<20)))
}

func (s *sizesOf) met() bool { return s.largest <= s.most }

// coldStart runs a function against a fake of the Lambda runtime API
// (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html, 2026-11-24)
// and returns the time from exec to its answer.
func coldStart(ctx context.Context, binary string) (time.Duration, error) {
	event, err := json.Marshal(events.APIGatewayProxyRequest{HTTPMethod: "GET", Resource: "/healthz", Path: "/healthz",
		RequestContext: events.APIGatewayProxyRequestContext{Stage: "live", Path: "/live/healthz"}})
	if err != nil {
		return 0, err
	}
	answered := make(chan time.Time, 1)
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
		_, _ = w.Write(event)
	})
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		answered <- time.Now()
		w.WriteHeader(http.StatusAccepted)
	})
	endpoint, stop, err := startServer(ctx, mux)
	if err != nil {
		return 0, err
	}
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	function := exec.CommandContext(ctx, binary)
	function.Env = append(functionEnviron(), "AWS_LAMBDA_RUNTIME_API="+strings.TrimPrefix(endpoint, "http://"))
	began := time.Now()
	if err := function.Start(); err != nil {
		return 0, err
	}
	defer func() { cancel(); _ = function.Wait() }()
	select {
	case at := <-answered:
		return at.Sub(began), nil
	case <-ctx.Done():
		return 0, fmt.Errorf("no answer: %w", ctx.Err())
	}
}

// functionEnviron is what the construct sets, with AWS where nobody answers.
func functionEnviron() []string {
	environ := []string{"AWS_LAMBDA_FUNCTION_NAME=bench", "AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test",
		"AWS_ENDPOINT_URL=http://127.0.0.1:1"}
	for name, value := range settings.Encode(settings.JobsAPI{
		State:            settings.State{Table: "state", Bucket: "data"},
		Release:          settings.Release{Application: "tandem", Environment: "bench"},
		Queues:           settings.Queues{Base: "http://127.0.0.1:1/000000000000/", Workers: map[string]map[string]string{workerName: {"normal": "analyser-normal"}}},
		CapacityFunction: "capacity",
	}) {
		environ = append(environ, name+"="+value)
	}
	return environ
}
