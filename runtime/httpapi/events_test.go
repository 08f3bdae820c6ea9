package httpapi_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tandem/runtime/httpapi/api"
	"tandem/runtime/httpapi/request"
	"tandem/runtime/jobs"
)

// event is one server-sent event.
type event struct{ kind, id, data string }

// watch is a stream that a test reads while it is written.
type watch struct {
	lockedBuffer
	header http.Header
	status int
	done   chan struct{}
	cancel context.CancelFunc
}

func (w *watch) Header() http.Header    { return w.header }
func (w *watch) WriteHeader(status int) { w.status = status }
func (w *watch) Flush()                 {}

func (f *fixture) watch(t *testing.T, key, id, lastEventID string) *watch {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r := httptest.NewRequestWithContext(ctx, "GET", "/v1/jobs/"+id+"/events", nil)
	r.Header.Set("Authorization", "Bearer "+key)
	if lastEventID != "" {
		r.Header.Set("Last-Event-ID", lastEventID)
	}
	w := &watch{header: http.Header{}, done: make(chan struct{}), cancel: cancel}
	go func() {
		f.handler.ServeHTTP(w, r)
		close(w.done)
	}()
	synctest.Wait()
	return w
}

// poll lets a stream read its job once more.
func poll() {
	time.Sleep(time.Second)
	synctest.Wait()
}

func (w *watch) events() []event {
	var events []event
	for block := range strings.SplitSeq(w.String(), "\n\n") {
		var e event
		for line := range strings.SplitSeq(block, "\n") {
			name, value, _ := strings.Cut(line, ": ")
			switch name {
			case "event":
				e.kind = value
			case "id":
				e.id = value
			case "data":
				e.data = value
			}
		}
		if e.kind != "" {
			events = append(events, e)
		}
	}
	return events
}

func (w *watch) kinds() string {
	var kinds []string
	for _, e := range w.events() {
		kinds = append(kinds, e.kind)
	}
	return strings.Join(kinds, " ")
}

func (e event) job(t *testing.T) api.Job {
	t.Helper()
	var job api.Job
	require.NoError(t, json.Unmarshal([]byte(e.data), &job))
	return job
}

func TestAWatcherSeesEverythingOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, options{})
		key := f.key(t, "acme")
		id := f.submit(t, key, `{"worker":"analyser"}`).ID
		w := f.watch(t, key, id, "")
		require.Equal(t, 200, w.status)
		require.Equal(t, "text/event-stream", w.header.Get("Content-Type"))
		require.Equal(t, "state", w.kinds())

		held := f.claim(t, id)
		poll()
		require.Equal(t, "state state", w.kinds())
		require.Equal(t, api.JobStateRunning, w.events()[1].job(t).State)

		_, err := f.runner.Renew(t.Context(), held, nil)
		require.NoError(t, err)
		poll()
		require.Equal(t, "state state", w.kinds(), "a renewed lease is no news")

		_, err = f.runner.Renew(t.Context(), held, &jobs.Progress{Percent: 50, Message: "half"})
		require.NoError(t, err)
		require.NoError(t, f.runner.Append(t.Context(), held, 1, []byte("Dear "), []byte{0xff}))
		poll()
		require.Equal(t, "state state output output progress", w.kinds())
		require.JSONEq(t, `{"attempt":1,"sequence":1,"text":"Dear "}`, w.events()[2].data)
		require.JSONEq(t, `{"attempt":1,"sequence":2,"base64":"/w=="}`, w.events()[3].data)
		require.EqualValues(t, 50, w.events()[4].job(t).Progress.Percent)

		require.NoError(t, f.runner.Append(t.Context(), held, 3, []byte("end")))
		_, err = f.runner.Succeed(t.Context(), held, jobs.Bytes("application/json", []byte(`{"ok":true}`)))
		require.NoError(t, err)
		<-w.done
		require.Equal(t, "state state output output progress output state", w.kinds(), "the last output comes before the end")
		last := w.events()[6]
		require.JSONEq(t, `{"ok":true}`, string(last.job(t).Result.Value))

		require.Equal(t, http.StatusNoContent, f.watch(t, key, id, last.id).status, "nothing is left to see")
	})
}

