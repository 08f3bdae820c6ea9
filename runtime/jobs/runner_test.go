package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/jobs"
	"tandem/runtime/jobs/jobstest"
	"tandem/runtime/jobs/memory"
)

// submitted puts a job into a fresh store.
func submitted(t *testing.T, clock jobs.Clock, change func(*jobs.Submission)) (*memory.Store, *memory.Queue, jobs.Job) {
	t.Helper()
	store, queue := memory.NewStore(), memory.NewQueue()
	service := jobs.NewService(jobs.ServiceOptions{Store: store, Queue: queue, Blobs: memory.NewBlobs(""), Clock: clock})
	submission := jobs.Submission{Tenant: "acme", Worker: "w"}
	if change != nil {
		change(&submission)
	}
	job, _, err := service.Submit(t.Context(), submission)
	require.NoError(t, err)
	return store, queue, job
}

// A worker's clock may be ahead until the store's first answer has put it
// right; the lease that the answer tells of is judged by the clock as it is then.
func TestALeaseIsNotTakenByAClockThatWasAheadBeforeTheAnswer(t *testing.T) {
	clock := jobstest.NewClock()
	store, queue, job := submitted(t, clock, nil)
	_, err := jobs.NewRunner(jobs.RunnerOptions{Store: store, Queue: queue, Clock: clock}).Claim(t.Context(), job.ID, "task-1")
	require.NoError(t, err)

	read := 0
	learning := jobs.ClockFunc(func() time.Time {
		if read++; read == 1 {
			return clock.Now().Add(time.Hour)
		}
		return clock.Now()
	})
	_, err = jobs.NewRunner(jobs.RunnerOptions{Store: store, Queue: queue, Clock: learning}).Claim(t.Context(), job.ID, "task-2")
	require.ErrorIs(t, err, jobs.ErrLeaseHeld)
}

// late is a store that lets somebody write right after a Replace, whose answer is lost.
type late struct {
	*memory.Store
	after func(jobs.Job) jobs.Job
}

func (s *late) Replace(ctx context.Context, job jobs.Job) error {
	if err := s.Store.Replace(ctx, job); err != nil || s.after == nil {
		return err
	}
	next := s.after(job)
	s.after = nil
	if err := s.Store.Replace(ctx, next); err != nil {
		return err
	}
	return s.Store.Replace(ctx, job) // what the SDK does when the answer was lost
}

func TestATakenLeaseIsKnownAgainThoughSomebodyWroteSince(t *testing.T) {
	clock := jobstest.NewClock()
	store, queue, job := submitted(t, clock, nil)
	slow := &late{Store: store}
	runner := jobs.NewRunner(jobs.RunnerOptions{Store: slow, Queue: queue, Clock: clock})
	_, err := runner.Claim(t.Context(), job.ID, "task-1")
	require.NoError(t, err)
	clock.Advance(jobs.LeaseFor)

	slow.after = func(job jobs.Job) jobs.Job {
		job.Revision++
		job.CancelRequested, job.WriteToken = true, "the canceller's"
		return job
	}
	taken, err := runner.Claim(t.Context(), job.ID, "task-2")
	require.NoError(t, err)
	require.Equal(t, int64(2), taken.Fence)
	require.True(t, taken.CancelRequested)
}

// busy is a store in which somebody else is always faster.
type busy struct{ *memory.Store }

func (s *busy) Replace(ctx context.Context, job jobs.Job) error {
	existing, err := s.Get(ctx, job.ID)
	if err != nil {
		return err
	}
	return &jobs.StateError{Err: jobs.ErrConflict, Job: existing}
}

func TestAChangeThatNeverGetsThroughIsGivenUp(t *testing.T) {
	clock := jobstest.NewClock()
	store, queue, job := submitted(t, clock, nil)
	service := jobs.NewService(jobs.ServiceOptions{Store: &busy{store}, Queue: queue, Blobs: memory.NewBlobs(""), Clock: clock})
	_, err := service.Cancel(t.Context(), "acme", job.ID)
	require.ErrorIs(t, err, jobs.ErrConflict)
}

func TestAnErrorOfTheStoreIsNoLostLease(t *testing.T) {
	clock := jobstest.NewClock()
	store, queue, job := submitted(t, clock, nil)
	claimed, err := jobs.NewRunner(jobs.RunnerOptions{Store: store, Queue: queue, Clock: clock}).Claim(t.Context(), job.ID, "task-1")
	require.NoError(t, err)
	runner := jobs.NewRunner(jobs.RunnerOptions{Store: &down{store}, Queue: queue, Clock: clock})
	_, renewing := runner.Renew(t.Context(), claimed.Held(), nil)
	_, committing := runner.Succeed(t.Context(), claimed.Held(), jobs.Payload{})
	_, failing := runner.Fail(t.Context(), claimed.Held(), jobs.Failure{}, false)
	for _, err := range []error{renewing, committing, failing} {
		require.ErrorIs(t, err, errDown)
		require.NotErrorIs(t, err, jobs.ErrLeaseLost)
	}
}

