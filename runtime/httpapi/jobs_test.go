package httpapi_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/httpapi/api"
	"tandem/runtime/jobs"
	"tandem/runtime/keys"
)

func TestAJobIsSubmittedReadAndFetched(t *testing.T) {
	f := newFixture(t, options{}).documented(t)
	key := f.key(t, "acme")

	got := f.do(t, call{method: "POST", path: "/v1/jobs", key: key,
		body: `{"worker":"analyser","input":{"a":[1,null]},"priority":"high","deadline":"` + time.Now().Add(time.Hour).Format(time.RFC3339) + `",
			"webhook":{"url":"https://hooks.example.com/t"},"metadata":{"order":"7"}}`})
	require.Equal(t, http.StatusAccepted, got.status, "%s", got.body)
	job := got.job(t)
	require.Equal(t, "/v1/jobs/"+job.ID, got.header.Get("Location"))
	require.Equal(t, api.JobStateQueued, job.State)
	require.Equal(t, api.Webhook{URL: "https://hooks.example.com/t", State: api.WebhookStateWaiting}, job.Webhook)
	require.Equal(t, map[string]string{"order": "7"}, job.Metadata)
	require.Equal(t, []string{"analyser"}, f.woken.workers)

	held := f.claim(t, job.ID)
	stored, err := f.store.Get(t.Context(), job.ID)
	require.NoError(t, err)
	require.JSONEq(t, `{"a":[1,null]}`, string(stored.Input.Inline))
	_, _, err = f.runner.PutStep(t.Context(), held, "plan", jobs.Bytes("application/json", []byte(`1`)))
	require.NoError(t, err)
	_, err = f.runner.Renew(t.Context(), held, &jobs.Progress{Percent: 40, Message: "reading"})
	require.NoError(t, err)

	running := f.do(t, call{method: "GET", path: "/v1/jobs/" + job.ID, key: key}).job(t)
	require.Equal(t, api.JobStateRunning, running.State)
	require.Equal(t, api.Progress{Percent: 40, Message: "reading"}, running.Progress)
	require.Equal(t, "plan", running.Steps[0].Key)
	require.Equal(t, 1, running.Attempts)

	_, err = f.runner.Succeed(t.Context(), held, jobs.Bytes("application/json", []byte(`{"ok":true}`)))
	require.NoError(t, err)
	done := f.do(t, call{method: "GET", path: "/v1/jobs/" + job.ID, key: key}).job(t)
	require.Equal(t, api.JobStateSucceeded, done.State)
	require.JSONEq(t, `{"ok":true}`, string(done.Result.Value))
	require.Equal(t, api.WebhookStatePending, done.Webhook.State)
}

func TestResultsAreInlineOrLinked(t *testing.T) {
	f := newFixture(t, options{}).documented(t)
	key := f.key(t, "acme")
	tests := map[string]struct {
		result jobs.Payload
		check  func(t *testing.T, result api.Result)
	}{
		"small JSON": {jobs.Bytes("application/json; charset=utf-8", []byte(`[1]`)), func(t *testing.T, result api.Result) {
			require.JSONEq(t, `[1]`, string(result.Value))
			require.Empty(t, result.Base64)
		}},
		"what only claims to be JSON": {jobs.Bytes("application/json", []byte(`{`)), func(t *testing.T, result api.Result) {
			require.Equal(t, "ew==", result.Base64)
			require.Empty(t, result.Value)
		}},
		"small bytes": {jobs.Bytes("image/png", []byte{0xff}), func(t *testing.T, result api.Result) {
			require.Equal(t, "/w==", result.Base64)
		}},
		"nothing": {jobs.Bytes("application/json", nil), func(t *testing.T, result api.Result) {
			require.Zero(t, result.Size)
			require.Empty(t, result.Value)
		}},
		"a blob": {jobs.Blob("video/mp4", "results/acme/x/1/result", 5<<30), func(t *testing.T, result api.Result) {
			require.Contains(t, result.URL, "http://blobs.test/results/acme/x/1/result?")
			require.False(t, result.URLExpiresAt.IsZero())
			require.EqualValues(t, 5<<30, result.Size)
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			id := f.submit(t, key, `{"worker":"analyser"}`).ID
			f.succeed(t, id, test.result)
			job := f.do(t, call{method: "GET", path: "/v1/jobs/" + id, key: key}).job(t)
			require.Equal(t, test.result.ContentType, job.Result.ContentType)
			test.check(t, job.Result)
		})
	}
	for _, job := range listed(t, f.do(t, call{method: "GET", path: "/v1/jobs", key: key})) {
		require.Empty(t, job.Result.URL, "lists tell type and size only")
		require.Empty(t, job.Result.Value)
		require.NotEmpty(t, job.Result.ContentType)
	}
}

