package measure

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"tandem/runtime/nodestatus"
	"tandem/test/fakenvml"
	"tandem/test/gpu"
)

// stage is an agent with its fakes.
type stage struct {
	*gpu.Agent
	folder string
	driver fakenvml.Script
	log    *os.File
	cloud  *cloud
}

// start an agent in a folder of its own. It has looked when this returns.
func (b *Bench) start(ctx context.Context, environment ...string) (*stage, error) {
	library, err := fakenvml.Build(ctx)
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "bench-agent-")
	if err != nil {
		return nil, fmt.Errorf("setting the stage: %w", err)
	}
	s := &stage{folder: folder, driver: fakenvml.Script{Path: filepath.Join(folder, "driver.txt")}, cloud: newCloud()}
	if err := s.driver.Write(driver()...); err != nil {
		return nil, errors.Join(err, s.close())
	}
	// A pipe wakes its reader as /dev/kmsg does. Both ways, so that neither end waits.
	pipe := filepath.Join(folder, "kmsg")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("setting the stage: %w", err), s.close())
	}
	if s.log, err = os.OpenFile(pipe, os.O_RDWR, 0); err != nil {
		return nil, errors.Join(fmt.Errorf("setting the stage: %w", err), s.close())
	}
	s.Agent, err = gpu.RunAgent(ctx, b.Agent, folder, append([]string{
		"LD_LIBRARY_PATH=" + filepath.Dir(library), fakenvml.Variable + "=" + s.driver.Path,
		"TANDEM_AGENT_KERNEL_LOG=" + pipe, "TANDEM_AGENT_METADATA=" + s.cloud.URL, "TANDEM_AGENT_INTROSPECTION=" + s.cloud.URL,
		"TANDEM_CLUSTER=" + cluster, "AWS_REGION=us-east-1", "AWS_ENDPOINT_URL=" + s.cloud.URL, "AWS_ACCESS_KEY_ID=key", "AWS_SECRET_ACCESS_KEY=secret",
	}, environment...)...)
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	_, err = s.await(ctx, 10*time.Second, func(status nodestatus.Status) bool { return status.State == nodestatus.OK && len(status.GPUs) == gpus })
	if err != nil {
		log, _ := os.ReadFile(filepath.Join(folder, "agent.log"))
		return nil, errors.Join(fmt.Errorf("the agent does not find %d healthy GPUs: %w: %s", gpus, err, log), s.close())
	}
	return s, nil
}

func (s *stage) close() error {
	var err error
	if s.Agent != nil {
		err = s.Stop()
	}
	if s.log != nil {
		err = errors.Join(err, s.log.Close())
	}
	s.cloud.Close()
	return errors.Join(err, os.RemoveAll(s.folder))
}

// await reads the status file until it says what is waited for, as a worker would
// but more often, and returns how long that took.
func (s *stage) await(ctx context.Context, limit time.Duration, says func(nodestatus.Status) bool) (time.Duration, error) {
	began := time.Now()
	for time.Since(began) < limit {
		if status, err := nodestatus.Read(s.Status); err == nil && says(status) {
			return time.Since(began), nil
		}
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-time.After(500 * time.Microsecond):
		}
	}
	return 0, fmt.Errorf("the status file did not say so within %s", limit)
}
