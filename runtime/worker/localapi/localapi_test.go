package localapi_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/jobs"
	"tandem/runtime/jobs/memory"
	"tandem/runtime/worker/localapi"
)

// bench is one job and the attempts at it.
type bench struct {
	t        *testing.T
	runner   *jobs.Runner
	blobs    *memory.Blobs
	service  *jobs.Service
	id       string
	sessions []*localapi.Session
	handler  http.Handler
}

func newBench(t *testing.T) *bench {
	t.Helper()
	store, queue := memory.NewStore(), memory.NewQueue()
	b := &bench{t: t, blobs: memory.NewBlobs("http://blobs.test"), runner: jobs.NewRunner(jobs.RunnerOptions{Store: store, Queue: queue})}
	b.service = jobs.NewService(jobs.ServiceOptions{Store: store, Queue: queue, Blobs: b.blobs})
	job, _, err := b.service.Submit(t.Context(), jobs.Submission{Tenant: "acme", Worker: "w", Metadata: map[string]string{"color": "red"}})
	require.NoError(t, err)
	b.id = job.ID
	b.handler = localapi.NewHandler(localapi.Options{Sessions: func() []*localapi.Session { return b.sessions }})
	return b
}

// attempt claims the job and makes it the one that runs.
func (b *bench) attempt() *localapi.Session {
	b.t.Helper()
	job, err := b.runner.Claim(b.t.Context(), b.id, "task/1")
	require.NoError(b.t, err)
	session := localapi.NewSession(b.t.Context(), localapi.SessionOptions{
		Job: job, Cut: time.Now().Add(time.Hour), Trail: b.runner, Blobs: b.blobs,
	})
	b.sessions = []*localapi.Session{session}
	return session
}

// again interrupts the running attempt and begins the next.
func (b *bench) again() *localapi.Session {
	b.t.Helper()
	job, err := b.service.Get(b.t.Context(), "acme", b.id)
	require.NoError(b.t, err)
	_, err = b.runner.Interrupt(b.t.Context(), job.Held())
	require.NoError(b.t, err)
	return b.attempt()
}

func (b *bench) call(method, path, body string, headers ...string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(method, path, strings.NewReader(body))
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	recorder := httptest.NewRecorder()
	b.handler.ServeHTTP(recorder, request)
	return recorder
}

func TestAStepIsStoredOnceAndComesBackInLaterAttempts(t *testing.T) {
	for name, size := range map[string]int{"a small result": 10, "one kept as a blob": 100 << 10} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.attempt()
			first, second := strings.Repeat("a", size), strings.Repeat("b", size)
			require.Equal(t, http.StatusNotFound, b.call("GET", "/v1/steps/one", "").Code)
			require.Equal(t, http.StatusCreated, b.call("PUT", "/v1/steps/one", first, "Content-Type", "text/plain").Code)

			b.again()
			answer := b.call("GET", "/v1/steps/one", "")
			require.Equal(t, http.StatusOK, answer.Code)
			require.Equal(t, first, answer.Body.String())
			require.Equal(t, "text/plain", answer.Header().Get("Content-Type"))
			require.Equal(t, "1", answer.Header().Get("X-Tandem-Saved-By"))
			answer = b.call("PUT", "/v1/steps/one", second)
			require.Equal(t, http.StatusOK, answer.Code, "whoever comes second")
			require.Equal(t, first, answer.Body.String(), "goes on from the same result")
		})
	}
}

func TestStepsAreListedInOrderPageByPage(t *testing.T) {
	b := newBench(t)
	b.attempt()
	for i := range 150 {
		require.Equal(t, http.StatusCreated, b.call("PUT", fmt.Sprintf("/v1/steps/s-%03d", i), "x").Code)
	}
	var page struct {
		Steps []struct{ Key string }
		Next  string
	}
	require.NoError(t, json.Unmarshal(b.call("GET", "/v1/steps", "").Body.Bytes(), &page))
	require.Len(t, page.Steps, 100)
	next := page.Next
	page.Steps, page.Next = nil, ""
	require.NoError(t, json.Unmarshal(b.call("GET", "/v1/steps?after="+next, "").Body.Bytes(), &page))
	require.Len(t, page.Steps, 50)
	require.Equal(t, "s-149", page.Steps[49].Key)
	require.Empty(t, page.Next)
}

