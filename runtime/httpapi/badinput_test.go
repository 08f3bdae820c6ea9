package httpapi_test

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/httpapi"
	"tandem/runtime/jobs"
	"tandem/runtime/keys"
)

func TestWrongSubmissionsNameTheField(t *testing.T) {
	f := newFixture(t, options{}).documented(t)
	key := f.key(t, "acme")
	const okWorker = `"worker":"analyser"`
	tests := map[string]struct {
		body   string
		status int
		field  string
		says   string
	}{
		"nothing":                        {``, 415, "Content-Type", "application/json"},
		"no JSON":                        {`worker=analyser`, 400, "", "byte 0"},
		"JSON cut short":                 {`{"worker":"anal`, 400, "", "byte"},
		"something after it":             {`{` + okWorker + `} {}`, 400, "", "byte"},
		"a list":                         {`[]`, 400, "", "an object"},
		"null":                           {`null`, 400, "", "null"},
		"no worker":                      {`{}`, 400, "/worker", "letters"},
		"a worker of another type":       {`{"worker":7}`, 400, "/worker", "a string"},
		"a worker that is null":          {`{"worker":null}`, 400, "/worker", "null"},
		"a worker with a slash":          {`{"worker":"a/b"}`, 400, "/worker", "letters"},
		"an unknown worker":              {`{"worker":"ghost"}`, 422, "/worker", `"analyser" "trainer"`},
		"a field that nobody knows":      {`{` + okWorker + `,"prio":"high"}`, 400, "/prio", "not a field"},
		"a field in another case":        {`{"Worker":"analyser"}`, 400, "/Worker", "not a field"},
		"a field twice":                  {`{` + okWorker + `,` + okWorker + `}`, 400, "/worker", "twice"},
		"an unknown priority":            {`{` + okWorker + `,"priority":"urgent"}`, 400, "/priority", "high, normal or low"},
		"an empty priority":              {`{` + okWorker + `,"priority":""}`, 400, "/priority", "high, normal or low"},
		"a priority the worker lacks":    {`{"worker":"trainer","priority":"high"}`, 422, "/priority", "worker takes"},
		"a deadline of words":            {`{` + okWorker + `,"deadline":"tomorrow"}`, 400, "/deadline", "RFC 3339"},
		"a deadline as a number":         {`{` + okWorker + `,"deadline":1893456000}`, 400, "/deadline", "RFC 3339"},
		"a deadline in the past":         {`{` + okWorker + `,"deadline":"2020-01-01T00:00:00Z"}`, 422, "/deadline", "future"},
		"the zero deadline":              {`{` + okWorker + `,"deadline":"0001-01-01T00:00:00Z"}`, 422, "/deadline", "future"},
		"a webhook as a string":          {`{` + okWorker + `,"webhook":"https://hooks.example.com"}`, 400, "/webhook", "an object"},
		"a webhook without a URL":        {`{` + okWorker + `,"webhook":{}}`, 400, "/webhook/url", "1 to"},
		"a webhook to a private address": {`{` + okWorker + `,"webhook":{"url":"https://10.0.0.1/"}}`, 422, "/webhook/url", "public"},
		"a webhook to the metadata":      {`{` + okWorker + `,"webhook":{"url":"http://169.254.169.254/"}}`, 422, "/webhook/url", "https"},
		"a webhook that is too long":     {`{` + okWorker + `,"webhook":{"url":"https://a.example/` + strings.Repeat("x", 2048) + `"}}`, 400, "/webhook/url", "2048"},
		"an upload of another form":      {`{` + okWorker + `,"upload":"../../secret"}`, 400, "/upload", "upload slot"},
		"an upload never completed":      {`{` + okWorker + `,"upload":"00000000-0000-4000-8000-000000000000"}`, 422, "/upload", "never completed"},
		"input and upload":               {`{` + okWorker + `,"input":1,"upload":"00000000-0000-4000-8000-000000000000"}`, 400, "/upload", "beside input"},
		"metadata of numbers":            {`{` + okWorker + `,"metadata":{"n":7}}`, 400, "/metadata/n", "a string"},
		"metadata of null":               {`{` + okWorker + `,"metadata":{"n":null}}`, 400, "/metadata/n", "null"},
		"metadata without a name":        {`{` + okWorker + `,"metadata":{"":"x"}}`, 400, "/metadata", "names"},
		"metadata with a long value":     {`{` + okWorker + `,"metadata":{"a/b":"` + strings.Repeat("x", 1025) + `"}}`, 400, "/metadata/a~1b", "1024"},
		"too much metadata":              {`{` + okWorker + `,"metadata":{"a":"` + strings.Repeat("x", 1024) + `","b":"` + strings.Repeat("x", 1024) + `"}}`, 400, "/metadata", "2048"},
		"text that is not UTF-8":         {"{\"worker\":\"\xff\"}", 400, "", "byte"},
		"an input that is too large":     {`{` + okWorker + `,"input":"` + strings.Repeat("x", jobs.MaxSubmitInput) + `"}`, 413, "/input", "uploads"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := f.do(t, call{method: "POST", path: "/v1/jobs", key: key, body: test.body})
			require.Equal(t, test.status, got.status, "%s", got.body)
			p := got.problem(t)
			if test.field == "" {
				require.Empty(t, p.Errors)
				require.Contains(t, p.Detail, test.says)
				return
			}
			require.Len(t, p.Errors, 1)
			require.Equal(t, test.field, p.Errors[0].Pointer+p.Errors[0].Header)
			require.Contains(t, p.Errors[0].Detail, test.says)
		})
	}
	require.Empty(t, listed(t, f.do(t, call{method: "GET", path: "/v1/jobs", key: key})), "nothing was accepted")
	require.Empty(t, f.woken.workers)
}

