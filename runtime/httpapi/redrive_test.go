package httpapi_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/httpapi/api"
	"tandem/runtime/jobs"
	"tandem/runtime/keys"
)

// failed submits a job and lets it fail for good.
func (f *fixture) failed(t testing.TB, key, body string) api.Job {
	t.Helper()
	job := f.submit(t, key, body)
	_, err := f.runner.Fail(t.Context(), f.claim(t, job.ID), jobs.Failure{Code: "container_failed"}, true)
	require.NoError(t, err)
	return job
}

func (f *fixture) redrive(t testing.TB, key, body string) api.JobList {
	t.Helper()
	got := f.do(t, call{method: "POST", path: "/v1/redrives", key: key, body: body})
	require.Equal(t, http.StatusOK, got.status, "%s", got.body)
	return decodeBody[api.JobList](t, got)
}

func idsOf(list api.JobList) []string {
	ids := []string{}
	for _, job := range list.Jobs {
		ids = append(ids, job.ID)
	}
	return ids
}

func TestWhatATenantSelectsGoesBackIntoTheQueue(t *testing.T) {
	f := newFixture(t, options{}).documented(t)
	key := f.key(t, "acme")
	first, trainer := f.failed(t, key, `{"worker":"analyser"}`), f.failed(t, key, `{"worker":"trainer"}`)
	foreign := f.failed(t, f.key(t, "globex"), `{"worker":"analyser"}`)
	cancelled := f.submit(t, key, `{"worker":"analyser"}`)
	require.Equal(t, http.StatusOK, f.do(t, call{method: "DELETE", path: "/v1/jobs/" + cancelled.ID, key: key}).status)
	f.woken.workers = nil

	require.Equal(t, []string{first.ID}, idsOf(f.redrive(t, key, `{"worker":"analyser","dryRun":true}`)))
	require.Empty(t, f.woken.workers, "a dry run changes nothing")

	list := f.redrive(t, key, `{"worker":"analyser"}`)
	require.Equal(t, []string{first.ID}, idsOf(list))
	require.Equal(t, api.JobStateQueued, list.Jobs[0].State)
	require.Empty(t, list.Next)
	require.Equal(t, []string{"analyser"}, f.woken.workers)
	f.claim(t, first.ID)

	require.Equal(t, []string{cancelled.ID, trainer.ID}, idsOf(f.redrive(t, key, `{"states":["failed","cancelled"]}`)), "newest first")
	require.Empty(t, idsOf(f.redrive(t, key, `{"states":["failed","cancelled"]}`)), "what waits is left alone")
	theirs, err := f.store.Get(t.Context(), foreign.ID)
	require.NoError(t, err)
	require.Equal(t, jobs.Failed, theirs.State)
}

func TestARedriveKeepsToTheTimeOfSubmission(t *testing.T) {
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	f := newFixture(t, options{now: func() time.Time { return now }}).documented(t)
	key := f.key(t, "acme")
	f.failed(t, key, `{"worker":"analyser"}`)
	now = now.Add(time.Minute)
	second := f.failed(t, key, `{"worker":"analyser"}`)
	now = now.Add(time.Minute)
	f.failed(t, key, `{"worker":"analyser"}`)
	require.Equal(t, []string{second.ID}, idsOf(f.redrive(t, key, `{"createdFrom":"2026-11-24T12:01:00Z","createdBefore":"2026-11-24T12:02:00Z"}`)))
}

func TestAHundredJobsGoBackAtOnceAndTheCursorGoesOn(t *testing.T) {
	f := newFixture(t, options{}).documented(t)
	key := f.key(t, "acme")
	for range 120 {
		f.failed(t, key, `{"worker":"analyser"}`)
	}
	f.woken.workers = nil
	page := f.redrive(t, key, `{"worker":"analyser"}`)
	require.Len(t, page.Jobs, 100)
	require.Equal(t, []string{"analyser"}, f.woken.workers, "once")
	require.NotEmpty(t, page.Next)
	last := f.redrive(t, key, `{"worker":"analyser","cursor":"`+page.Next+`"}`)
	require.Len(t, last.Jobs, 20)
	require.Empty(t, last.Next)

	for name, body := range map[string]string{
		"another worker's": `{"worker":"trainer","cursor":"` + page.Next + `"}`,
		"another time's":   `{"worker":"analyser","createdFrom":"2026-01-01T00:00:00Z","cursor":"` + page.Next + `"}`,
		"another state's":  `{"worker":"analyser","states":["expired"],"cursor":"` + page.Next + `"}`,
	} {
		got := f.do(t, call{method: "POST", path: "/v1/redrives", key: key, body: body})
		require.Equal(t, http.StatusBadRequest, got.status, name)
		require.Equal(t, "/cursor", got.problem(t).Errors[0].Pointer, name)
	}
}

