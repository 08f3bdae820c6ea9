package jobs_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tandem/runtime/jobs"
	"tandem/runtime/jobs/jobstest"
	"tandem/runtime/jobs/memory"
)

// Any order of calls by anyone, in time or late, keeps the laws of a job. The
// model holds what must be true of each job after each call; it knows nothing of
// how the rules are written.
func TestAnyOrderOfCallsKeepsTheLawsOfAJob(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		m := newMachine(r)
		r.Repeat(map[string]func(*rapid.T){
			"submit": m.submit, "claim": m.claim, "renew": m.renew, "succeed": m.succeed, "fail": m.fail,
			"interrupt": m.interrupt, "stop": m.stop, "cancel": m.cancel, "redrive": m.redrive,
			"sweep": m.sweep, "step": m.step, "wait": m.wait, "": m.check,
		})
	})
}

const (
	modelAttempts      = 3
	modelInterruptions = 2
)

// machine is the contract and, beside it, what is known of each job.
type machine struct {
	clock   *jobstest.Clock
	store   *memory.Store
	service *jobs.Service
	runner  *jobs.Runner
	sweeper *jobs.Sweeper
	ids     []string
	known   map[string]*known
	held    []jobs.Held
}

// known is what the model remembers of a job.
type known struct {
	job jobs.Job
	// floor is the fence at the last redrive, from which attempts count.
	floor int64
	// commits are the fences whose commit was told to have landed.
	commits []int64
	steps   map[string]string
}

func newMachine(r *rapid.T) *machine {
	clock, store, queue := jobstest.NewClock(), memory.NewStore(), memory.NewQueue()
	lane := jobs.Lane{Worker: "w", Priority: jobs.Normal}
	return &machine{
		clock: clock, store: store, known: map[string]*known{},
		service: jobs.NewService(jobs.ServiceOptions{Store: store, Queue: queue, Blobs: memory.NewBlobs(""), Clock: clock}),
		runner: jobs.NewRunner(jobs.RunnerOptions{Store: store, Queue: queue, Clock: clock,
			MaxAttempts: modelAttempts, MaxInterruptions: modelInterruptions,
			Backoff: jobs.Backoff{Random: func() float64 { return rapid.Float64Range(0, 0.999).Draw(r, "jitter") }}}),
		sweeper: jobs.NewSweeper(jobs.SweeperOptions{Store: store, Queue: queue, Clock: clock, Lanes: []jobs.Lane{lane}, Parallel: 1}),
	}
}

func (m *machine) submit(r *rapid.T) {
	submission := jobs.Submission{Tenant: "acme", Worker: "w", Webhook: rapid.SampledFrom([]string{"", "https://example.com"}).Draw(r, "webhook")}
	if rapid.Bool().Draw(r, "has deadline") {
		submission.Deadline = m.clock.Now().Add(time.Duration(rapid.IntRange(1, 300).Draw(r, "deadline")) * time.Second)
	}
	job, created, err := m.service.Submit(r.Context(), submission)
	require.NoError(r, err)
	require.True(r, created)
	m.ids = append(m.ids, job.ID)
	m.known[job.ID] = &known{job: job, steps: map[string]string{}}
}

func (m *machine) someID(r *rapid.T) string {
	if len(m.ids) == 0 {
		r.Skip("no jobs yet")
	}
	return rapid.SampledFrom(m.ids).Draw(r, "job")
}

// someHeld is a claim that went through at some time, long lost perhaps.
func (m *machine) someHeld(r *rapid.T) jobs.Held {
	if len(m.held) == 0 {
		r.Skip("no claims yet")
	}
	return rapid.SampledFrom(m.held).Draw(r, "held")
}

func (m *machine) claim(r *rapid.T) {
	id := m.someID(r)
	before, now := m.known[id].job, m.clock.Now()
	job, err := m.runner.Claim(r.Context(), id, "owner")
	if err != nil {
		return
	}
	live := before.State == jobs.Running && before.Lease.Until.After(now)
	require.False(r, live, "a live lease was taken")
	require.False(r, before.State.Terminal(), "a job that was over was claimed")
	require.False(r, before.NotBefore.After(now), "a job was claimed before its time")
	require.False(r, !before.Deadline.IsZero() && !before.Deadline.After(now), "an overdue job was claimed")
	require.Equal(r, before.Fence+1, job.Fence)
	require.LessOrEqual(r, job.Interruptions, modelInterruptions)
	require.LessOrEqual(r, job.Attempts, modelAttempts)
	m.held = append(m.held, job.Held())
}

// attempt runs a call of the attempt and requires that it lands if and only if
// the attempt is the job's.
func (m *machine) attempt(r *rapid.T, held jobs.Held, call func() error) bool {
	before := m.known[held.ID].job
	current := before.State == jobs.Running && before.Fence == held.Fence
	err := call()
	if !current {
		require.ErrorIs(r, err, jobs.ErrLeaseLost)
		return false
	}
	if errors.Is(err, jobs.ErrNotStoppable) {
		return false
	}
	require.NoError(r, err)
	return true
}

func (m *machine) renew(r *rapid.T) {
	held := m.someHeld(r)
	m.attempt(r, held, func() error {
		_, err := m.runner.Renew(r.Context(), held, &jobs.Progress{Percent: 50})
		return err
	})
}