func TestEverythingThatIsWrongIsToldAtOnce(t *testing.T) {
	f := newFixture(t, options{}).documented(t)
	got := f.do(t, call{method: "POST", path: "/v1/jobs", key: f.key(t, "acme"),
		body:   `{"worker":"ghost","priority":"urgent","webhook":{"url":"http://localhost"}}`,
		header: http.Header{"Idempotency-Key": {" "}}})
	var fields []string
	for _, field := range got.problem(t).Errors {
		fields = append(fields, field.Pointer+field.Header)
	}
	require.ElementsMatch(t, []string{"/worker", "/priority", "/webhook/url", "Idempotency-Key"}, fields)
}

func TestWrongRequestsNameWhatIsWrong(t *testing.T) {
	f := newFixture(t, options{}).documented(t)
	key := f.key(t, "acme")
	tests := map[string]struct {
		call   call
		status int
		field  string
	}{
		"an unknown state":              {call{method: "GET", path: "/v1/jobs?state=done"}, 400, "state"},
		"an empty state":                {call{method: "GET", path: "/v1/jobs?state="}, 400, "state"},
		"a limit of nothing":            {call{method: "GET", path: "/v1/jobs?limit=0"}, 400, "limit"},
		"a limit of too much":           {call{method: "GET", path: "/v1/jobs?limit=101"}, 400, "limit"},
		"a limit of words":              {call{method: "GET", path: "/v1/jobs?limit=ten"}, 400, "limit"},
		"two limits":                    {call{method: "GET", path: "/v1/jobs?limit=1&limit=2"}, 400, "limit"},
		"a bad worker":                  {call{method: "GET", path: "/v1/jobs?worker=a%2Fb"}, 400, "worker"},
		"a cursor of somebody's making": {call{method: "GET", path: "/v1/jobs?cursor=AAAA"}, 400, "cursor"},
		"an empty cursor":               {call{method: "GET", path: "/v1/jobs?cursor="}, 400, "cursor"},
		"a filter that nobody knows":    {call{method: "GET", path: "/v1/jobs?stat=failed"}, 400, "stat"},
		"a malformed query":             {call{method: "GET", path: "/v1/jobs?state=%zz"}, 400, ""},
		"a bad event id":                {call{method: "GET", path: "/v1/jobs/x/events", header: http.Header{"Last-Event-Id": {"7"}}}, 400, "Last-Event-ID"},
		"an id of another form":         {call{method: "GET", path: "/v1/jobs/7"}, 404, ""},
		"an id with a slash":            {call{method: "GET", path: "/v1/jobs/a%2Fb"}, 404, ""},
		"two idempotency keys": {call{method: "POST", path: "/v1/jobs", body: `{"worker":"analyser"}`,
			header: http.Header{"Idempotency-Key": {"a", "b"}}}, 400, "Idempotency-Key"},
		"a long idempotency key": {call{method: "POST", path: "/v1/jobs", body: `{"worker":"analyser"}`,
			header: http.Header{"Idempotency-Key": {strings.Repeat("k", 256)}}}, 400, "Idempotency-Key"},
		"a form":                     {call{method: "POST", path: "/v1/jobs", body: "a=b", header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}}, 415, "Content-Type"},
		"an upload of nothing":       {call{method: "POST", path: "/v1/uploads", body: `{"size":0}`}, 400, "/size"},
		"an upload of too much":      {call{method: "POST", path: "/v1/uploads", body: `{"size":5368709121}`}, 400, "/size"},
		"an upload of words":         {call{method: "POST", path: "/v1/uploads", body: `{"size":"5"}`}, 400, "/size"},
		"an upload beyond numbers":   {call{method: "POST", path: "/v1/uploads", body: `{"size":1e300}`}, 400, "/size"},
		"an upload of half a byte":   {call{method: "POST", path: "/v1/uploads", body: `{"size":1.5}`}, 400, "/size"},
		"an upload of a bad type":    {call{method: "POST", path: "/v1/uploads", body: `{"size":1,"contentType":"text"}`}, 400, "/contentType"},
		"an upload with a long type": {call{method: "POST", path: "/v1/uploads", body: `{"size":1,"contentType":"text/` + strings.Repeat("x", 80) + `"}`}, 400, "/contentType"},
		"an unknown path":            {call{method: "GET", path: "/v1/nothing"}, 404, ""},
		"a path with dots":           {call{method: "GET", path: "/v1/../v1/jobs"}, 404, ""},
		"a path with two slashes":    {call{method: "GET", path: "//v1/jobs"}, 404, ""},
		"another method":             {call{method: "PATCH", path: "/v1/jobs"}, 405, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			test.call.key = key
			got := f.do(t, test.call)
			require.Equal(t, test.status, got.status, "%s", got.body)
			p := got.problem(t)
			if test.field != "" {
				require.Equal(t, test.field, p.Errors[0].Pointer+p.Errors[0].Parameter+p.Errors[0].Header)
			}
			if test.status == http.StatusMethodNotAllowed {
				require.Equal(t, "GET, HEAD, POST", got.header.Get("Allow"))
			}
		})
	}
}