func TestNamedJobsGoBackAllOrNone(t *testing.T) {
	f := newFixture(t, options{}).documented(t)
	key := f.key(t, "acme")
	one, two := f.failed(t, key, `{"worker":"analyser"}`), f.failed(t, key, `{"worker":"analyser"}`)
	waiting := f.submit(t, key, `{"worker":"analyser"}`)
	foreign := f.failed(t, f.key(t, "globex"), `{"worker":"analyser"}`)

	got := f.do(t, call{method: "POST", path: "/v1/redrives", key: key, body: `{"jobs":["` + strings.Join([]string{one.ID, waiting.ID, foreign.ID}, `","`) + `"]}`})
	require.Equal(t, http.StatusUnprocessableEntity, got.status)
	require.Equal(t, []api.FieldError{
		{Pointer: "/jobs/1", Detail: "is queued: only failed, cancelled and expired jobs go back into the queue"},
		{Pointer: "/jobs/2", Detail: "is no job of yours"},
	}, got.problem(t).Errors)
	unchanged, err := f.store.Get(t.Context(), one.ID)
	require.NoError(t, err)
	require.Equal(t, jobs.Failed, unchanged.State)

	require.Equal(t, []string{one.ID}, idsOf(f.redrive(t, key, `{"jobs":["`+one.ID+`"],"dryRun":true}`)))
	require.Equal(t, []string{two.ID, one.ID}, idsOf(f.redrive(t, key, `{"jobs":["`+two.ID+`","`+one.ID+`","`+two.ID+`"]}`)), "one that is named twice goes back once")
}

func TestAWrongRedriveIsToldWhatIsWrong(t *testing.T) {
	f := newFixture(t, options{}).documented(t)
	key := f.key(t, "acme")
	id := f.failed(t, key, `{"worker":"analyser"}`).ID
	for name, test := range map[string]struct {
		body    string
		status  int
		pointer string
	}{
		"no ids":                    {`{"jobs":[]}`, 400, "/jobs"},
		"too many ids":              {`{"jobs":["` + strings.Repeat(id+`","`, 100) + id + `"]}`, 400, "/jobs"},
		"a word for an id":          {`{"jobs":["redrive"]}`, 400, "/jobs/0"},
		"ids and a selection":       {`{"jobs":["` + id + `"],"worker":"analyser"}`, 400, "/jobs"},
		"a state that is not over":  {`{"states":["running"]}`, 400, "/states/0"},
		"a state that needs none":   {`{"states":["succeeded"]}`, 400, "/states/0"},
		"no states":                 {`{"states":[]}`, 400, "/states"},
		"states that are no list":   {`{"states":"failed"}`, 400, "/states"},
		"a worker that cannot be":   {`{"worker":""}`, 400, "/worker"},
		"a time that is none":       {`{"createdFrom":"yesterday"}`, 400, "/createdFrom"},
		"a cursor that was made up": {`{"cursor":"x"}`, 400, "/cursor"},
		"a dry run of words":        {`{"dryRun":"yes"}`, 400, "/dryRun"},
		"a field that is not there": {`{"tenant":"globex"}`, 400, "/tenant"},
		"a null":                    {`{"worker":null}`, 400, "/worker"},
	} {
		t.Run(name, func(t *testing.T) {
			got := f.do(t, call{method: "POST", path: "/v1/redrives", key: key, body: test.body})
			require.Equal(t, test.status, got.status, "%s", got.body)
			require.Equal(t, test.pointer, got.problem(t).Errors[0].Pointer)
		})
	}
	reader := f.key(t, "acme", keys.ScopeJobsRead)
	require.Equal(t, http.StatusForbidden, f.do(t, call{method: "POST", path: "/v1/redrives", key: reader, body: `{}`}).status)
	large := `{"worker":"` + strings.Repeat("a", 10<<10) + `"}`
	require.Equal(t, http.StatusRequestEntityTooLarge, f.do(t, call{method: "POST", path: "/v1/redrives", key: key, body: large}).status)
}