func TestAWatcherGoesOnFromWhereItWas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, options{})
		key := f.key(t, "acme")
		id := f.submit(t, key, `{"worker":"analyser"}`).ID
		held := f.claim(t, id)
		require.NoError(t, f.runner.Append(t.Context(), held, 1, []byte("a"), []byte("b")))
		first := f.watch(t, key, id, "")
		require.Equal(t, "output output state", first.kinds())
		seen := first.events()
		first.cancel()
		<-first.done

		again := f.watch(t, key, id, seen[0].id)
		require.Equal(t, "output state", again.kinds())
		require.Contains(t, again.events()[0].data, `"b"`)
		again.cancel()

		caughtUp := f.watch(t, key, id, seen[2].id)
		require.Empty(t, caughtUp.kinds())
		require.NoError(t, f.runner.Append(t.Context(), held, 3, []byte("c")))
		poll()
		require.Equal(t, "output", caughtUp.kinds())
		caughtUp.cancel()
	})
}

func TestOutputOfAnEarlierAttemptIsVoid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, options{})
		key := f.key(t, "acme")
		id := f.submit(t, key, `{"worker":"analyser"}`).ID
		held := f.claim(t, id)
		require.NoError(t, f.runner.Append(t.Context(), held, 1, []byte("old")))
		_, err := f.runner.Interrupt(t.Context(), held)
		require.NoError(t, err)
		held = f.claim(t, id)
		require.NoError(t, f.runner.Append(t.Context(), held, 1, []byte("new")))
		w := f.watch(t, key, id, "")
		require.Equal(t, "output state", w.kinds())
		require.JSONEq(t, `{"attempt":2,"sequence":1,"text":"new"}`, w.events()[0].data)
		w.cancel()
	})
}

func TestAStreamEndsBeforeThePlatformCutsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, options{streamFor: time.Minute, keepAlive: 16 * time.Second})
		key := f.key(t, "acme")
		id := f.submit(t, key, `{"worker":"analyser"}`).ID
		began := time.Now()
		w := f.watch(t, key, id, "")
		<-w.done
		require.Equal(t, time.Minute, time.Since(began))
		require.Equal(t, 3, strings.Count(w.String(), ": still here"))

		ctx := request.With(t.Context(), request.Info{ID: "r", Deadline: time.Now().Add(20 * time.Second)})
		r := httptest.NewRequestWithContext(ctx, "GET", "/v1/jobs/"+id+"/events", nil)
		r.Header.Set("Authorization", "Bearer "+key)
		began = time.Now()
		f.handler.ServeHTTP(httptest.NewRecorder(), r)
		require.Equal(t, 15*time.Second, time.Since(began))
	})
}

func TestPreferWaitHoldsTheAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, options{})
		key := f.key(t, "acme")
		submit := func(prefer ...string) (answer, time.Duration) {
			began := time.Now()
			got := f.do(t, call{method: "POST", path: "/v1/jobs", key: key, body: `{"worker":"analyser"}`, header: http.Header{"Prefer": prefer}})
			return got, time.Since(began)
		}
		got, took := submit()
		require.Equal(t, 202, got.status)
		require.Zero(t, took)
		require.Empty(t, got.header.Get("Preference-Applied"))

		got, took = submit("respond-async")
		require.Equal(t, 202, got.status)
		require.Zero(t, took)
		require.Equal(t, "respond-async", got.header.Get("Preference-Applied"))

		got, took = submit("respond-async, wait=5")
		require.Equal(t, 202, got.status)
		require.Equal(t, 5*time.Second, took)
		require.Equal(t, "wait=5", got.header.Get("Preference-Applied"))

		_, took = submit("wait=1000")
		require.Equal(t, 25*time.Second, took, "no longer than the deployment allows")

		go func() { // a worker
			time.Sleep(3 * time.Second)
			page, err := f.service.List(t.Context(), "acme", jobs.Filter{}, "", 1)
			assert.NoError(t, err)
			job, err := f.runner.Claim(t.Context(), page.Jobs[0].ID, "test")
			assert.NoError(t, err)
			_, err = f.runner.Succeed(t.Context(), job.Held(), jobs.Bytes("application/json", []byte(`7`)))
			assert.NoError(t, err)
		}()
		got, took = submit("wait=20")
		require.Equal(t, 200, got.status)
		require.JSONEq(t, "7", string(got.job(t).Result.Value))
		require.Less(t, took, 5*time.Second)

		id := f.submit(t, key, `{"worker":"analyser"}`).ID
		began := time.Now()
		read := f.do(t, call{method: "GET", path: "/v1/jobs/" + id, key: key, header: http.Header{"Prefer": {"wait=2"}}})
		require.Equal(t, 200, read.status)
		require.Equal(t, 2*time.Second, time.Since(began))
		require.Equal(t, api.JobStateQueued, read.job(t).State)
	})
}
