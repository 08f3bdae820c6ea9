package fault

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"sync"
	"time"

	"tandem/test/emulator"
	"tandem/test/fault/function"
	"tandem/test/fault/history"
	"tandem/test/fault/plan"
	"tandem/test/fault/wire"
)

// run is everything that a run shares.
type run struct {
	Options
	ctx       context.Context
	began     time.Time
	binaries  binaries
	emulator  *emulator.Emulator
	resources resources
	hub       *wire.Hub
	monitor   *history.Monitor
	counts    counts

	units        []*unit
	api, sweeper *function.Function
	apis         []*instance
	sweepers     *instance

	mutex  sync.Mutex
	jobs   []owned
	random *rand.Rand
}

// Verdict of a run.
type Verdict struct {
	// Violations of the rules, none if all is well.
	Violations []string
	Figures    history.Figures
	// Accepted jobs, and kills that struck.
	Accepted, Kills int
	// Took from the first submission until every job was over.
	Took time.Duration
}

// Run does the whole thing. An error means that nothing was judged.
func Run(ctx context.Context, options Options) (Verdict, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r := &run{Options: options.withDefaults(), ctx: ctx, random: rand.New(rand.NewPCG(options.Seed, 2))}
	r.monitor = history.New(func(violation string) {
		fmt.Fprintf(r.Out, "VIOLATED after %s: %s\n", r.since(time.Now()), violation)
	})
	defer r.stop()
	if err := r.start(); err != nil {
		return Verdict{}, err
	}
	p := plan.New(r.plan())
	r.began = time.Now()
	fmt.Fprintf(r.Out, "%d jobs and %d kills within %v, seed %d; logs in %s\n", r.Jobs, r.Kills, p.Span.Round(time.Second), r.Seed, r.Folder)
	r.storm(ctx, p)
	if err := r.calm(ctx); err != nil {
		return Verdict{}, err
	}
	took := time.Since(r.began)
	r.endWorkers(ctx)
	figures := r.monitor.Judge(r.readAll(ctx), history.Limits{MaxAttempts: maxAttempts, MaxInterruptions: maxInterruptions})
	r.report(figures)
	accepted, _ := r.monitor.Over()
	return Verdict{Violations: r.monitor.Violations(), Figures: figures, Accepted: accepted, Kills: r.counts.get("kills"), Took: took}, ctx.Err()
}

// RunIn runs in a folder of its own if none is named, which it removes after a
// good run.
func RunIn(ctx context.Context, options Options) (Verdict, error) {
	if options.Folder != "" {
		return Run(ctx, options)
	}
	var err error
	if options.Folder, err = os.MkdirTemp("", "fault-"); err != nil {
		return Verdict{}, fmt.Errorf("making a folder for logs: %w", err)
	}
	verdict, err := Run(ctx, options)
	if err == nil && len(verdict.Violations) == 0 {
		return verdict, os.RemoveAll(options.Folder)
	}
	return verdict, err
}

// start builds and starts everything.
func (r *run) start() error {
	var err error
	if r.binaries, err = build(r.ctx, r.Folder); err != nil {
		return err
	}
	if r.emulator, err = emulator.Start(r.ctx, emulator.Options{Folder: r.Folder + "/emulator"}); err != nil {
		return err
	}
	if r.resources, err = deploy(r.ctx, r.emulator); err != nil {
		return err
	}
	r.hub = wire.NewHub(wire.HubOptions{Target: r.emulator.Endpoint(), Seed: r.Seed, Observer: r.observed, Disturbed: r.monitor.Disturbed})
	if err := r.startFunctions(); err != nil {
		return err
	}
	for number := range r.Workers {
		u, err := r.newUnit(number)
		if err == nil {
			err = u.start()
		}
		if err != nil {
			return err
		}
		r.units = append(r.units, u)
	}
	return nil
}

// storm is the time in which things go wrong.
func (r *run) storm(ctx context.Context, p plan.Plan) {
	r.hub.Befall(p.Mishaps)
	var all sync.WaitGroup
	all.Go(func() { r.submitAll(ctx, p.Submissions) })
	all.Go(func() { r.act(ctx, p.Actions) })
	done := make(chan struct{})
	go r.sweep(ctx, min(sweepEvery, max(5*time.Second, p.Span/10)))
	go r.tell(ctx, done)
	all.Wait()
	close(done)
	r.hub.Befall(wire.Mishaps{})
	fmt.Fprintf(r.Out, "after %s nothing goes wrong any more\n", r.since(time.Now()))
}

// calm waits until every job is over.
func (r *run) calm(ctx context.Context) error {
	limit := time.Now().Add(r.Calm)
	for {
		left := r.monitor.Unfinished()
		if len(left) == 0 {
			fmt.Fprintf(r.Out, "after %s every job is over\n", r.since(time.Now()))
			return nil
		}
		if time.Now().After(limit) {
			for id, what := range left {
				r.monitor.Violated("job %s is not over %v after the last fault: %s", id, r.Calm, what)
			}
			return nil
		}
		if sleep(ctx, 200*time.Millisecond); ctx.Err() != nil {
			return errors.Join(errors.New("the run was cut short"), ctx.Err())
		}
	}
}

// tell says now and then how far the run is.
func (r *run) tell(ctx context.Context, done <-chan struct{}) {
	ticker := time.NewTicker(15 * time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			accepted, over := r.monitor.Over()
			fmt.Fprintf(r.Out, "%s: %d accepted, %d over, %d kills\n", r.since(time.Now()), accepted, over, r.counts.get("kills"))
		case <-done:
			return
		case <-ctx.Done():
			return
		}
	}
}

// endWorkers tells all to end at once, as a stack's deletion does.
func (r *run) endWorkers(ctx context.Context) {
	var all sync.WaitGroup
	for _, u := range r.units {
		u.close()
		all.Go(func() { r.terminate(ctx, u, "worker told to end at last (SIGTERM)") })
	}
	all.Wait()
}

// stop ends whatever runs.
func (r *run) stop() {
	for _, u := range r.units {
		u.kill()
	}
	for _, i := range r.apis {
		i.close()
	}
	if r.sweepers != nil {
		r.sweepers.close()
	}
	if r.emulator != nil {
		_ = r.emulator.Stop()
	}
}

// restartDelay is how long it takes until something that ended is started again.
func (r *run) restartDelay() time.Duration {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return time.Duration(100+r.random.IntN(900)) * time.Millisecond
}

func freeAddress(ctx context.Context) (string, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("finding a free port: %w", err)
	}
	defer listener.Close()
	return listener.Addr().String(), nil
}
