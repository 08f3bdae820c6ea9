// Package measure measures the GPU health agent as a process of its own: what it
// holds and uses, how long it takes from a cause to its effect, and what a scrape
// costs. The driver, the kernel log, EC2 and ECS are fakes.
package measure

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"
)

// Bench is one run.
type Bench struct {
	// Agent is the path of its binary.
	Agent string
	// Only runs parts whose name contains this.
	Only string
	// Rounds of each delay.
	Rounds int
	// Idle is how long an idle process is watched.
	Idle time.Duration
	// Progress takes a line for each part.
	Progress io.Writer
}

// Run measures all parts and returns them as a table.
func (b *Bench) Run(ctx context.Context) (string, error) {
	var rows []row
	for _, part := range []struct {
		name    string
		measure func(context.Context) ([]row, error)
	}{
		{"idle", b.idle}, {"peers", b.peers}, {"scrape", b.scrape}, {"xid", b.xid}, {"spot", b.spot}, {"storm", b.storm},
	} {
		if !strings.Contains(part.name, b.Only) {
			continue
		}
		_, _ = fmt.Fprintln(b.Progress, "measuring:", part.name)
		found, err := part.measure(ctx)
		if err != nil {
			return "", fmt.Errorf("measuring %s: %w", part.name, err)
		}
		rows = append(rows, found...)
	}
	return table(rows), nil
}

// GPUs of the fake driver, each with as many NVLinks as an H100 has.
const gpus = 8

func driver() []string {
	return []string{
		fmt.Sprintf("count %d", gpus), "gpu * name NVIDIA H100 80GB HBM3", "gpu * nvlinks 18", "gpu * utilisation 97", "gpu * recovery_action 0",
		"gpu * fabric_state 3", "gpu * process 4711",
	}
}
