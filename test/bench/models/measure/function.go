package measure

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"tandem/test/bench/report"
)

const (
	functionFolder = "runtime/functions/modelsapi"
	functionLimit  = 45 << 20
)

// function builds the Lambda function with all SDKs and tells its size.
func (b *Bench) function(ctx context.Context) ([]Row, error) {
	folder, err := os.MkdirTemp("", "function-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	binary := filepath.Join(folder, "bootstrap")
	command := exec.CommandContext(ctx, "go", "build", "-trimpath", "-tags", "lambda.norpc", "-ldflags", "-s -w", "-o", binary, "./"+functionFolder)
	command.Env = append(os.Environ(), "GOOS=linux", "GOARCH=arm64", "CGO_ENABLED=0")
	if out, err := command.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("building %s: %w: %s", functionFolder, err, out)
	}
	info, err := os.Stat(binary)
	if err != nil {
		return nil, err
	}
	return []Row{{What: "Lambda function modelsapi, arm64, stripped", Measured: report.Mebibytes(info.Size()), Target: "45 MiB", Met: info.Size() <= functionLimit}}, nil
}
