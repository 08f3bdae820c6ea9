package apiclient_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/cmd/tandem/internal/apiclient"
	"tandem/cmd/tandem/internal/apitest"
	"tandem/cmd/tandem/internal/exit"
	"tandem/runtime/httpapi/api"
	"tandem/runtime/jobs"
	"tandem/runtime/keys"
)

func newClient(t *testing.T, s *apitest.Server, key string) *apiclient.Client {
	t.Helper()
	client, err := apiclient.New(apiclient.Options{URL: s.URL + "/", Key: key, RetryWait: time.Millisecond})
	require.NoError(t, err)
	return client
}

func submission(input string) apiclient.Submission {
	return apiclient.Submission{JobRequest: api.JobRequest{Worker: apitest.Worker, Input: []byte(input)}}
}

func TestAJobIsSubmittedReadListedAndFetched(t *testing.T) {
	s := apitest.New(t, apitest.Options{})
	s.Work(t, apitest.Echo)
	client := newClient(t, s, s.Key(t, "acme"))
	request := submission(`{"page":1}`)
	request.IdempotencyKey, request.Wait = "once", 5*time.Second
	job, err := client.Submit(t.Context(), request)
	require.NoError(t, err)
	require.Equal(t, api.JobStateSucceeded, job.State)

	again, err := client.Submit(t.Context(), request)
	require.NoError(t, err)
	require.Equal(t, job.ID, again.ID, "the same idempotency key makes no second job")

	read, err := client.Job(t.Context(), job.ID, 0)
	require.NoError(t, err)
	var out bytes.Buffer
	n, err := client.Download(t.Context(), read, &out, nil)
	require.NoError(t, err)
	require.Equal(t, `{"page":1}`, out.String())
	require.EqualValues(t, out.Len(), n)

	var listed []string
	for job, err := range client.Jobs(t.Context(), apiclient.Filter{States: []string{"succeeded"}, Worker: apitest.Worker}, 0) {
		require.NoError(t, err)
		listed = append(listed, job.ID)
	}
	require.Equal(t, []string{job.ID}, listed)
}

func TestAListGoesOverPagesAndStopsAtItsLimit(t *testing.T) {
	s := apitest.New(t, apitest.Options{})
	client := newClient(t, s, s.Key(t, "acme"))
	for i := range 230 {
		_, _, err := s.Service.Submit(t.Context(), jobs.Submission{Tenant: "acme", Worker: apitest.Worker, IdempotencyKey: fmt.Sprint(i), Input: []byte("1")})
		require.NoError(t, err)
	}
	count := func(limit int) (n int) {
		for _, err := range client.Jobs(t.Context(), apiclient.Filter{}, limit) {
			require.NoError(t, err)
			n++
		}
		return n
	}
	require.Equal(t, 230, count(0))
	require.Equal(t, 150, count(150))
	require.Equal(t, 7, count(7))
}

func TestErrorsSayWhatIsWrongAndChooseTheExitCode(t *testing.T) {
	s := apitest.New(t, apitest.Options{})
	acme := newClient(t, s, s.Key(t, "acme"))
	_, err := acme.Submit(t.Context(), apiclient.Submission{JobRequest: api.JobRequest{Worker: "nobody"}})
	require.ErrorContains(t, err, "/worker: is not known")
	require.Equal(t, exit.Failed, exit.Code(err))

	_, err = acme.Job(t.Context(), "0199c0de-0000-7000-8000-000000000000", 0)
	require.Equal(t, exit.NotFound, exit.Code(err))
	require.True(t, apiclient.IsStatus(err, http.StatusNotFound))

	_, err = newClient(t, s, "tdm_wrong").Job(t.Context(), "x", 0)
	require.Equal(t, exit.Refused, exit.Code(err))
	require.ErrorContains(t, err, "TANDEM_API_KEY")

	_, err = newClient(t, s, s.Key(t, "acme", keys.ScopeJobsRead)).Submit(t.Context(), submission("1"))
	require.Equal(t, exit.Refused, exit.Code(err))
	require.ErrorContains(t, err, "jobs:write")

	health, err := newClient(t, s, "").Health(t.Context())
	require.NoError(t, err)
	require.Equal(t, "test", health.Environment)
}