func TestAStepsKeyMayBeAnythingUpTo256Bytes(t *testing.T) {
	b := newBench(t)
	b.attempt()
	for _, key := range []string{"a%2Fb", "c/d", "https%3A%2F%2Fexample.com%2F%2Fx", "%C3%A9", "..%2F..%2Fetc", strings.Repeat("k", 256)} {
		require.Equal(t, http.StatusCreated, b.call("PUT", "/v1/steps/"+key, key).Code, key)
		require.Equal(t, key, b.call("GET", "/v1/steps/"+key, "").Body.String())
	}
	require.Equal(t, http.StatusUnprocessableEntity, b.call("PUT", "/v1/steps/"+strings.Repeat("k", 257), "x").Code)
	require.Equal(t, http.StatusUnprocessableEntity, b.call("PUT", "/v1/steps/", "x").Code)
}

func TestACheckpointIsReplacedAndOutlivesItsAttempt(t *testing.T) {
	b := newBench(t)
	session := b.attempt()
	require.Equal(t, http.StatusNotFound, b.call("GET", "/v1/checkpoint", "").Code)
	large := strings.Repeat("x", 1<<20)
	require.Equal(t, http.StatusOK, b.call("PUT", "/v1/checkpoint", "first"+large).Code)
	require.Equal(t, http.StatusOK, b.call("PUT", "/v1/checkpoint", "second"+large).Code)
	require.Equal(t, "second"+large, b.call("GET", "/v1/checkpoint", "").Body.String())
	session.End(errors.New("killed"))

	b.again()
	answer := b.call("GET", "/v1/checkpoint", "")
	require.Equal(t, "second"+large, answer.Body.String())
	require.Equal(t, "1", answer.Header().Get("X-Tandem-Saved-By"))
	require.Equal(t, http.StatusOK, b.call("PUT", "/v1/checkpoint", "small").Code)
	require.Equal(t, "small", b.call("GET", "/v1/checkpoint", "").Body.String())

	for number, there := range map[int]bool{1: false, 2: false} {
		key := jobs.CheckpointPrefix + "acme/" + b.id + "/1-" + fmt.Sprint(number)
		_, err := b.blobs.Head(t.Context(), key)
		require.Equal(t, there, err == nil, "what no checkpoint points at is removed: %s", key)
	}
}

func TestAnAttemptThatIsOverCanSaveNothing(t *testing.T) {
	for name, end := range map[string]func(b *bench, session *localapi.Session){
		"it was cut": func(_ *bench, session *localapi.Session) { session.End(errors.New("the lease is lost")) },
		"it does not know yet that it lost its lease": func(b *bench, _ *localapi.Session) {
			sessions := b.sessions
			b.again()
			b.sessions = sessions
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			session := b.attempt()
			end(b, session)
			for _, call := range [][2]string{{"PUT", "/v1/checkpoint"}, {"PUT", "/v1/steps/one"}} {
				for _, body := range []string{"x", strings.Repeat("x", 100<<10)} {
					answer := b.call(call[0], call[1], body)
					require.Equal(t, http.StatusConflict, answer.Code, call)
					require.Equal(t, "application/problem+json", answer.Header().Get("Content-Type"))
				}
			}
			step, found, err := b.runner.GetStep(t.Context(), jobs.Held{ID: b.id}, "one")
			require.NoError(t, err)
			require.False(t, found, "%v", step)
		})
	}
}

func TestTheCallerIsTheAttemptThatItNames(t *testing.T) {
	b := newBench(t)
	require.Equal(t, http.StatusConflict, b.call("GET", "/v1/job", "").Code, "nothing runs")
	b.attempt()
	require.Equal(t, http.StatusOK, b.call("GET", "/v1/job", "").Code, "the only one")
	b.again()
	require.Equal(t, http.StatusOK, b.call("GET", "/v1/job", "", "X-Tandem-Job", b.id).Code)
	require.Equal(t, http.StatusOK, b.call("GET", "/v1/job", "", "X-Tandem-Job", b.id, "X-Tandem-Attempt", "2").Code)
	require.Equal(t, http.StatusConflict, b.call("GET", "/v1/job", "", "X-Tandem-Job", b.id, "X-Tandem-Attempt", "1").Code,
		"a thread of the attempt before")
	require.Equal(t, http.StatusConflict, b.call("GET", "/v1/job", "", "X-Tandem-Job", "another").Code)
	require.Equal(t, http.StatusNotFound, b.call("GET", "/v2/job", "").Code)
}

func TestTheJobIsDescribedWithTheTimeLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		session := b.attempt()
		time.Sleep(10 * time.Minute)
		var answer struct {
			ID          string
			Attempt     int64
			Tenant      string
			Metadata    map[string]string
			Resumed     bool
			SecondsLeft float64
			DrainBy     *time.Time
			Stop        *struct {
				Reason      string
				Resumes     bool
				SecondsLeft float64
			}
		}
		read := func() {
			require.NoError(t, json.Unmarshal(b.call("GET", "/v1/job", "").Body.Bytes(), &answer))
		}
		read()
		require.Equal(t, b.id, answer.ID)
		require.Equal(t, "acme", answer.Tenant)
		require.Equal(t, map[string]string{"color": "red"}, answer.Metadata)
		require.False(t, answer.Resumed)
		require.Nil(t, answer.Stop)
		require.InDelta(t, 3000, answer.SecondsLeft, 1)

		session.DrainBy(time.Now().Add(time.Hour))
		session.Stop(localapi.Stop{Reason: localapi.Spot, By: time.Now().Add(time.Minute)})
		session.Stop(localapi.Stop{Reason: localapi.Cancelled, By: time.Now().Add(30 * time.Second)})
		session.Stop(localapi.Stop{Reason: localapi.Shutdown, By: time.Now().Add(2 * time.Minute)})
		read()
		require.NotNil(t, answer.DrainBy)
		require.Equal(t, "spot", answer.Stop.Reason, "the first reason")
		require.True(t, answer.Stop.Resumes)
		require.InDelta(t, 30, answer.Stop.SecondsLeft, 1, "and the earliest time")
		require.InDelta(t, 30, answer.SecondsLeft, 1)
	})
}

func TestStopCanBeWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		session := b.attempt()
		begun := time.Now()
		require.Equal(t, http.StatusNoContent, b.call("GET", "/v1/stop", "").Code)
		require.Zero(t, time.Since(begun))
		require.Equal(t, http.StatusNoContent, b.call("GET", "/v1/stop?wait=20", "").Code)
		require.Equal(t, 20*time.Second, time.Since(begun))
		time.AfterFunc(5*time.Second, func() {
			session.Stop(localapi.Stop{Reason: localapi.Cancelled, By: time.Now().Add(10 * time.Second)})
		})
		answer := b.call("GET", "/v1/stop?wait=60", "")
		require.Equal(t, http.StatusOK, answer.Code)
		require.Equal(t, 25*time.Second, time.Since(begun))
		require.Contains(t, answer.Body.String(), `"reason":"cancelled","resumes":false`)
		for _, wrong := range []string{"-1", "61", "x", "NaN"} {
			require.Equal(t, http.StatusUnprocessableEntity, b.call("GET", "/v1/stop?wait="+wrong, "").Code, wrong)
		}
	})
}

func TestProgressIsTakenOnceAndCanBeGivenBack(t *testing.T) {
	b := newBench(t)
	session := b.attempt()
	require.Nil(t, session.TakeProgress())
	require.Equal(t, http.StatusNoContent, b.call("PUT", "/v1/progress", `{"percent":12.5,"message":"m"}`).Code)
	taken := session.TakeProgress()
	require.Equal(t, &jobs.Progress{Percent: 12.5, Message: "m"}, taken)
	require.Nil(t, session.TakeProgress())
	session.KeepProgress(taken)
	require.Equal(t, taken, session.TakeProgress())
	for _, wrong := range []string{`{`, `{"percent":"x"}`} {
		require.Equal(t, http.StatusBadRequest, b.call("PUT", "/v1/progress", wrong).Code, wrong)
	}
	for _, wrong := range []string{`{}`, `{"percent":101}`, `{"percent":-1}`} {
		require.Equal(t, http.StatusUnprocessableEntity, b.call("PUT", "/v1/progress", wrong).Code, wrong)
	}
}

