package measure

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"tandem/test/bench/report"
	"tandem/test/fakenvml"
	"tandem/test/gpu"
)

// peer is another program that watches GPUs, and how it is started.
type peer struct {
	name      string
	arguments []string
	quoted    string
}

var others = []peer{
	{"gpud", []string{"run", "--log-level=error"}, "63 MiB resident idle"},
	{"nvidia_gpu_exporter", []string{"--web.listen-address=127.0.0.1:0", "--log.level=error"}, "16.4 MiB with an NVML stub and no scrapes"},
}

// peers measures those that are on the PATH, on the same fake library, idle.
func (b *Bench) peers(ctx context.Context) ([]row, error) {
	library, err := fakenvml.Build(ctx)
	if err != nil {
		return nil, err
	}
	var rows []row
	for _, other := range others {
		path, err := exec.LookPath(other.name)
		if err != nil {
			rows = append(rows, beside(other.name, "not found on the PATH; measured before: "+other.quoted))
			continue
		}
		measured, err := b.peer(ctx, path, other, filepath.Dir(library))
		if err != nil {
			measured = "does not run here: " + err.Error()
		}
		rows = append(rows, beside(other.name+", idle, on the same fake library", measured))
	}
	return rows, nil
}

func (b *Bench) peer(ctx context.Context, path string, other peer, library string) (string, error) {
	folder, err := os.MkdirTemp("", "bench-peer-")
	if err != nil {
		return "", fmt.Errorf("starting %s: %w", other.name, err)
	}
	defer func() { _ = os.RemoveAll(folder) }()
	script := fakenvml.Script{Path: filepath.Join(folder, "driver.txt")}
	if err := script.Write(driver()...); err != nil {
		return "", err
	}
	command := exec.CommandContext(ctx, path, other.arguments...)
	command.Dir = folder
	command.Env = append(os.Environ(), "LD_LIBRARY_PATH="+library, fakenvml.Variable+"="+script.Path, "HOME="+folder)
	if err := command.Start(); err != nil {
		return "", fmt.Errorf("starting %s: %w", other.name, err)
	}
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	defer func() {
		_ = command.Process.Kill()
	}()
	usage, err := watch(ctx, func() (gpu.Usage, error) { return gpu.UsageOf(command.Process.Pid) }, b.Idle)
	select {
	case end := <-ended:
		return "", fmt.Errorf("it ended by itself: %w", end)
	default:
	}
	return fmt.Sprintf("%s resident, %s of CPU a second", report.Mebibytes(usage.Resident), report.Milliseconds(usage.CPU)), err
}
