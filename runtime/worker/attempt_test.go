package worker_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/jobs"
	"tandem/runtime/worker"
	"tandem/runtime/worker/container"
)

func TestAnAttemptEndsAtItsLimit(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		b.start(takes(time.Hour), func(o *worker.Options) { o.Timeout = 10 * time.Minute })
		id := b.submitOne("x")
		after(9 * time.Minute)
		require.Equal(t, jobs.Running, b.job(id).State)
		after(2 * time.Minute)
		require.Equal(t, worker.CodeTimeout, b.job(id).Failure.Code)
		after(40 * time.Minute)
		job := b.job(id)
		require.Equal(t, jobs.Failed, job.State, "after three attempts")
		require.Equal(t, 3, job.Attempts)
	})
}

func TestThreeFailedPingsEndTheAttemptAndTheClaims(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		var hung guarded[bool]
		c := takes(time.Hour)
		c.ping = func() error {
			if hung.get() {
				time.Sleep(10 * time.Second)
				return &container.Unreachable{Cause: context.DeadlineExceeded}
			}
			return nil
		}
		w := b.start(c)
		id := b.submitOne("x")
		after(time.Minute)
		hung.set(true)
		after(25 * time.Second)
		require.Equal(t, jobs.Running, b.job(id).State, "one or two are forgiven")
		after(40 * time.Second)
		require.Equal(t, worker.CodeUnhealthy, b.job(id).Failure.Code)
		require.Len(t, c.seen(), 1, "a hung container gets no more work")
		require.ErrorContains(t, w.ended(), "replaced", "and its task ends, so that ECS starts another")
		require.Len(t, c.seen(), 1)
	})
}

func TestAContainerThatRecoversGoesOn(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		var failures atomic.Int32
		c := takes(3 * time.Minute)
		born := time.Now()
		c.ping = func() error {
			if time.Since(born) > time.Minute && failures.Add(1) <= 2 {
				return errors.New("busy")
			}
			return nil
		}
		b.start(c)
		id := b.submitOne("x")
		after(5 * time.Minute)
		require.Equal(t, jobs.Succeeded, b.job(id).State)
		require.Greater(t, failures.Load(), int32(2))
	})
}

func TestAJobIsNotWastedOnAContainerThatIsGone(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		var gone guarded[bool]
		unreachable := &container.Unreachable{Cause: io.ErrUnexpectedEOF}
		c := does(func(context.Context, container.Call) (string, error) {
			if gone.get() {
				return "", unreachable
			}
			return "done", nil
		})
		c.ping = func() error {
			if gone.get() {
				return unreachable
			}
			return nil
		}
		b.start(c)
		after(2 * time.Second)
		gone.set(true)
		ids := b.submit(jobs.Submission{}, jobs.Submission{})
		after(time.Minute)
		require.Len(t, c.seen(), 1)
		gone.set(false)
		after(30 * time.Second)
		for _, id := range ids {
			require.Equal(t, jobs.Succeeded, b.job(id).State)
		}
	})
}

func TestNothingIsClaimedBeforeTheModelIsLoaded(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		loaded := time.Now().Add(15 * time.Minute)
		c := echo()
		c.ping = func() error {
			if time.Now().Before(loaded) {
				return &container.Failure{Status: 503, What: "GET /ping answered"}
			}
			return nil
		}
		b.start(c)
		id := b.submitOne("x")
		after(14 * time.Minute)
		require.EqualValues(t, 0, b.job(id).Fence)
		after(2 * time.Minute)
		require.Equal(t, jobs.Succeeded, b.job(id).State)
	})
}

func TestACancelledJobIsStoppedWithinTheNextRenewalAndItsGrace(t *testing.T) {
	for name, c := range map[string]*fake{"a container that listens": yields(), "one that does not": takes(time.Hour)} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, b *bench) {
				b.start(c)
				id := b.submitOne("x")
				after(time.Minute)
				_, err := b.service.Cancel(t.Context(), "acme", id)
				require.NoError(t, err)
				after(21 * time.Second)
				require.Equal(t, jobs.Cancelled, b.job(id).State)
			})
		})
	}
}

func TestAJobPastItsDeadlineIsStopped(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		b.start(takes(time.Hour))
		id := b.submit(jobs.Submission{Deadline: time.Now().Add(time.Minute)})[0]
		after(82 * time.Second)
		require.Equal(t, jobs.Expired, b.job(id).State)
	})
}

func TestWhatTheContainerSaysNoToIsAFailureWithItsWords(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		b.start(does(func(context.Context, container.Call) (string, error) {
			return "", &container.Failure{Status: 500, What: "POST /invocations answered", Text: "secret-of-acme\xff"}
		}))
		id := b.submitOne("x")
		after(time.Second)
		job := b.job(id)
		require.Equal(t, worker.CodeContainer, job.Failure.Code)
		require.Equal(t, "POST /invocations answered 500: secret-of-acme?", job.Failure.Message)
		require.NotContains(t, b.logs.String(), "secret-of-acme", "the tenant's words are not the log's")
		require.Contains(t, b.logs.String(), `"tenant":"acme"`)
		require.Contains(t, b.logs.String(), `"fence":1`)
		after(30 * time.Minute)
		require.Equal(t, jobs.Failed, b.job(id).State)
	})
}