func TestWholeNumbersAreReadHoweverTheyAreWritten(t *testing.T) {
	f := newFixture(t, options{}).documented(t)
	key := f.key(t, "acme")
	for _, size := range []string{"5", "5.0", "5e0", "0.5e1", "5368709120.000"} {
		got := f.do(t, call{method: "POST", path: "/v1/uploads", key: key, body: `{"size":` + size + `}`})
		require.Equal(t, http.StatusCreated, got.status, size)
	}
}

func TestACursorBelongsToItsFilters(t *testing.T) {
	f := newFixture(t, options{}).documented(t)
	key := f.key(t, "acme")
	for range 3 {
		f.submit(t, key, `{"worker":"analyser"}`)
	}
	page := f.do(t, call{method: "GET", path: "/v1/jobs?limit=1&state=queued&state=running", key: key})
	next := decodeBody[struct{ Next string }](t, page).Next
	require.NotEmpty(t, next)
	status := func(query string) int {
		return f.do(t, call{method: "GET", path: "/v1/jobs?limit=1&" + query, key: key}).status
	}
	require.Equal(t, 200, status("state=running&state=queued&state=queued&cursor="+next), "the order of states does not matter")
	require.Equal(t, 400, status("state=queued&cursor="+next))
	require.Equal(t, 400, status("cursor="+next))
	require.Equal(t, 400, status("worker=analyser&state=queued&state=running&cursor="+next))
	for i := range next {
		broken := []byte(next)
		broken[i] ^= 1
		require.Equal(t, 400, status("state=queued&state=running&cursor="+string(broken)), "changed at %d", i)
		require.Equal(t, 400, status("state=queued&state=running&cursor="+next[:i]), "cut at %d", i)
	}
}

