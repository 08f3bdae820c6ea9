package measure

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"time"

	"tandem/runtime/settings"
	"tandem/test/bench/coldstart"
	"tandem/test/bench/report"
)

const (
	functionFolder = "runtime/functions/modelsapi"
	helloFolder    = "runtime/functions/jobsapi/testdata/hello"
	functionLimit  = 45 << 20
	startLimit     = 10 * time.Millisecond
	starts         = 40
)

// function builds the Lambda function with all SDKs, and tells its size and how
// long it takes from exec to its first answer.
func (b *Bench) function(ctx context.Context) ([]Row, error) {
	folder, err := os.MkdirTemp("", "function-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	deployed, here, hello := filepath.Join(folder, "bootstrap"), filepath.Join(folder, "here"), filepath.Join(folder, "hello")
	for _, made := range []struct{ source, architecture, binary string }{
		{functionFolder, "arm64", deployed}, {functionFolder, runtime.GOARCH, here}, {helloFolder, runtime.GOARCH, hello},
	} {
		if err := build(ctx, made.source, made.architecture, made.binary); err != nil {
			return nil, err
		}
	}
	info, err := os.Stat(deployed)
	if err != nil {
		return nil, err
	}
	var took, beside []time.Duration
	for range starts {
		start, answer, err := coldstart.Once(ctx, here, functionEnviron(), coldstart.Event("/v1/models"))
		if err == nil && !bytes.Contains(answer, []byte("assistant")) {
			err = fmt.Errorf("it does not list its models: %.300s", answer)
		}
		if err != nil {
			return nil, err
		}
		least, _, err := coldstart.Once(ctx, hello, functionEnviron(), coldstart.Event("/healthz"))
		if err != nil {
			return nil, err
		}
		took, beside = append(took, start), append(beside, least)
	}
	got := report.Median(took)
	return []Row{
		{What: "Lambda function modelsapi, arm64, stripped", Measured: report.Mebibytes(info.Size()), Target: "45 MiB", Met: info.Size() <= functionLimit},
		{What: "Lambda function modelsapi, exec to the answer of /v1/models, median of " + strconv.Itoa(starts), Measured: report.Milliseconds(got),
			Beside: "hello world " + report.Milliseconds(report.Median(beside)), Target: "10 ms", Met: got <= startLimit},
	}, nil
}

func build(ctx context.Context, source, architecture, binary string) error {
	command := exec.CommandContext(ctx, "go", "build", "-trimpath", "-tags", "lambda.norpc", "-ldflags", "-s -w", "-o", binary, "./"+source)
	command.Env = append(os.Environ(), "GOOS=linux", "GOARCH="+architecture, "CGO_ENABLED=0")
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("building %s: %w: %s", source, err, out)
	}
	return nil
}

// functionEnviron is what the construct sets, with a route of every kind.
func functionEnviron() []string {
	route := func(kind string) settings.ModelRoutes {
		return settings.ModelRoutes{Routes: []settings.Route{{Name: kind, Type: kind, Model: "m", BaseURL: "http://127.0.0.1:1", Region: "us-east-1", ColdStart: 600}}}
	}
	return coldstart.Environ(settings.ModelsAPI{
		State: settings.State{Table: "state", Bucket: "data"}, Release: settings.Release{Application: "tandem", Environment: "bench"},
		Models:       settings.Routes{"assistant": route("openai"), "analyst": route("anthropic"), "large": route("bedrock"), "own": route("service")},
		Queues:       settings.Queues{Base: "http://127.0.0.1:1/000000000000/", Workers: map[string]map[string]string{"analyser": {"normal": "analyser-normal"}}},
		WakeFunction: "wake", CapacityFunction: "capacity",
	})
}