var errDown = errors.New("the store is down")

type down struct{ *memory.Store }

func (*down) Get(context.Context, string) (jobs.Job, error)         { return jobs.Job{}, errDown }
func (*down) Renew(context.Context, jobs.Renewal) (jobs.Job, error) { return jobs.Job{}, errDown }
func (*down) Commit(context.Context, jobs.Commit) (jobs.Job, error) { return jobs.Job{}, errDown }
func (*down) FindRunning(context.Context, jobs.Scan) (jobs.Found, error) {
	return jobs.Found{}, errDown
}

func TestASweepWithoutAStoreReportsIt(t *testing.T) {
	sweeper := jobs.NewSweeper(jobs.SweeperOptions{Store: &down{memory.NewStore()}, Queue: memory.NewQueue()})
	_, err := sweeper.RunOnce(t.Context())
	require.ErrorIs(t, err, errDown)
}

// mute is a queue that takes no messages and counts how often it was asked to.
type mute struct {
	*memory.Queue
	asked int
}

func (q *mute) Send(context.Context, jobs.Lane, jobs.Message, time.Duration) error {
	q.asked++
	return errDown
}

func TestASweepWithoutAQueueStopsAfterSomeErrors(t *testing.T) {
	clock := jobstest.NewClock()
	store, lane := memory.NewStore(), jobs.Lane{Worker: "w", Priority: jobs.Normal}
	service := jobs.NewService(jobs.ServiceOptions{Store: store, Queue: memory.NewQueue(), Blobs: memory.NewBlobs(""), Clock: clock})
	for range 500 {
		_, _, err := service.Submit(t.Context(), jobs.Submission{Tenant: "acme", Worker: "w"})
		require.NoError(t, err)
	}
	clock.Advance(time.Minute)
	queue := &mute{Queue: memory.NewQueue()}
	report, err := jobs.NewSweeper(jobs.SweeperOptions{Store: store, Queue: queue, Clock: clock, Lanes: []jobs.Lane{lane}, Parallel: 1}).RunOnce(t.Context())
	require.ErrorIs(t, err, errDown)
	require.Equal(t, jobs.Report{More: true}, report)
	require.Less(t, queue.asked, 50)
}

func TestAListLooksAtSoManyJobsACallAndGoesOnFromThere(t *testing.T) {
	clock := jobstest.NewClock()
	store, queue := memory.NewStore(), memory.NewQueue()
	service := jobs.NewService(jobs.ServiceOptions{Store: store, Queue: queue, Blobs: memory.NewBlobs(""), Clock: clock})
	var oldest jobs.Job
	for n := range jobs.MaxScanned + 500 {
		job, _, err := service.Submit(t.Context(), jobs.Submission{Tenant: "acme", Worker: fmt.Sprintf("w%d", min(n, 1))})
		require.NoError(t, err)
		if n == 0 {
			oldest = job
		}
		clock.Advance(time.Millisecond)
	}
	page, err := service.List(t.Context(), "acme", jobs.Filter{Worker: "w0"}, "", 0)
	require.NoError(t, err)
	require.Empty(t, page.Jobs)
	require.NotEmpty(t, page.Cursor)
	page, err = service.List(t.Context(), "acme", jobs.Filter{Worker: "w0"}, page.Cursor, 0)
	require.NoError(t, err)
	require.Len(t, page.Jobs, 1)
	require.Equal(t, oldest.ID, page.Jobs[0].ID)
	require.Empty(t, page.Cursor)
}

// stale lists jobs as they were a while ago.
type stale struct {
	*memory.Store
	jobs []jobs.Job
}

func (s *stale) List(context.Context, string, *jobs.Position, int) ([]jobs.Job, *jobs.Position, error) {
	return s.jobs, nil, nil
}

func TestARedriveGoesByWhatAJobIsNotByWhatTheListSaid(t *testing.T) {
	clock := jobstest.NewClock()
	store, queue, job := submitted(t, clock, nil)
	actual := jobs.NewService(jobs.ServiceOptions{Store: store, Queue: queue, Blobs: memory.NewBlobs(""), Clock: clock})
	cancelled, err := actual.Cancel(t.Context(), "acme", job.ID)
	require.NoError(t, err)
	listed := job
	listed.State = jobs.Failed
	service := jobs.NewService(jobs.ServiceOptions{Store: &stale{store, []jobs.Job{listed}}, Queue: queue, Blobs: memory.NewBlobs(""), Clock: clock})
	redriven, err := service.Redrive(t.Context(), "acme", jobs.Filter{}, "")
	require.NoError(t, err)
	require.Empty(t, redriven.Jobs)
	got, err := store.Get(t.Context(), job.ID)
	require.NoError(t, err)
	require.Equal(t, cancelled, got)
}