func TestPartialOutputKeepsItsOrderThroughAnOutage(t *testing.T) {
	b := newBench(t)
	job, err := b.runner.Claim(t.Context(), b.id, "task/1")
	require.NoError(t, err)
	trail := &failing{Trail: b.runner, failures: 2}
	session := localapi.NewSession(t.Context(), localapi.SessionOptions{Job: job, Cut: time.Now(), Trail: trail, Blobs: b.blobs})
	b.sessions = []*localapi.Session{session}
	var want strings.Builder
	for i := range 5 {
		piece := strings.Repeat(fmt.Sprint(i), 20<<10)
		want.WriteString(piece)
		require.Equal(t, http.StatusNoContent, b.call("POST", "/v1/output", piece).Code)
		_ = session.Flush(t.Context())
	}
	require.NoError(t, session.Flush(t.Context()))
	require.Equal(t, want.String(), trail.text())

	require.Equal(t, http.StatusRequestEntityTooLarge, b.call("POST", "/v1/output", strings.Repeat("x", 256<<10+1)).Code)
	require.Equal(t, http.StatusNoContent, b.call("POST", "/v1/output", strings.Repeat("x", 200<<10)).Code)
	require.Equal(t, http.StatusTooManyRequests, b.call("POST", "/v1/output", strings.Repeat("x", 100<<10)).Code)
}

// failing refuses partial output at first, and keeps what it takes as a store does.
type failing struct {
	localapi.Trail
	failures int
	pieces   map[int64]string
}

func (f *failing) Append(_ context.Context, _ jobs.Held, first int64, pieces ...[]byte) error {
	if f.pieces == nil {
		f.pieces = map[int64]string{}
	}
	for i, piece := range pieces {
		// One that fails may have written some.
		if f.failures > 0 && i > 0 {
			break
		}
		f.pieces[first+int64(i)] = string(piece)
	}
	if f.failures > 0 {
		f.failures--
		return errors.New("throttled")
	}
	return nil
}

func (f *failing) text() string {
	var text strings.Builder
	for i := int64(1); f.pieces[i] != ""; i++ {
		text.WriteString(f.pieces[i])
	}
	return text.String()
}

func TestABodyThatBreaksOffStoresNothing(t *testing.T) {
	b := newBench(t)
	b.attempt()
	for _, size := range []int{10, 100 << 10} {
		for _, path := range []string{"/v1/checkpoint", "/v1/steps/one"} {
			body := io.MultiReader(strings.NewReader(strings.Repeat("x", size)), broken{})
			recorder := httptest.NewRecorder()
			b.handler.ServeHTTP(recorder, httptest.NewRequest("PUT", path, body))
			require.Equal(t, http.StatusBadRequest, recorder.Code)
		}
	}
	require.Equal(t, http.StatusNotFound, b.call("GET", "/v1/checkpoint", "").Code)
	require.Equal(t, http.StatusNotFound, b.call("GET", "/v1/steps/one", "").Code)
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestAStoreThatDoesNotAnswerIsAskedAgainByTheContainer(t *testing.T) {
	b := newBench(t)
	job, err := b.runner.Claim(t.Context(), b.id, "task/1")
	require.NoError(t, err)
	b.sessions = []*localapi.Session{localapi.NewSession(t.Context(), localapi.SessionOptions{
		Job: job, Cut: time.Now(), Trail: down{b.runner}, Blobs: b.blobs})}
	answer := b.call("PUT", "/v1/checkpoint", "x")
	require.Equal(t, http.StatusServiceUnavailable, answer.Code)
	require.NotEmpty(t, answer.Header().Get("Retry-After"))
	require.NotContains(t, answer.Body.String(), "secret table name")
}

type down struct{ localapi.Trail }

func (down) SaveCheckpoint(context.Context, jobs.Held, jobs.Payload) error {
	return errors.New("secret table name")
}

func FuzzTheHandlerAnswersAnything(f *testing.F) {
	f.Add("PUT", "/v1/steps/a", "body", "")
	f.Add("PUT", "/v1/progress", `{"percent":1e400}`, "x")
	f.Add("GET", "/v1/stop?wait=0", "", "")
	f.Fuzz(func(t *testing.T, method, path, body, attempt string) {
		if strings.Contains(path, "wait=") {
			path = "/v1/stop?wait=0"
		}
		request, err := http.NewRequest(method, "http://localhost"+path, strings.NewReader(body))
		if err != nil {
			t.Skip()
		}
		request.Header["X-Tandem-Attempt"] = []string{attempt}
		b := newBench(t)
		b.attempt()
		recorder := httptest.NewRecorder()
		b.handler.ServeHTTP(recorder, request)
		require.NotEqual(t, http.StatusInternalServerError, recorder.Code)
	})
}
