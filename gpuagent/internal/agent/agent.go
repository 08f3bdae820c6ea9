// Package agent looks at a host's GPUs and its spot notices, judges what it
// sees, and publishes one immutable snapshot. How a reading is taken is left to
// its sources; who reads the snapshot is left to its publishers.
package agent

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"tandem/runtime/nodestatus"
)

// ErrNoDriver says that the host has no NVIDIA driver or library to ask. The
// host is not sick: too little is known of it.
var ErrNoDriver = errors.New("no NVIDIA driver")

// GPU is one device as the driver reports it.
type GPU struct {
	UUID  string
	Index int
	Name  string
	// Temperature in degrees Celsius, Power in watts, memory in bytes, utilisation in percent.
	Temperature, Power      float64
	MemoryUsed, MemoryTotal uint64
	Utilisation             float64
	// Lost is set when the driver no longer reaches the device.
	Lost bool
}

// GPUs reads all devices of the host. It returns [ErrNoDriver] where there is
// nobody to ask.
type GPUs interface {
	Read(ctx context.Context) ([]GPU, error)
}

// Notices are what EC2 has announced for this instance.
type Notices struct {
	Spot      *nodestatus.SpotNotice
	Rebalance *time.Time
}

// NoticeReader asks EC2. Outside EC2 it returns an error each time.
type NoticeReader interface {
	Read(ctx context.Context) (Notices, error)
}

// Options of an [Agent].
type Options struct {
	// GPUs of the host. Required.
	GPUs GPUs
	// Notices of EC2. Required.
	Notices NoticeReader
	// Publish takes each changed status. Required.
	Publish func(nodestatus.Status) error
	// Every is how often the host is looked at. Defaults to 1s, so that of the
	// two minutes of a spot notice one second is lost at most.
	Every time.Duration
	// Refresh writes an unchanged status again, so that readers see that the
	// agent lives. Defaults to 10s.
	Refresh time.Duration
	// Now tells the time. Defaults to time.Now.
	Now func() time.Time
	// Log. Defaults to slog.Default.
	Log *slog.Logger
}

// Agent watches one host.
type Agent struct {
	options   Options
	snapshot  atomic.Pointer[Snapshot]
	published nodestatus.Status
	complaint string
}

// New makes an agent whose snapshot says INITIALIZING until it has looked once.
func New(options Options) *Agent {
	if options.Every == 0 {
		options.Every = time.Second
	}
	if options.Refresh == 0 {
		options.Refresh = 10 * time.Second
	}
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.Log == nil {
		options.Log = slog.Default()
	}
	a := &Agent{options: options}
	a.snapshot.Store(&Snapshot{Status: nodestatus.Status{State: nodestatus.Initializing, Reasons: []string{"STARTING"}, Updated: options.Now()}})
	return a
}

// Snapshot returns what was seen last, without asking anybody.
func (a *Agent) Snapshot() *Snapshot { return a.snapshot.Load() }

// Run looks until the context ends.
func (a *Agent) Run(ctx context.Context) error {
	ticker := time.NewTicker(a.options.Every)
	defer ticker.Stop()
	for {
		a.Look(ctx)
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// Look takes one reading of everything and publishes what follows from it.
func (a *Agent) Look(ctx context.Context) {
	gpus, gpuErr := a.options.GPUs.Read(ctx)
	notices, noticeErr := a.options.Notices.Read(ctx)
	if noticeErr != nil {
		// A host outside EC2 has no notices; an instance keeps those it had.
		notices = Notices{Spot: a.published.Spot, Rebalance: a.published.Rebalance}
	}
	status := judge(gpus, gpuErr, notices)
	status.Updated = a.options.Now()
	a.snapshot.Store(&Snapshot{Status: status, GPUs: gpus})
	if same(status, a.published) && status.Updated.Sub(a.published.Updated) < a.options.Refresh {
		return
	}
	if err := a.options.Publish(status); err != nil {
		a.complain(err)
		return
	}
	a.complaint = ""
	if !same(status, a.published) {
		a.options.Log.Info("the host's status changed", "state", status.State, "reasons", status.Reasons,
			"before", a.published.State, "spot", status.Spot != nil, "gpus", len(status.GPUs))
	}
	a.published = status
}

// complain logs a failure once until it changes or goes away.
func (a *Agent) complain(err error) {
	if err.Error() == a.complaint {
		return
	}
	a.complaint = err.Error()
	a.options.Log.Error("publishing the host's status", "error", err.Error())
}
