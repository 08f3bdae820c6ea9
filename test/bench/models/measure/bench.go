// Package measure holds the measurements of the models: what the router adds to
// a call and to a first token, how many requests a core does, and what streams
// hold of memory. Each stands beside the same without the router, and beside
// LiteLLM's proxy. What is right is left to the packages' own tests.
package measure

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"tandem/test/bench/report"
)

// Bench is one run.
type Bench struct {
	// Only runs the parts whose name contains it. Defaults to all.
	Only string
	// LiteLLM is the program of its proxy. Defaults to none.
	LiteLLM string
	// Progress is told what is being measured. Defaults to nobody.
	Progress io.Writer

	provider *process
	peers    []*peer
}

type part struct {
	name string
	run  func(*Bench, context.Context) ([]Row, error)
}

// parts in the order in which they are read.
var parts = []part{
	{"router", (*Bench).router},
	{"proxy", (*Bench).proxy},
	{"rate", (*Bench).rate},
	{"memory", (*Bench).memory},
	{"function", (*Bench).function},
}

// Run measures and returns the table. With an error it holds what was measured before.
func (b *Bench) Run(ctx context.Context) (string, error) {
	if b.Progress == nil {
		b.Progress = io.Discard
	}
	began, before := time.Now(), report.Load()
	var err error
	if b.provider, err = start(ctx, providerRole, "-"); err != nil {
		return "", fmt.Errorf("starting the provider: %w", err)
	}
	defer b.provider.stop()
	defer func() {
		for _, p := range b.peers {
			p.stop()
		}
	}()
	var rows []Row
	for _, part := range parts {
		if !strings.Contains(part.name, b.Only) {
			continue
		}
		_, _ = fmt.Fprintf(b.Progress, "%s measuring: %s\n", time.Now().Format(time.TimeOnly), part.name)
		measured, err := part.run(b, ctx)
		rows = append(rows, measured...)
		if err != nil {
			return render(rows, began, before), fmt.Errorf("measuring %s: %w", part.name, err)
		}
	}
	return render(rows, began, before), nil
}
