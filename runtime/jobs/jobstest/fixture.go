package jobstest

import (
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tandem/runtime/jobs"
)

// Clock is a jobs.Clock that stands still until it is moved.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock makes a Clock that shows the present.
func NewClock() *Clock { return &Clock{now: time.Now().UTC().Truncate(time.Millisecond)} }

// Now implements jobs.Clock.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock.
func (c *Clock) Advance(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(by)
}

// name returns a name that no other test has.
func name(prefix string) string { return prefix + "-" + uuid.NewString()[24:] }

func newID() string { return uuid.Must(uuid.NewV7()).String() }

// queuedJob is a job as a submit leaves it.
func queuedJob(now time.Time) jobs.Job {
	return jobs.Job{
		ID: newID(), Tenant: name("tenant"), Worker: name("worker"), Priority: jobs.Normal,
		State: jobs.Queued, Revision: 1, RequestHash: []byte("0123456789abcdef"),
		Input:   jobs.Bytes("application/json", []byte(`{"page":1}`)),
		Created: now, Updated: now, QueuedAt: now,
	}
}

// claimFor is a claim that a queued job allows.
func claimFor(job jobs.Job, now time.Time) jobs.Claim {
	return jobs.Claim{ID: job.ID, Owner: "task/1", Token: name("t"), Now: now, Until: now.Add(jobs.LeaseFor), MaxInterruptions: 100}
}

// runningJob is a job as a claim leaves it.
func runningJob(now time.Time) jobs.Job {
	job := queuedJob(now)
	return job.Claimed(claimFor(job, now))
}

func create(t *testing.T, store jobs.Store, job jobs.Job) jobs.Job {
	t.Helper()
	require.NoError(t, store.Create(t.Context(), job))
	return job
}

func stored(t *testing.T, store jobs.Store, id string) jobs.Job {
	t.Helper()
	job, err := store.Get(t.Context(), id)
	require.NoError(t, err)
	return plain(job)
}

// plain makes jobs comparable: no payload and an empty one are the same to a store.
func plain(job jobs.Job) jobs.Job {
	job.Input.Inline, job.Result.Inline = orNil(job.Input.Inline), orNil(job.Result.Inline)
	job.RequestHash = orNil(job.RequestHash)
	if len(job.Metadata) == 0 {
		job.Metadata = nil
	}
	return job
}

func orNil(content []byte) []byte {
	if len(content) == 0 {
		return nil
	}
	return content
}

func requireConflict(t require.TestingT, err error, reason error, want jobs.Job) {
	var refused *jobs.StateError
	require.ErrorAs(t, err, &refused)
	require.ErrorIs(t, refused, reason)
	require.Equal(t, plain(want), plain(refused.Job))
}

func ids(found []jobs.Job) []string {
	list := make([]string, 0, len(found))
	for _, job := range found {
		list = append(list, job.ID)
	}
	return list
}
