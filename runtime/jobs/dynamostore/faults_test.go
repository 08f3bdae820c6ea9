package dynamostore_test

import (
	"errors"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tandem/runtime/jobs"
	"tandem/runtime/jobs/dynamostore"
	"tandem/test/dynamolocal"
)

// forgetful loses the answer to one request after the server has done it.
type forgetful struct {
	next aws.HTTPClient
	lose atomic.Bool
	lost atomic.Int32
}

func (f *forgetful) Do(request *http.Request) (*http.Response, error) {
	response, err := f.next.Do(request)
	if err == nil && f.lose.CompareAndSwap(true, false) {
		f.lost.Add(1)
		_ = response.Body.Close()
		return nil, errors.New("connection reset by peer")
	}
	return response, err
}

func TestAnAnswerThatIsLostChangesNothing(t *testing.T) {
	wire := &forgetful{}
	client := client(dynamolocal.Start(t), func(next aws.HTTPClient) aws.HTTPClient { wire.next = next; return wire })
	store := dynamostore.New(dynamostore.Options{Client: client, Table: newTable(t, client)})
	now := time.Now().UTC().Truncate(time.Millisecond)
	losing := func(t *testing.T, do func() error) {
		t.Helper()
		before := wire.lost.Load()
		wire.lose.Store(true)
		require.NoError(t, do())
		require.Equal(t, before+1, wire.lost.Load())
	}
	for label, metadata := range map[string]map[string]string{
		"small": nil, "with a caller kept apart": {"note": string(make([]byte, 300))},
	} {
		t.Run(label, func(t *testing.T) {
			job := jobs.Job{ID: uuid.NewString(), Tenant: "acme", Worker: "w", Priority: jobs.Normal, State: jobs.Queued,
				Revision: 1, WriteToken: "create", Created: now, Updated: now, QueuedAt: now, Metadata: metadata}
			job.Webhook.URL = "https://example.com/hook"
			losing(t, func() error { return store.Create(t.Context(), job) })

			claim := jobs.Claim{ID: job.ID, Owner: "task/1", Token: "claim", Now: now, Until: now.Add(time.Minute), MaxInterruptions: 1}
			losing(t, func() (err error) { job, err = store.Claim(t.Context(), claim); return err })
			require.Equal(t, int64(1), job.Fence)

			losing(t, func() error {
				_, err := store.Renew(t.Context(), jobs.Renewal{Held: job.Held(), Now: now, Until: now.Add(time.Hour)})
				return err
			})
			step := jobs.Step{Key: "plan", Result: jobs.Bytes("text/plain", []byte("a")), Fence: 1, Stored: now, ExpiresAt: now.Add(time.Hour)}
			losing(t, func() error { _, _, err := store.PutStep(t.Context(), job.Held(), step); return err })
			losing(t, func() error {
				return store.PutCheckpoint(t.Context(), job.Held(), jobs.Checkpoint{Fence: 1, Saved: now})
			})
			losing(t, func() error {
				return store.AppendEvents(t.Context(), job.Held(), []jobs.Event{{Data: []byte("x"), At: now}})
			})

			commit := jobs.Commit{Held: job.Held(), Token: "commit", Now: now, Result: jobs.Bytes("text/plain", []byte("42")), ExpiresAt: now.Add(time.Hour)}
			losing(t, func() (err error) { job, err = store.Commit(t.Context(), commit); return err })
			require.Equal(t, jobs.Succeeded, job.State)
			require.Equal(t, jobs.DeliveryPending, job.Webhook.State)

			job.Revision++
			job.WriteToken, job.Webhook.State = "replace", jobs.DeliverySent
			losing(t, func() error { return store.Replace(t.Context(), job) })
			got, err := store.Get(t.Context(), job.ID)
			require.NoError(t, err)
			require.Equal(t, job.Revision, got.Revision)
		})
	}
}

// The commit of a job with a webhook is two writes of which the first is
// refused; the answer to the second may be lost as well.
func TestTheSecondWriteOfACommitIsRecognisedToo(t *testing.T) {
	wire := &forgetful{}
	client := client(dynamolocal.Start(t), func(next aws.HTTPClient) aws.HTTPClient { wire.next = next; return wire })
	table := newTable(t, client)
	now := time.Now().UTC().Truncate(time.Millisecond)
	job := jobs.Job{ID: uuid.NewString(), Tenant: "acme", Worker: "w", Priority: jobs.Normal, State: jobs.Running,
		Revision: 1, Fence: 3, Created: now, Updated: now, QueuedAt: now}
	job.Webhook.URL = "https://example.com/hook"
	store := dynamostore.New(dynamostore.Options{Client: client, Table: table})
	require.NoError(t, store.Create(t.Context(), job))

	second := &losingSecond{wire: wire}
	wire.next = second.around(wire.next)
	got, err := store.Commit(t.Context(), jobs.Commit{Held: job.Held(), Token: "commit", Now: now, ExpiresAt: now.Add(time.Hour)})
	require.NoError(t, err)
	require.Equal(t, jobs.DeliveryPending, got.Webhook.State)
	require.Equal(t, int32(1), wire.lost.Load())
}

// losingSecond tells the wire to lose the answer to the second request.
type losingSecond struct {
	wire  *forgetful
	count int
}

func (l *losingSecond) around(next aws.HTTPClient) aws.HTTPClient {
	return clientFunc(func(request *http.Request) (*http.Response, error) {
		if l.count++; l.count == 2 {
			l.wire.lose.Store(true)
		}
		return next.Do(request)
	})
}

type clientFunc func(*http.Request) (*http.Response, error)

func (f clientFunc) Do(request *http.Request) (*http.Response, error) { return f(request) }
