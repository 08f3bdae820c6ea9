package program

import (
	"context"
	"fmt"
	"io"
	"sync"
	"text/tabwriter"
	"time"

	"tandem/gpuagent/internal/checks"
	"tandem/gpuagent/internal/finding"
	"tandem/gpuagent/internal/health"
	"tandem/gpuagent/internal/observe"
	"tandem/gpuagent/internal/xid"
	"tandem/runtime/nodestatus"
	"tandem/runtime/settings"
)

// The exit codes of 'gpuagent check'.
const (
	exitImpaired = Code(1)
	exitUnknown  = Code(2)
)

// logFor is how long the kernel log is read: what is in it comes at once.
const logFor = 500 * time.Millisecond

// check looks once and prints what it finds. What takes time to be sure of is
// shown at once.
func check(ctx context.Context, config settings.Agent, options Options) error {
	table, err := xid.Load(config.XIDs)
	if err != nil {
		return unchecked{err}
	}
	from := newSources(options)
	host := lookOnce(ctx, from)
	judge := health.New(health.Options{Checks: checks.All(table), Started: host.At, AtOnce: true})
	judge.Look(host)
	for _, event := range logged(ctx, from, options.KernelLog) {
		judge.Event(event)
	}
	// Errors on which the sources disagree are settled by a second look.
	host.At = time.Now()
	judge.Look(host)
	verdict := judge.Judgement(host.At)
	if err := printVerdict(options.Output, host, verdict); err != nil {
		return unchecked{err}
	}
	switch verdict.State {
	case nodestatus.OK:
		return nil
	case nodestatus.Impaired:
		return exitImpaired
	default:
		return exitUnknown
	}
}

func lookOnce(ctx context.Context, from sources) observe.Host {
	var host observe.Host
	host.Devices, host.DevicesErr = from.library.Devices(ctx)
	host.DriverVersion = from.library.DriverVersion()
	if facts, err := from.facts(ctx); err == nil {
		host.InstanceType, host.ExpectedDevices = facts.InstanceType, facts.ExpectedDevices
	}
	host.Notices, host.NoticesErr = from.notices.Notices(ctx)
	host.Tasks, host.TasksErr = from.ecs.Tasks(ctx)
	host.At = time.Now()
	return host
}

// mostLogged events that are kept of the log.
const mostLogged = 10_000

func logged(ctx context.Context, from sources, path string) []observe.Event {
	var mutex sync.Mutex
	var events []observe.Event
	reader := from.kernelLog(path, func(event observe.Event) {
		mutex.Lock()
		defer mutex.Unlock()
		if len(events) < mostLogged {
			events = append(events, event)
		}
	})
	ctx, stop := context.WithTimeout(ctx, logFor)
	defer stop()
	_ = reader.Run(ctx)
	mutex.Lock()
	defer mutex.Unlock()
	return events
}

func printVerdict(output io.Writer, host observe.Host, verdict health.Judgement) error {
	table := tabwriter.NewWriter(output, 0, 0, 2, ' ', 0)
	row := func(columns ...any) {
		for i, column := range columns {
			if i > 0 {
				_, _ = fmt.Fprint(table, "\t")
			}
			_, _ = fmt.Fprint(table, column)
		}
		_, _ = fmt.Fprintln(table)
	}
	row("WHERE", "STATE", "REASON", "ACTION", "EVIDENCE")
	row("host", verdict.State, dash(verdict.Reason), verdict.Action, dash(verdict.Evidence))
	for _, gpu := range verdict.GPUs {
		row(fmt.Sprintf("GPU %d", gpu.Index), gpu.State, dash(gpu.Reason), gpu.Action, dash(gpu.Evidence))
	}
	for _, note := range verdict.Notes {
		where := "host"
		if note.GPU != finding.Node {
			where = fmt.Sprintf("GPU %d", note.GPU)
		}
		row(where, "note", note.Reason, note.Action, dash(note.Evidence))
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("printing what was found: %w", err)
	}
	_, err := fmt.Fprintf(output, "\n%d GPUs, driver %s, instance type %s\n", len(host.Devices), dash(host.DriverVersion), dash(host.InstanceType))
	return err
}

func dash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}