func TestWhatCannotBeReachedIsNamedWithoutItsQuery(t *testing.T) {
	client, err := apiclient.New(apiclient.Options{URL: "http://127.0.0.1:1", RetryWait: time.Millisecond})
	require.NoError(t, err)
	_, err = client.Health(t.Context())
	require.Equal(t, exit.Unavailable, exit.Code(err))
	require.ErrorContains(t, err, "http://127.0.0.1:1 does not answer")

	_, err = client.Download(t.Context(), api.Job{ID: "x", State: api.JobStateSucceeded, Result: api.Result{URL: "http://127.0.0.1:1/f?signature=secret"}}, nil, nil)
	require.Error(t, err)
	require.NotContains(t, err.Error(), "secret")

	for _, wrong := range []string{"", "api.example.com", "ftp://x", "http://"} {
		_, err := apiclient.New(apiclient.Options{URL: wrong})
		require.Error(t, err, wrong)
	}
}

func TestBusyAndBrokenAnswersAreTriedAgain(t *testing.T) {
	var calls atomic.Int32
	s := apitest.New(t, apitest.Options{Wrap: func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch calls.Add(1) {
			case 1:
				http.Error(w, "busy", http.StatusServiceUnavailable)
			case 2:
				panic(http.ErrAbortHandler)
			default:
				next.ServeHTTP(w, r)
			}
		})
	}})
	request := submission("1")
	request.IdempotencyKey = "once"
	job, err := newClient(t, s, s.Key(t, "acme")).Submit(t.Context(), request)
	require.NoError(t, err)
	require.NotEmpty(t, job.ID)
	require.EqualValues(t, 3, calls.Load())
}

func TestAnErrorThatStaysIsTheLastAnswer(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		_, _ = w.Write([]byte(`{"message":"Missing Authentication Token"}`))
	}))
	defer server.Close()
	client, err := apiclient.New(apiclient.Options{URL: server.URL, RetryWait: time.Millisecond})
	require.NoError(t, err)
	_, err = client.Job(t.Context(), "x", 0)
	require.ErrorContains(t, err, "Missing Authentication Token")
}

func TestAnUploadIsSentWholeAlsoAtTheSecondTry(t *testing.T) {
	var broken atomic.Bool
	s := apitest.New(t, apitest.Options{Wrap: func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPut && broken.CompareAndSwap(false, true) {
				_, _ = r.Body.Read(make([]byte, 1000))
				panic(http.ErrAbortHandler)
			}
			next.ServeHTTP(w, r)
		})
	}})
	s.Work(t, apitest.Echo)
	client := newClient(t, s, s.Key(t, "acme"))
	content := make([]byte, 3<<20)
	_, _ = rand.Read(content)
	var sent int64
	upload, err := client.Upload(t.Context(), apiclient.Input{Content: bytes.NewReader(content), Size: int64(len(content)),
		ContentType: "application/pdf", Progress: func(n int64) { sent = n }})
	require.NoError(t, err)
	require.True(t, broken.Load())
	require.EqualValues(t, len(content), sent)

	job, err := client.Submit(t.Context(), apiclient.Submission{JobRequest: api.JobRequest{Worker: apitest.Worker, Upload: &upload}, Wait: 10 * time.Second})
	require.NoError(t, err)
	require.Equal(t, "application/pdf", job.Result.ContentType)
	var out bytes.Buffer
	_, err = client.Download(t.Context(), job, &out, nil)
	require.NoError(t, err)
	require.True(t, bytes.Equal(content, out.Bytes()))
}

