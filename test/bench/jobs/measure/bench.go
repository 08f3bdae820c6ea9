// Package measure holds the measurements of the jobs: submit, drain, calls and
// their price, a killed worker, memory, the start of a Lambda function. Each
// stands beside a bare loop that makes the same calls and nothing else, or
// beside the least program of its kind. What is right is left to the packages'
// own tests; here it is only how fast, and for how much.
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
	// Jobs to drain. Defaults to 10,000.
	Jobs int
	// Rounds of what is measured in turns with a bare loop. Defaults to 3.
	Rounds int
	// Progress is told what is being measured. Defaults to nobody.
	Progress io.Writer
}

type part struct {
	name string
	run  func(*Bench, context.Context) ([]Row, error)
}

// parts in the order in which they are read.
var parts = []part{
	{"handler", (*Bench).handler},
	{"http", (*Bench).http},
	{"submit", (*Bench).submit},
	{"drain", (*Bench).drain},
	{"calls", (*Bench).calls},
	{"kill", (*Bench).kill},
	{"memory", (*Bench).memory},
	{"lambda", (*Bench).lambda},
}

// Run measures and returns the table. With an error it holds what was measured before.
func (b *Bench) Run(ctx context.Context) (string, error) {
	if b.Jobs == 0 {
		b.Jobs = 10_000
	}
	if b.Rounds == 0 {
		b.Rounds = 3
	}
	if b.Progress == nil {
		b.Progress = io.Discard
	}
	began := time.Now()
	before := report.Load()
	var rows []Row
	for _, part := range parts {
		if !strings.Contains(part.name, b.Only) {
			continue
		}
		b.say("measuring: %s", part.name)
		measured, err := part.run(b, ctx)
		rows = append(rows, measured...)
		if err != nil {
			return render(rows, began, before), fmt.Errorf("measuring %s: %w", part.name, err)
		}
	}
	return render(rows, began, before), nil
}

func (b *Bench) say(format string, values ...any) {
	fmt.Fprintf(b.Progress, time.Now().Format(time.TimeOnly)+" "+format+"\n", values...)
}
