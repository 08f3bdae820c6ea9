// Package measure is what 'make bench-planning' does: it times commands of the
// command line from exec to exit, and the simulator by its own benchmark.
package measure

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"time"

	"tandem/test/bench/report"
)

// Bench measures.
type Bench struct {
	// Tandem is the command line's binary, Assembly a synthesised environment.
	Tandem, Assembly string
	// Rounds is how often each command runs, at least 1.
	Rounds int
	// Gigabytes of a trace that is simulated as a stream; 0 leaves that out.
	Gigabytes float64
	// Progress is told what is being measured.
	Progress io.Writer
}

// The targets.
const (
	costTarget     = 200 * time.Millisecond
	adviseTarget   = 50 * time.Millisecond
	arrivalsTarget = 1e6
)

// Run measures everything and returns the table.
func (b *Bench) Run(ctx context.Context) (string, error) {
	began, before := time.Now(), report.Load()
	var rows []row
	idle, err := b.command(ctx, "prices", "list", "nothing-like-it")
	if err != nil {
		return "", err
	}
	for _, timed := range []struct {
		what      string
		target    time.Duration
		arguments []string
	}{
		{"`tandem cost` of prod, beyond the synth", costTarget, []string{"cost", "--assembly", b.Assembly}},
		{"`tandem cost` of prod with traffic", costTarget, []string{"cost", "--assembly", b.Assembly, "--traffic", "examples/traffic/prod.yaml"}},
		{"`tandem cost` of prod, the line after a synth", costTarget, []string{"cost", "--assembly", b.Assembly, "--summary"}},
	} {
		took, err := b.command(ctx, timed.arguments...)
		if err != nil {
			return "", err
		}
		rows = append(rows, inTime(timed.what, took, timed.target))
	}
	slowest, err := b.slowestAdvice(ctx)
	if err != nil {
		return "", err
	}
	rows = append(rows, slowest, row{What: "of each: the process, and reading all prices", Measured: idle.String()})
	arrivals, err := b.arrivals(ctx)
	if err != nil {
		return "", err
	}
	rows = append(rows, arrivals)
	if b.Gigabytes > 0 {
		streamed, err := b.trace(ctx)
		if err != nil {
			return "", err
		}
		rows = append(rows, streamed...)
	}
	return render(rows, began, before), nil
}

func inTime(what string, took took, target time.Duration) row {
	return row{What: what, Measured: took.String(), Target: report.Milliseconds(target), Met: took.clock <= target}
}

// took is a command's time by the clock, and that of the processor, which other
// programs on the machine do not change much.
type took struct{ clock, cpu time.Duration }

func (t took) String() string {
	return fmt.Sprintf("%s (%s of CPU time)", report.Milliseconds(t.clock), report.Milliseconds(t.cpu))
}

// slowestAdvice of the examples.
func (b *Bench) slowestAdvice(ctx context.Context) (row, error) {
	files, err := filepath.Glob("examples/workloads/*.yaml")
	if err != nil || len(files) == 0 {
		return row{}, fmt.Errorf("there are no workloads to advise on: run this in the project's folder: %w", err)
	}
	var slowest took
	for _, file := range files {
		one, err := b.command(ctx, "advise", "-f", file)
		if err != nil {
			return row{}, err
		}
		if one.clock > slowest.clock {
			slowest = one
		}
	}
	return inTime(fmt.Sprintf("`tandem advise`, the slowest of %d workloads", len(files)), slowest, adviseTarget), nil
}

// command is the median of so many runs.
func (b *Bench) command(ctx context.Context, arguments ...string) (took, error) {
	fmt.Fprintf(b.Progress, "tandem %v\n", arguments)
	clock, cpu := make([]time.Duration, b.Rounds), make([]time.Duration, b.Rounds)
	for i := range clock {
		process := exec.CommandContext(ctx, b.Tandem, arguments...)
		began := time.Now()
		if output, err := process.CombinedOutput(); err != nil {
			return took{}, fmt.Errorf("running tandem %v: %w\n%s", arguments, err, output)
		}
		clock[i] = time.Since(began)
		cpu[i] = process.ProcessState.UserTime() + process.ProcessState.SystemTime()
	}
	slices.Sort(clock)
	slices.Sort(cpu)
	return took{clock[len(clock)/2], cpu[len(cpu)/2]}, nil
}

// rate is the line of the simulator's benchmark.
var rate = regexp.MustCompile(`([0-9.e+]+) arrivals/s`)

// arrivals a second of the simulator on one core, as its benchmark counts them.
func (b *Bench) arrivals(ctx context.Context) (row, error) {
	fmt.Fprintln(b.Progress, "the simulator")
	process := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", "^BenchmarkRun$", "-cpu", "1", "-benchtime", "5s", "./planning/simulate")
	process.Stderr = os.Stderr
	output, err := process.Output()
	if err != nil {
		return row{}, fmt.Errorf("running the simulator's benchmark: %w\n%s", err, output)
	}
	found := rate.FindSubmatch(output)
	if found == nil {
		return row{}, fmt.Errorf("the simulator's benchmark told no arrivals a second:\n%s", output)
	}
	perSecond, err := strconv.ParseFloat(string(found[1]), 64)
	if err != nil {
		return row{}, fmt.Errorf("reading the simulator's benchmark: %w", err)
	}
	return row{
		What: "simulated arrivals on one core, the production policy in the loop", Measured: fmt.Sprintf("%.2f million a second", perSecond/1e6),
		Target: fmt.Sprintf("%.0f million a second", arrivalsTarget/1e6), Met: perSecond >= arrivalsTarget,
	}, nil
}