func (m *machine) succeed(r *rapid.T) {
	held := m.someHeld(r)
	if m.attempt(r, held, func() error {
		_, err := m.runner.Succeed(r.Context(), held, jobs.Bytes("text/plain", []byte{byte(held.Fence)}))
		return err
	}) {
		m.known[held.ID].commits = append(m.known[held.ID].commits, held.Fence)
	}
}

func (m *machine) fail(r *rapid.T) {
	held, final := m.someHeld(r), rapid.Bool().Draw(r, "final")
	m.attempt(r, held, func() error {
		job, err := m.runner.Fail(r.Context(), held, jobs.Failure{Code: "crashed"}, final)
		if err == nil && final {
			require.Equal(r, jobs.Failed, job.State)
		}
		return err
	})
}

func (m *machine) interrupt(r *rapid.T) {
	held := m.someHeld(r)
	before := m.known[held.ID].job
	m.attempt(r, held, func() error {
		job, err := m.runner.Interrupt(r.Context(), held)
		if err == nil && job.State == jobs.Queued {
			require.Equal(r, before.Attempts-1, job.Attempts)
		}
		return err
	})
}

func (m *machine) stop(r *rapid.T) {
	held := m.someHeld(r)
	m.attempt(r, held, func() error { _, err := m.runner.Stop(r.Context(), held); return err })
}

func (m *machine) step(r *rapid.T) {
	held, key := m.someHeld(r), rapid.SampledFrom([]string{"a", "b"}).Draw(r, "key")
	value := rapid.StringMatching(`[a-z]{1,3}`).Draw(r, "value")
	m.attempt(r, held, func() error {
		step, stored, err := m.runner.PutStep(r.Context(), held, key, jobs.Bytes("text/plain", []byte(value)))
		if err != nil {
			return err
		}
		first, found := m.known[held.ID].steps[key]
		require.Equal(r, !found, stored)
		if !found {
			first = value
			m.known[held.ID].steps[key] = value
		}
		require.Equal(r, first, string(step.Result.Inline))
		return nil
	})
}

func (m *machine) cancel(r *rapid.T) {
	_, _ = m.service.Cancel(r.Context(), "acme", m.someID(r))
}

func (m *machine) redrive(r *rapid.T) {
	id := m.someID(r)
	before := m.known[id].job
	job, err := m.service.RedriveOne(r.Context(), "acme", id)
	redrivable := before.State.Terminal() && before.State != jobs.Succeeded
	require.Equal(r, redrivable, err == nil)
	if err == nil {
		require.Equal(r, jobs.Queued, job.State)
		m.known[id].floor = job.Fence
		m.known[id].job = job
	}
}

func (m *machine) sweep(r *rapid.T) {
	_, err := m.sweeper.RunOnce(r.Context())
	require.NoError(r, err)
	for _, id := range m.ids {
		job, err := m.store.Get(r.Context(), id)
		require.NoError(r, err)
		require.False(r, job.Orphaned(m.clock.Now()), "an ended lease was left alone")
		overdue := job.State == jobs.Queued && !job.Deadline.IsZero() && !job.Deadline.After(m.clock.Now())
		require.False(r, overdue, "an overdue job was left alone")
		require.NotEqual(r, jobs.DeliveryPending, job.Webhook.State)
	}
}

func (m *machine) wait(r *rapid.T) {
	m.clock.Advance(time.Duration(rapid.IntRange(1, 60).Draw(r, "seconds")) * time.Second)
}

// check holds after every call, for every job.
func (m *machine) check(r *rapid.T) {
	for _, id := range m.ids {
		job, err := m.store.Get(r.Context(), id)
		require.NoError(r, err)
		k := m.known[id]
		before := k.job
		require.GreaterOrEqual(r, job.Fence, before.Fence, "the fence went back")
		require.GreaterOrEqual(r, job.Revision, before.Revision)
		if before.State.Terminal() {
			require.Equal(r, before.State, job.State, "a terminal state was left without a redrive")
			require.Equal(r, before.Result, job.Result)
			require.Equal(r, before.Fence, job.Fence)
		}
		require.Equal(r, job.Fence-k.floor, int64(job.Attempts+job.Interruptions), "claims are miscounted")
		require.Equal(r, job.State == jobs.Running, job.Lease != jobs.Lease{})
		require.Equal(r, job.State.Terminal(), !job.Finished.IsZero())
		require.Equal(r, job.State.Terminal(), !job.ExpiresAt.IsZero())
		require.LessOrEqual(r, len(k.commits), 1, "two attempts were told that they committed")
		require.Equal(r, job.State == jobs.Succeeded, len(k.commits) == 1)
		if job.State == jobs.Succeeded {
			require.Equal(r, []byte{byte(k.commits[0])}, job.Result.Inline, "the result is not the winner's")
		}
		if job.State == jobs.Queued {
			require.False(r, job.CancelRequested, "a cancelled job is queued")
		}
		if job.Webhook.URL != "" {
			require.Equal(r, job.State.Terminal(), job.Webhook.State != jobs.DeliveryNone)
		}
		k.job = job
	}
}
