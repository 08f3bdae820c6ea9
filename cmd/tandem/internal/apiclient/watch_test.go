package apiclient_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/cmd/tandem/internal/apiclient"
	"tandem/cmd/tandem/internal/apitest"
	"tandem/cmd/tandem/internal/exit"
	"tandem/runtime/httpapi/api"
	"tandem/runtime/jobs"
)

// talking is work that tells its progress and says a word for each of n steps.
func talking(n int) func(context.Context, apitest.Attempt) (jobs.Payload, error) {
	return func(ctx context.Context, a apitest.Attempt) (jobs.Payload, error) {
		for i := range n {
			if err := a.Runner.Append(ctx, a.Held, int64(i+1), fmt.Appendf(nil, "word%d ", i)); err != nil {
				return jobs.Payload{}, err
			}
			if _, err := a.Runner.Renew(ctx, a.Held, &jobs.Progress{Percent: float64(100 * (i + 1) / n)}); err != nil {
				return jobs.Payload{}, err
			}
			time.Sleep(10 * time.Millisecond)
		}
		return jobs.Bytes("application/json", []byte(`"done"`)), nil
	}
}

func submit(t *testing.T, client *apiclient.Client) string {
	t.Helper()
	job, err := client.Submit(t.Context(), submission("1"))
	require.NoError(t, err)
	return job.ID
}

func TestWatchingShowsEveryWordOnceAndEndsWithTheJob(t *testing.T) {
	for name, options := range map[string]apitest.Options{
		"over one stream":           {},
		"over streams that end":     {StreamFor: 40 * time.Millisecond},
		"over streams that are cut": {Wrap: cutStreams(1500)},
	} {
		t.Run(name, func(t *testing.T) {
			s := apitest.New(t, options)
			s.Work(t, talking(20))
			client := newClient(t, s, s.Key(t, "acme"))
			var said strings.Builder
			var last api.Job
			states, percents := []api.JobState{}, 0
			for event, err := range client.Watch(t.Context(), submit(t, client)) {
				require.NoError(t, err)
				switch event.Kind {
				case "output":
					said.WriteString(event.Output.Text)
				case "progress":
					percents++
				case "state":
					last = event.Job
					if len(states) == 0 || states[len(states)-1] != event.Job.State {
						states = append(states, event.Job.State)
					}
				}
			}
			require.Equal(t, "word0 word1 word2 word3 word4 word5 word6 word7 word8 word9 word10 word11 word12 word13 word14 word15 word16 word17 word18 word19 ", said.String())
			require.Equal(t, api.JobStateSucceeded, states[len(states)-1])
			require.NotZero(t, percents)
			require.JSONEq(t, `"done"`, string(last.Result.Value))
		})
	}
}

// cutStreams cuts each stream of events after so many bytes.
func cutStreams(after int) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/events") {
				w = &cutAfter{ResponseWriter: flushing{w}, left: after}
			}
			next.ServeHTTP(w, r)
		})
	}
}

type flushing struct{ http.ResponseWriter }

func (f flushing) Write(p []byte) (int, error) {
	n, err := f.ResponseWriter.Write(p)
	_ = http.NewResponseController(f.ResponseWriter).Flush()
	return n, err
}

func (f flushing) Unwrap() http.ResponseWriter { return f.ResponseWriter }

func (c *cutAfter) Unwrap() http.ResponseWriter { return c.ResponseWriter }

func TestWatchingAJobThatIsOverShowsItsEnd(t *testing.T) {
	s := apitest.New(t, apitest.Options{})
	s.Work(t, apitest.Echo)
	client := newClient(t, s, s.Key(t, "acme"))
	id := submit(t, client)
	_, err := client.Job(t.Context(), id, 10*time.Second)
	require.NoError(t, err)
	count := 0
	for event, err := range client.Watch(t.Context(), id) {
		require.NoError(t, err)
		require.Equal(t, api.JobStateSucceeded, event.Job.State)
		count++
	}
	require.Equal(t, 1, count)
}

func TestWatchingSaysWhatCannotBeWatched(t *testing.T) {
	s := apitest.New(t, apitest.Options{})
	client := newClient(t, s, s.Key(t, "acme"))
	for _, err := range client.Watch(t.Context(), "0199c0de-0000-7000-8000-000000000000") {
		require.Equal(t, exit.NotFound, exit.Code(err))
	}
	var calls atomic.Int32
	s = apitest.New(t, apitest.Options{Wrap: func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			calls.Add(1)
			w.WriteHeader(http.StatusBadGateway)
		})
	}})
	for _, err := range newClient(t, s, "").Watch(t.Context(), "x") {
		require.Equal(t, exit.Unavailable, exit.Code(err))
	}
	require.EqualValues(t, 5, calls.Load())
}

func TestWatchingEndsWhenNobodyWantsIt(t *testing.T) {
	s := apitest.New(t, apitest.Options{})
	client := newClient(t, s, s.Key(t, "acme"))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var last error
	for _, err := range client.Watch(ctx, submit(t, client)) {
		last = err
		cancel()
	}
	require.ErrorIs(t, last, context.Canceled)
	for _, err := range client.Watch(t.Context(), submit(t, client)) {
		require.NoError(t, err)
		break
	}
}
