package kmsg

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"tandem/gpuagent/internal/observe"
)

// DefaultPath of the kernel log.
const DefaultPath = "/dev/kmsg"

// Options of a [Reader].
type Options struct {
	// Path of the log. Defaults to DefaultPath. A file or a pipe with lines in
	// either form, /dev/kmsg's or dmesg's, will do for a rehearsal.
	Path string
	// FromBoot reads what was logged before, too.
	FromBoot bool
	// AnyFacility also believes lines that a program wrote to the log, for
	// rehearsals on a machine of one's own.
	AnyFacility bool
	// UUID of the device at a PCI address. Defaults to what the log says.
	UUID func(address string) string
	// Tell takes the events. Required.
	Tell observe.Events
	// Retry is how long to wait before a log that could not be opened is tried
	// again. Defaults to 10s.
	Retry time.Duration
	// Now tells the time, and SinceBoot how long the kernel runs. Default to
	// those of this machine.
	Now       func() time.Time
	SinceBoot func() time.Duration
}

// Reader follows the kernel log.
type Reader struct {
	options  Options
	parser   Parser
	lines    atomic.Uint64
	events   atomic.Uint64
	overruns atomic.Uint64
	failure  atomic.Pointer[string]
}

// Health of a reader: how it is, not how the GPUs are.
type Health struct {
	// Lines read and events found, and how often the kernel overwrote lines
	// before they were read.
	Lines, Events, Overruns uint64
	// Err is why the log cannot be read; empty while it can.
	Err string
}

// New makes a reader.
func New(options Options) *Reader {
	if options.Path == "" {
		options.Path = DefaultPath
	}
	if options.Retry == 0 {
		options.Retry = 10 * time.Second
	}
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.SinceBoot == nil {
		options.SinceBoot = sinceBoot
	}
	if options.UUID == nil {
		options.UUID = func(string) string { return "" }
	}
	return &Reader{options: options}
}

// Health of the reader.
func (r *Reader) Health() Health {
	health := Health{Lines: r.lines.Load(), Events: r.events.Load(), Overruns: r.overruns.Load()}
	if failure := r.failure.Load(); failure != nil {
		health.Err = *failure
	}
	return health
}

// Run follows the log until the context ends. A log that cannot be read is tried
// again and again, and [Reader.Health] says so meanwhile.
func (r *Reader) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		err := r.follow(ctx)
		if ctx.Err() != nil {
			break
		}
		text := err.Error()
		r.failure.Store(&text)
		wait(ctx, r.options.Retry)
	}
	return nil
}

func (r *Reader) follow(ctx context.Context) error {
	// Without blocking, reads wait in the runtime's poller and end when the file
	// is closed.
	file, err := os.OpenFile(r.options.Path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return fmt.Errorf("opening the kernel log: %w; run the agent privileged, with %s mounted", err, r.options.Path)
	}
	defer func() { _ = file.Close() }()
	defer context.AfterFunc(ctx, func() { _ = file.Close() })()
	if !r.options.FromBoot {
		if _, err := file.Seek(0, io.SeekEnd); err != nil && !errors.Is(err, syscall.ESPIPE) {
			return fmt.Errorf("going to the end of the kernel log: %w", err)
		}
	}
	r.failure.Store(nil)
	return r.read(ctx, file)
}

// read serves one opened log. The kernel hands out one record a call, and tells
// by EPIPE that it has overwritten some; the next call goes on behind them.
func (r *Reader) read(ctx context.Context, log io.Reader) error {
	buffer, kept := make([]byte, 16<<10), 0
	for {
		n, err := log.Read(buffer[kept:])
		if n > 0 {
			kept = r.split(buffer, kept+n)
		}
		switch {
		case err == nil:
		case errors.Is(err, syscall.EPIPE):
			r.overruns.Add(1)
		case errors.Is(err, io.EOF):
			// A file that still grows.
			if !wait(ctx, 50*time.Millisecond) {
				return ctx.Err()
			}
		default:
			return fmt.Errorf("reading the kernel log: %w", err)
		}
	}
}

// split takes all whole lines and returns how many bytes of the next are kept. A
// line that fills the buffer is none of the driver's.
func (r *Reader) split(buffer []byte, filled int) int {
	text := string(buffer[:filled])
	for {
		line, rest, whole := strings.Cut(text, "\n")
		if !whole {
			break
		}
		r.take(line)
		text = rest
	}
	if len(text) == len(buffer) {
		return 0
	}
	return copy(buffer, text)
}

// take reads one line.
func (r *Reader) take(line string) {
	r.lines.Add(1)
	if !strings.Contains(line, "NVRM: ") && !strings.Contains(line, "SXid (") {
		return
	}
	at := r.options.Now()
	text := line
	if record, ok := ParseRecord(line); ok {
		if record.Facility() != kernelFacility && !r.options.AnyFacility {
			return
		}
		if age := r.options.SinceBoot() - record.SinceBoot; age > 0 {
			at = at.Add(-age)
		}
		text = record.Text
	}
	event, ok := r.parser.Parse(text)
	if !ok {
		return
	}
	if uuid := r.options.UUID(event.PCI); uuid != "" {
		event.UUID = uuid
	}
	event.At = at
	r.events.Add(1)
	r.options.Tell(event)
}

func wait(ctx context.Context, how time.Duration) bool {
	timer := time.NewTimer(how)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