func TestAFailedJobSaysWhy(t *testing.T) {
	f := newFixture(t, options{}).documented(t)
	key := f.key(t, "acme")
	id := f.submit(t, key, `{"worker":"analyser"}`).ID
	_, err := f.runner.Fail(t.Context(), f.claim(t, id), jobs.Failure{Code: "container_failed", Message: "out of memory"}, true)
	require.NoError(t, err)
	job := f.do(t, call{method: "GET", path: "/v1/jobs/" + id, key: key}).job(t)
	require.Equal(t, api.JobStateFailed, job.State)
	require.Equal(t, api.JobError{Code: "container_failed", Message: "out of memory"}, job.Error)
}

func TestCancelling(t *testing.T) {
	f := newFixture(t, options{}).documented(t)
	key := f.key(t, "acme")
	cancel := func(id string) answer { return f.do(t, call{method: "DELETE", path: "/v1/jobs/" + id, key: key}) }

	queued := f.submit(t, key, `{"worker":"analyser"}`).ID
	got := cancel(queued)
	require.Equal(t, http.StatusOK, got.status)
	require.Equal(t, api.JobStateCancelled, got.job(t).State)
	require.Equal(t, http.StatusOK, cancel(queued).status, "twice is no error")

	running := f.submit(t, key, `{"worker":"analyser"}`).ID
	f.claim(t, running)
	got = cancel(running)
	require.Equal(t, http.StatusAccepted, got.status)
	require.True(t, got.job(t).CancelRequested)

	done := f.submit(t, key, `{"worker":"analyser"}`).ID
	f.succeed(t, done, jobs.Bytes("text/plain", nil))
	require.Equal(t, http.StatusConflict, cancel(done).status)
}

func TestTheSameKeyAndRequestMakeOneJob(t *testing.T) {
	f := newFixture(t, options{}).documented(t)
	key := f.key(t, "acme")
	submit := func(key, idempotency, body string) answer {
		return f.do(t, call{method: "POST", path: "/v1/jobs", key: key, body: body, header: http.Header{"Idempotency-Key": {idempotency}}})
	}
	first := submit(key, "order 7", `{"worker":"analyser","input":1}`)
	again := submit(key, "order 7", `{"worker":"analyser","input":1}`)
	require.Equal(t, http.StatusAccepted, again.status)
	require.Equal(t, first.job(t).ID, again.job(t).ID)
	require.Len(t, f.woken.workers, 1)

	other := submit(key, "order 7", `{"worker":"analyser","input":2}`)
	require.Equal(t, http.StatusConflict, other.status)
	require.Equal(t, "urn:tandem:problem:idempotency-key-reused", other.problem(t).Type)
	require.Equal(t, "Idempotency-Key", other.problem(t).Errors[0].Header)

	stranger := submit(f.key(t, "globex"), "order 7", `{"worker":"analyser","input":2}`)
	require.Equal(t, http.StatusAccepted, stranger.status, "another tenant's key is another key")

	f.succeed(t, first.job(t).ID, jobs.Bytes("application/json", []byte(`3`)))
	late := submit(key, "order 7", `{"worker":"analyser","input":1}`)
	require.Equal(t, http.StatusOK, late.status)
	require.JSONEq(t, `3`, string(late.job(t).Result.Value))
}

func TestUploadsBecomeInputs(t *testing.T) {
	f := newFixture(t, options{}).documented(t)
	key := f.key(t, "acme")
	got := f.do(t, call{method: "POST", path: "/v1/uploads", key: key, body: `{"size":5,"contentType":"text/plain"}`})
	require.Equal(t, http.StatusCreated, got.status, "%s", got.body)
	slot := decodeBody[api.Upload](t, got)
	require.Equal(t, api.PUT, slot.Method)
	submit := call{method: "POST", path: "/v1/jobs", key: key, body: fmt.Sprintf(`{"worker":"analyser","upload":%q}`, slot.ID)}

	early := f.do(t, submit)
	require.Equal(t, http.StatusUnprocessableEntity, early.status)
	require.Equal(t, "/upload", early.problem(t).Errors[0].Pointer)

	_, err := f.blobs.Put(t.Context(), "uploads/acme/"+slot.ID, strings.NewReader("hello"), jobs.PutOptions{ContentType: "text/plain", Size: 5})
	require.NoError(t, err)
	require.Equal(t, http.StatusAccepted, f.do(t, submit).status)

	stolen := submit
	stolen.key = f.key(t, "globex")
	require.Equal(t, http.StatusUnprocessableEntity, f.do(t, stolen).status, "another tenant's upload is none")
}