func TestKeysThatDoNotOpenAnything(t *testing.T) {
	at := time.Now()
	f := newFixture(t, options{now: func() time.Time { return at }}).documented(t)
	issue := func(request keys.Request) (keys.Token, keys.Key) {
		token, key, err := keys.Issue(t.Context(), f.keys, request, at, rand.Reader)
		require.NoError(t, err)
		return token, key
	}
	revoked, record := issue(keys.Request{Tenant: "acme"})
	require.NoError(t, f.keys.Revoke(t.Context(), record.ID, at))
	expired, _ := issue(keys.Request{Tenant: "acme", ExpiresAt: at.Add(time.Minute)})
	reader, _ := issue(keys.Request{Tenant: "acme", Scopes: []keys.Scope{keys.ScopeJobsRead}})
	writer, _ := issue(keys.Request{Tenant: "acme", Scopes: []keys.Scope{keys.ScopeJobsWrite}})
	at = at.Add(time.Hour)

	tests := map[string]struct {
		key    string
		call   call
		status int
		says   string
	}{
		"none":                      {"", call{method: "GET", path: "/v1/jobs"}, 401, "Send a key"},
		"a stranger's":              {"tdm_aaaaaaaaaaaaaaaa." + strings.Repeat("A", 43), call{method: "GET", path: "/v1/jobs"}, 401, "not valid"},
		"a revoked one":             {revoked.Reveal(), call{method: "GET", path: "/v1/jobs"}, 401, "revoked"},
		"an expired one":            {expired.Reveal(), call{method: "GET", path: "/v1/jobs"}, 401, "expired"},
		"a reader's, to submit":     {reader.Reveal(), call{method: "POST", path: "/v1/jobs", body: `{"worker":"analyser"}`}, 403, "jobs:write"},
		"a reader's, to cancel":     {reader.Reveal(), call{method: "DELETE", path: "/v1/jobs/7"}, 403, "jobs:write"},
		"a reader's, to upload":     {reader.Reveal(), call{method: "POST", path: "/v1/uploads", body: `{"size":1}`}, 403, "jobs:write"},
		"a writer's, to read":       {writer.Reveal(), call{method: "GET", path: "/v1/jobs/7"}, 403, "jobs:read"},
		"a writer's, to list":       {writer.Reveal(), call{method: "GET", path: "/v1/jobs"}, 403, "jobs:read"},
		"a writer's, to watch":      {writer.Reveal(), call{method: "GET", path: "/v1/jobs/7/events"}, 403, "jobs:read"},
		"a reader's, which is fine": {reader.Reveal(), call{method: "GET", path: "/v1/jobs"}, 200, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			test.call.key = test.key
			got := f.do(t, test.call)
			require.Equal(t, test.status, got.status, "%s", got.body)
			if test.status != 200 {
				require.Contains(t, got.problem(t).Detail, test.says)
				require.NotEmpty(t, got.header.Get("WWW-Authenticate"))
			}
		})
	}
}

func TestATenantOverItsRateIsTold(t *testing.T) {
	at := time.Now()
	f := newFixture(t, options{rate: 2, now: func() time.Time { return at }}).documented(t)
	acme, globex := f.key(t, "acme"), f.key(t, "globex")
	list := func(key string) answer { return f.do(t, call{method: "GET", path: "/v1/jobs", key: key}) }
	for range 2 {
		require.Equal(t, 200, list(acme).status)
	}
	got := list(acme)
	require.Equal(t, http.StatusTooManyRequests, got.status)
	require.Equal(t, "1", got.header.Get("Retry-After"))
	require.Equal(t, 200, list(globex).status)
	require.Equal(t, 200, f.do(t, call{method: "GET", path: "/healthz"}).status)
	at = at.Add(time.Second)
	require.Equal(t, 200, list(acme).status)
}

// unread fails a test that reads it.
type unread struct{ t *testing.T }

func (u unread) Read([]byte) (int, error) {
	u.t.Error("the body was read")
	return 0, io.EOF
}

