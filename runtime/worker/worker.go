package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"tandem/runtime/jobs"
	"tandem/runtime/worker/localapi"
)

// Worker runs jobs until it is told to end. Make one with [New].
type Worker struct {
	options    Options
	log        *slog.Logger
	intake     *intake
	mail       *mailbox
	protection *protection
	serving    sync.WaitGroup
	// hiding keeps the heartbeat from hiding a message that has been given back.
	hiding sync.RWMutex
	// suspected asks for a ping before its time.
	suspected chan struct{}

	mutex    sync.Mutex
	attempts map[jobs.Held]*attempt
	// stopAll is what attempts are told that begin while others are being stopped.
	stopAll    *localapi.Stop
	ending     bool
	lastBeat   time.Time
	impaired   bool
	rebalanced time.Time
}

// New makes a worker; it does nothing until [Worker.Run].
func New(options Options) (*Worker, error) {
	options = options.withDefaults()
	if err := options.validate(); err != nil {
		return nil, err
	}
	w := &Worker{
		options: options, log: options.Log.With("worker", options.Name),
		intake: newIntake(options.Name, options.Priorities, options.Slots), attempts: map[jobs.Held]*attempt{},
		suspected: make(chan struct{}, 1),
	}
	w.mail = newMailbox(options.Queue, w.log)
	w.protection = &protection{protector: options.Protector, log: w.log}
	options.Metrics.slots(options.Slots)
	return w, nil
}

// LocalAPI serves what the container may ask, under /v1/.
func (w *Worker) LocalAPI() http.Handler {
	return localapi.NewHandler(localapi.Options{Sessions: w.sessions, Log: w.log})
}

// Healthy returns an error when the worker's own loop stands still: it would
// hold a GPU for nothing.
func (w *Worker) Healthy() error {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if since := time.Since(w.lastBeat); !w.lastBeat.IsZero() && since > 3*jobs.LeaseFor {
		return fmt.Errorf("the heartbeat stands still since %v", since.Round(time.Second))
	}
	return nil
}

// Run takes and runs jobs until the context ends; then it drains: nothing more
// is taken, containers are told to stop, and once StopTimeout has passed every
// job has been finished or given back. It returns nil after a drain, and
// an error when the container is of no use and the task should be replaced.
func (w *Worker) Run(ctx context.Context) error {
	// What runs outlives the signal to end.
	base, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	w.log.Info("the worker starts", "owner", w.options.Owner, "slots", w.options.Slots)
	w.pause("container")
	healthCtx, endHealth := context.WithCancel(base)
	unhealthy := make(chan error, 1)
	go func() { unhealthy <- w.health(healthCtx) }()
	var loops, polls sync.WaitGroup
	loops.Go(func() { w.heartbeat(base) })
	loops.Go(func() { w.tidy(base) })
	for _, lane := range w.intake.lanes {
		polls.Go(func() { w.poll(base, lane) })
	}
	var failure error
	select {
	case <-ctx.Done():
	case failure = <-unhealthy:
	}
	// Polls are waited for: a request that is cut may have taken messages along.
	kill := time.AfterFunc(w.options.StopTimeout+giveBack, end)
	defer kill.Stop()
	w.drain(w.stopBy())
	polls.Wait()
	w.serving.Wait()
	endHealth()
	w.mail.close()
	w.protection.close()
	end()
	loops.Wait()
	if failure == nil {
		w.log.Info("drained")
	}
	return errors.Join(failure)
}
