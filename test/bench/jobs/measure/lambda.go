package measure

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"tandem/runtime/settings"
	"tandem/test/bench/coldstart"
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
			start, _, err := coldstart.Once(ctx, filepath.Join(folder, name), functionEnviron(), coldstart.Event("/healthz"))
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

// functionEnviron is what the construct sets, with AWS where nobody answers.
func functionEnviron() []string {
	return coldstart.Environ(settings.JobsAPI{
		State:            settings.State{Table: "state", Bucket: "data"},
		Release:          settings.Release{Application: "tandem", Environment: "bench"},
		Queues:           settings.Queues{Base: "http://127.0.0.1:1/000000000000/", Workers: map[string]map[string]string{workerName: {"normal": "analyser-normal"}}},
		CapacityFunction: "capacity",
	})
}