func TestABodyThatIsTooLargeIsNotRead(t *testing.T) {
	f := newFixture(t, options{})
	key := f.key(t, "acme")
	post := func(body io.Reader, length int64) int {
		request := httptest.NewRequest(http.MethodPost, "/v1/jobs", body)
		request.ContentLength = length
		request.Header.Set("Authorization", "Bearer "+key)
		request.Header.Set("Content-Type", "application/json")
		recorder := httptest.NewRecorder()
		f.handler.ServeHTTP(recorder, request)
		return recorder.Code
	}
	require.Equal(t, http.StatusRequestEntityTooLarge, post(unread{t}, 10<<20), "its length was announced")
	endless := &counter{}
	require.Equal(t, http.StatusRequestEntityTooLarge, post(endless, -1), "its length was not")
	require.Less(t, endless.read, 1<<20)
	require.Equal(t, http.StatusBadRequest, post(strings.NewReader(`{"worker"`), 100), "it ended early")
}

type counter struct{ read int }

func (c *counter) Read(p []byte) (int, error) {
	c.read += len(p)
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

// broken is a jobs.Service whose store does not answer.
type broken struct {
	httpapi.Jobs
	err error
}

func (b broken) Get(context.Context, string, string) (jobs.Job, error) { return jobs.Job{}, b.err }
func (b broken) Submit(context.Context, jobs.Submission) (jobs.Job, bool, error) {
	return jobs.Job{}, false, b.err
}
func (b broken) List(context.Context, string, jobs.Filter, string, int) (jobs.Page, error) {
	return jobs.Page{}, b.err
}

func TestAnOutageIsNotTheCallersFaultAndItsDetailsStayInside(t *testing.T) {
	outage := errors.New("table tandem-state: ThrottlingException")
	f := newFixture(t, options{jobs: func(inner httpapi.Jobs) httpapi.Jobs { return broken{inner, outage} }}).documented(t)
	key := f.key(t, "acme")
	for _, c := range []call{
		{method: "GET", path: "/v1/jobs"}, {method: "GET", path: "/v1/jobs/00000000-0000-4000-8000-000000000000"},
		{method: "POST", path: "/v1/jobs", body: `{"worker":"analyser"}`},
	} {
		c.key = key
		got := f.do(t, c)
		require.Equal(t, http.StatusServiceUnavailable, got.status)
		require.NotEmpty(t, got.header.Get("Retry-After"))
		require.NotContains(t, string(got.body), "tandem-state")
		require.Contains(t, f.logs.String(), `"error":"table tandem-state: ThrottlingException"`)
		require.Contains(t, f.logs.String(), got.problem(t).Instance)
	}
}

// unannounced is a jobs.Service that stored a job and could not announce it.
type unannounced struct{ httpapi.Jobs }

func (u unannounced) Submit(ctx context.Context, submission jobs.Submission) (jobs.Job, bool, error) {
	job, created, err := u.Jobs.Submit(ctx, submission)
	if err != nil {
		return job, created, err
	}
	return job, created, errors.New("announcing the job: SQS is away")
}

func TestAJobThatIsStoredIsAcceptedEvenIfItCouldNotBeAnnounced(t *testing.T) {
	f := newFixture(t, options{jobs: func(inner httpapi.Jobs) httpapi.Jobs { return unannounced{inner} }}).documented(t)
	f.submit(t, f.key(t, "acme"), `{"worker":"analyser"}`)
	require.Contains(t, f.logs.String(), "left to the sweeper")
}

// panicking is a jobs.Service with a bug.
type panicking struct{ httpapi.Jobs }

func (panicking) Get(context.Context, string, string) (jobs.Job, error) { panic("a bug") }

func TestAPanicIsA500(t *testing.T) {
	f := newFixture(t, options{jobs: func(inner httpapi.Jobs) httpapi.Jobs { return panicking{inner} }}).documented(t)
	got := f.do(t, call{method: "GET", path: "/v1/jobs/00000000-0000-4000-8000-000000000000", key: f.key(t, "acme")})
	require.Equal(t, http.StatusInternalServerError, got.status)
	require.NotContains(t, string(got.body), "a bug")
	require.Contains(t, f.logs.String(), "a bug")
}