func TestAFailedAttemptWaitsBeforeTheNext(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		c := does(func(context.Context, container.Call) (string, error) {
			return "", &container.Failure{Status: 500, What: "answered"}
		})
		b.start(c)
		id := b.submitOne("x")
		after(4 * time.Second)
		require.Len(t, c.seen(), 1)
		wait := time.Until(b.job(id).NotBefore)
		require.Positive(t, wait)
		after(wait + 2*time.Second)
		require.Len(t, c.seen(), 2, "and not a visibility timeout longer")
	})
}

func TestTroubleWithTheStoreIsNobodysFailure(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		blobs := &brokenBlobs{Blobs: b.blobs}
		blobs.err.set(errors.New("503 slow down"))
		b.start(does(func(_ context.Context, call container.Call) (string, error) {
			_, _ = io.Copy(io.Discard, call.Input)
			return strings.Repeat("x", jobs.InlineResult+1), nil
		}), func(o *worker.Options) { o.Blobs = blobs })
		id := b.submitOne("x")
		after(3 * time.Minute)
		job := b.job(id)
		require.Empty(t, job.Failure.Code)
		require.InDelta(t, 5, job.Interruptions, 2, "tried again every half minute")
		blobs.err.set(nil)
		after(time.Minute)
		job = b.job(id)
		require.Equal(t, jobs.Succeeded, job.State)
		require.Equal(t, jobs.ResultKey(job), job.Result.BlobKey)
		require.EqualValues(t, jobs.InlineResult+1, job.Result.Size)
	})
}

func TestAnInputThatIsGoneIsFinal(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		blobs := &brokenBlobs{Blobs: b.blobs}
		blobs.err.set(jobs.ErrNoBlob)
		b.start(echo(), func(o *worker.Options) { o.Blobs = blobs })
		id := b.submitOne(strings.Repeat("x", 64<<10))
		after(time.Second)
		job := b.job(id)
		require.Equal(t, jobs.Failed, job.State)
		require.Equal(t, worker.CodeInput, job.Failure.Code)
		require.Equal(t, 1, job.Attempts)
	})
}

type brokenBlobs struct {
	jobs.Blobs
	err guarded[error]
}

func (b *brokenBlobs) Put(ctx context.Context, key string, body io.Reader, options jobs.PutOptions) (jobs.BlobInfo, error) {
	if err := b.err.get(); err != nil {
		_, _ = io.CopyN(io.Discard, body, 10)
		return jobs.BlobInfo{}, err
	}
	return b.Blobs.Put(ctx, key, body, options)
}

func (b *brokenBlobs) Get(ctx context.Context, key string) (io.ReadCloser, jobs.BlobInfo, error) {
	if err := b.err.get(); err != nil {
		return nil, jobs.BlobInfo{}, err
	}
	return b.Blobs.Get(ctx, key)
}

func TestAResultThatBreaksOffIsNotStored(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		b.start(&breaking{})
		id := b.submitOne("x")
		after(10 * time.Second)
		job := b.job(id)
		require.Equal(t, worker.CodeLost, job.Failure.Code)
		_, err := b.blobs.Head(t.Context(), jobs.ResultKey(job))
		require.ErrorIs(t, err, jobs.ErrNoBlob)
	})
}

// breaking answers, and goes away in the middle.
type breaking struct{ fake }

func (*breaking) Invoke(context.Context, container.Call) (container.Answer, error) {
	body := io.MultiReader(strings.NewReader(strings.Repeat("x", 100<<10)), lost{})
	return container.Answer{ContentType: "text/plain", Size: -1, Body: io.NopCloser(body)}, nil
}

type lost struct{}

func (lost) Read([]byte) (int, error) { return 0, &container.Unreachable{Cause: io.ErrUnexpectedEOF} }

func TestSlotsRunAtOnceAndTheLocalAPITellsThemApart(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		w := b.start(takes(time.Hour), func(o *worker.Options) { o.Slots = 3 })
		ids := b.submit(jobs.Submission{}, jobs.Submission{}, jobs.Submission{}, jobs.Submission{})
		after(time.Second)
		require.Equal(t, http.StatusBadRequest, w.call(http.MethodGet, "/v1/job", "").Code, "which of the three?")
		running := 0
		for _, id := range ids {
			if b.job(id).State == jobs.Running {
				running++
				answer := w.call(http.MethodGet, "/v1/job", "", "X-Tandem-Job", id, "X-Tandem-Attempt", "1")
				require.Equal(t, http.StatusOK, answer.Code)
				require.Contains(t, answer.Body.String(), id)
			}
		}
		require.Equal(t, 3, running)
	})
}

func TestProgressAndPartialOutputReachTheStore(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		w := b.start(takes(time.Minute))
		id := b.submitOne("x")
		after(time.Second)
		require.Equal(t, http.StatusNoContent, w.call(http.MethodPut, "/v1/progress", `{"percent":40,"message":"frame 4"}`).Code)
		for _, token := range []string{"Hel", "lo"} {
			require.Equal(t, http.StatusNoContent, w.call(http.MethodPost, "/v1/output", token).Code)
		}
		after(2 * time.Second)
		events, err := b.store.ListEvents(t.Context(), b.job(id).Held(), jobs.EventPosition{}, 10)
		require.NoError(t, err)
		require.Len(t, events, 1, "gathered for a second")
		require.Equal(t, "Hello", string(events[0].Data))
		after(10 * time.Second)
		require.Equal(t, jobs.Progress{Percent: 40, Message: "frame 4"}, b.job(id).Progress)
	})
}