func TestACutDownloadGoesOnWhereItWas(t *testing.T) {
	for name, ranges := range map[string]bool{"with ranges": true, "without ranges": false} {
		t.Run(name, func(t *testing.T) {
			var asked []string
			s := apitest.New(t, apitest.Options{Wrap: func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if r.Method != http.MethodGet || r.URL.Query().Get("signature") == "" {
						next.ServeHTTP(w, r)
						return
					}
					asked = append(asked, r.Header.Get("Range"))
					if !ranges {
						r.Header.Del("Range")
					}
					if len(asked) < 3 {
						w = &cutAfter{ResponseWriter: w, left: 600_000 * len(asked)}
					}
					next.ServeHTTP(w, r)
				})
			}})
			s.Work(t, apitest.Echo)
			client := newClient(t, s, s.Key(t, "acme"))
			content := make([]byte, 2<<20)
			_, _ = rand.Read(content)
			upload, err := client.Upload(t.Context(), apiclient.Input{Content: bytes.NewReader(content), Size: int64(len(content))})
			require.NoError(t, err)
			job, err := client.Submit(t.Context(), apiclient.Submission{JobRequest: api.JobRequest{Worker: apitest.Worker, Upload: &upload}, Wait: 10 * time.Second})
			require.NoError(t, err)
			var out bytes.Buffer
			_, err = client.Download(t.Context(), job, &out, nil)
			require.NoError(t, err)
			require.True(t, bytes.Equal(content, out.Bytes()))
			require.Len(t, asked, 3)
			require.Empty(t, asked[0])
			require.Regexp(t, `^bytes=[1-9][0-9]*-$`, asked[1])
		})
	}
}

// cutAfter cuts the connection after so many bytes of the answer.
type cutAfter struct {
	http.ResponseWriter
	left int
}

func (c *cutAfter) Write(p []byte) (int, error) {
	if len(p) > c.left {
		_, _ = c.ResponseWriter.Write(p[:c.left])
		_ = http.NewResponseController(c.ResponseWriter).Flush()
		panic(http.ErrAbortHandler)
	}
	c.left -= len(p)
	return c.ResponseWriter.Write(p)
}

func TestADownloadThatCannotBeWrittenIsNotTriedAgain(t *testing.T) {
	s := apitest.New(t, apitest.Options{})
	s.Work(t, func(ctx context.Context, a apitest.Attempt) (jobs.Payload, error) {
		return a.Result(ctx, "text/plain", make([]byte, 1<<20))
	})
	client := newClient(t, s, s.Key(t, "acme"))
	request := submission("1")
	request.Wait = 10 * time.Second
	job, err := client.Submit(t.Context(), request)
	require.NoError(t, err)
	full := errors.New("disk full")
	_, err = client.Download(t.Context(), job, failing{full}, nil)
	require.ErrorIs(t, err, full)
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestAJobThatFailedHasNoResult(t *testing.T) {
	s := apitest.New(t, apitest.Options{})
	client := newClient(t, s, s.Key(t, "acme"))
	_, err := client.Download(t.Context(), api.Job{ID: "x", State: api.JobStateFailed}, nil, nil)
	require.ErrorIs(t, err, apiclient.ErrNoResult)
}

func TestAnAnswerThatEndsTooEarlyIsNotTheWholeResult(t *testing.T) {
	calls := 0
	s := apitest.New(t, apitest.Options{Wrap: func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Get("signature") == "" {
				next.ServeHTTP(w, r)
				return
			}
			if calls++; calls == 1 {
				_, _ = w.Write(make([]byte, 1000)) // and nothing says that there was more
				return
			}
			next.ServeHTTP(w, r)
		})
	}})
	s.Work(t, func(ctx context.Context, a apitest.Attempt) (jobs.Payload, error) {
		return a.Result(ctx, "text/plain", make([]byte, 1<<20))
	})
	client := newClient(t, s, s.Key(t, "acme"))
	request := submission("1")
	request.Wait = 10 * time.Second
	job, err := client.Submit(t.Context(), request)
	require.NoError(t, err)
	n, err := client.Download(t.Context(), job, io.Discard, nil)
	require.NoError(t, err)
	require.EqualValues(t, 1<<20, n)
	require.Equal(t, 2, calls)
}