func TestListsAreNewestFirstAndPaged(t *testing.T) {
	f := newFixture(t, options{}).documented(t)
	key := f.key(t, "acme")
	var want []string
	for i := range 5 {
		worker := "analyser"
		if i == 2 {
			worker = "trainer"
		}
		want = append([]string{f.submit(t, key, fmt.Sprintf(`{"worker":%q}`, worker)).ID}, want...)
	}
	f.submit(t, f.key(t, "globex"), `{"worker":"analyser"}`)

	var got []string
	query := "?limit=2"
	for pages := 0; ; pages++ {
		require.Less(t, pages, 5)
		page := f.do(t, call{method: "GET", path: "/v1/jobs" + query, key: key})
		require.Equal(t, http.StatusOK, page.status, "%s", page.body)
		for _, job := range listed(t, page) {
			got = append(got, job.ID)
		}
		next := decodeBody[api.JobList](t, page).Next
		if next == "" {
			break
		}
		query = "?limit=2&cursor=" + next
	}
	require.ElementsMatch(t, want, got)

	f.succeed(t, want[0], jobs.Bytes("text/plain", nil))
	f.claim(t, want[1])
	filtered := func(query string) []string {
		var ids []string
		for _, job := range listed(t, f.do(t, call{method: "GET", path: "/v1/jobs?" + query, key: key})) {
			ids = append(ids, job.ID)
		}
		return ids
	}
	require.ElementsMatch(t, want[:1], filtered("state=succeeded"))
	require.ElementsMatch(t, want[:2], filtered("state=succeeded&state=running"))
	require.ElementsMatch(t, want[2:3], filtered("worker=trainer"))
	require.Empty(t, filtered("state=failed"))
}

func TestTenantsNeverSeeEachOther(t *testing.T) {
	f := newFixture(t, options{}).documented(t)
	acme, globex := f.key(t, "acme"), f.key(t, "globex", keys.Scopes()...)
	id := f.submit(t, acme, `{"worker":"analyser"}`).ID
	f.succeed(t, id, jobs.Blob("text/plain", "results/acme/x/1/result", 1))

	missing := f.do(t, call{method: "GET", path: "/v1/jobs/00000000-0000-4000-8000-000000000000", key: globex})
	for _, c := range []call{
		{method: "GET", path: "/v1/jobs/" + id}, {method: "DELETE", path: "/v1/jobs/" + id}, {method: "GET", path: "/v1/jobs/" + id + "/events"},
	} {
		c.key = globex
		got := f.do(t, c)
		require.Equal(t, http.StatusNotFound, got.status, c.method+c.path)
		require.Equal(t, missing.problem(t).Detail, got.problem(t).Detail, "as if there were none")
		require.NotContains(t, string(got.body), "acme")
	}
	require.Empty(t, listed(t, f.do(t, call{method: "GET", path: "/v1/jobs", key: globex})))
	require.Len(t, listed(t, f.do(t, call{method: "GET", path: "/v1/jobs", key: acme})), 1)

	for range 2 {
		f.submit(t, acme, `{"worker":"analyser"}`)
	}
	cursor := decodeBody[api.JobList](t, f.do(t, call{method: "GET", path: "/v1/jobs?limit=1", key: acme})).Next
	require.NotEmpty(t, cursor)
	require.Equal(t, http.StatusBadRequest, f.do(t, call{method: "GET", path: "/v1/jobs?cursor=" + cursor, key: globex}).status)
}

func TestServiceRoutesNeedNoKey(t *testing.T) {
	f := newFixture(t, options{}).documented(t)
	got := f.do(t, call{method: "GET", path: "/healthz"})
	require.Equal(t, http.StatusOK, got.status)
	require.JSONEq(t, `{"status":"ok","application":"tandem","environment":"test"}`, string(got.body))
	got = f.do(t, call{method: "GET", path: "/openapi.yaml"})
	require.Equal(t, http.StatusOK, got.status)
	require.Equal(t, "application/yaml", got.header.Get("Content-Type"))
	require.Contains(t, string(got.body), "openapi: 3.1.0")
}

func listed(t testing.TB, got answer) []api.Job {
	t.Helper()
	require.Equal(t, http.StatusOK, got.status, "%s", got.body)
	return decodeBody[api.JobList](t, got).Jobs
}
