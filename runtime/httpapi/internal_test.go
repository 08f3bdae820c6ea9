package httpapi

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tandem/runtime/httpapi/api"
	"tandem/runtime/httpapi/problem"
	"tandem/runtime/jobs"
)

func TestPreferIsReadAsRFC7240Says(t *testing.T) {
	tests := map[string]struct {
		headers []string
		want    preference
	}{
		"nothing":                       {nil, preference{}},
		"one":                           {[]string{"respond-async"}, preference{async: true}},
		"two in one header":             {[]string{"respond-async, wait=10"}, preference{async: true, wait: 10 * time.Second}},
		"two headers":                   {[]string{"wait=10", "respond-async"}, preference{async: true, wait: 10 * time.Second}},
		"any case, any space":           {[]string{" Respond-Async ,WAIT = 10 "}, preference{async: true, wait: 10 * time.Second}},
		"quotes":                        {[]string{`wait="10"`}, preference{wait: 10 * time.Second}},
		"parameters":                    {[]string{`respond-async; foo="a,wait=3"; bar, wait=10;x`}, preference{async: true, wait: 10 * time.Second}},
		"the first counts":              {[]string{"wait=1, wait=2", "wait=3"}, preference{wait: time.Second}},
		"others are ignored":            {[]string{"handling=lenient, return=minimal"}, preference{}},
		"a wait that is no number":      {[]string{"wait=soon, respond-async"}, preference{async: true}},
		"a negative wait":               {[]string{"wait=-1"}, preference{}},
		"a wait without an end":         {[]string{"wait=99999999999999999999"}, preference{}},
		"a quote that is never closed":  {[]string{`foo="bar, wait=3`}, preference{}},
		"a backslash at the very end":   {[]string{`foo="\`}, preference{}},
		"a preference that looks alike": {[]string{"respond-asynchronously, waits=3"}, preference{}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { require.Equal(t, test.want, parsePrefer(test.headers)) })
	}
}

func FuzzPrefer(f *testing.F) {
	f.Add(`respond-async, wait="10"; a="\"b"`)
	f.Fuzz(func(t *testing.T, header string) {
		got := parsePrefer([]string{header})
		require.GreaterOrEqual(t, got.wait, time.Duration(0))
	})
}

func FuzzCursor(f *testing.F) {
	f.Add("abc", "acme")
	f.Add(sealCursor("abc", "acme", jobs.Filter{}), "acme")
	f.Fuzz(func(t *testing.T, text, tenant string) {
		if inner, ok := openCursor(text, tenant, jobs.Filter{}); ok {
			require.Equal(t, text, sealCursor(inner, tenant, jobs.Filter{}))
		}
		if text != "" && !bytes.Contains([]byte(text), []byte(".")) {
			inner, ok := openCursor(sealCursor(text, tenant, jobs.Filter{}), tenant, jobs.Filter{})
			require.True(t, ok)
			require.Equal(t, text, inner)
		}
	})
}

func FuzzEventID(f *testing.F) {
	f.Add("1.2.3")
	f.Add("01.2.3")
	f.Fuzz(func(t *testing.T, text string) {
		if position, ok := parseEventID(text); ok && text != "" {
			require.Equal(t, text, position.String())
		}
	})
}

// FuzzBody holds the decoder of submissions against the standard library's: what
// ours accepts, encoding/json understands in the same way, and what is refused
// is refused with a 4xx that does not repeat the body.
func FuzzBody(f *testing.F) {
	for _, body := range []string{
		`{"worker":"analyser","input":{"a":[1,null]},"deadline":"2030-01-01T00:00:00Z"}`, `{"worker":null}`, `{"Worker":""}`,
		`{"worker":"a","worker":"b"}`, `[]`, `{"metadata":{"a":"b"},"webhook":{"url":"https://a.example"}}`, `{"worker":"\ud800"}`,
	} {
		f.Add([]byte(body))
	}
	j := &jobAPI{JobOptions{CheckWebhook: func(string) error { return nil }}.withDefaults()}
	f.Fuzz(func(t *testing.T, body []byte) {
		r := httptest.NewRequest(http.MethodPost, "/v1/jobs", bytes.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		decoded, err := decode[api.JobRequest](r)
		if err != nil {
			status := problem.As(err).Status
			require.True(t, status >= 400 && status < 500, "%d for %q", status, body)
			return
		}
		var plain api.JobRequest
		require.NoError(t, json.Unmarshal(body, &plain))
		require.Equal(t, plain.Worker, decoded.Worker)
		require.Equal(t, plain.Metadata, decoded.Metadata)
		require.Equal(t, string(plain.Input), string(decoded.Input))
		if _, err := j.submission(http.Header{}, decoded, "acme"); err != nil {
			status := problem.As(err).Status
			require.True(t, status >= 400 && status < 500, "%d for %q", status, body)
		}
	})
}

// FuzzRedrive does the same for redrives, and never lets one through that names
// jobs and selects others.
func FuzzRedrive(f *testing.F) {
	for _, body := range []string{
		`{}`, `{"states":["failed"],"worker":"analyser","createdFrom":"2026-01-01T00:00:00Z","cursor":"AA.BB"}`,
		`{"jobs":["00000000-0000-4000-8000-000000000000"],"dryRun":true}`, `{"jobs":null}`, `{"jobs":[],"states":[]}`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		r := httptest.NewRequest(http.MethodPost, "/v1/redrives", bytes.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		decoded, err := decode[api.RedriveRequest](r)
		var request listRequest
		if err == nil {
			request, err = parseRedrive(decoded, "acme")
		}
		if err != nil {
			status := problem.As(err).Status
			require.True(t, status >= 400 && status < 500, "%d for %q", status, body)
			return
		}
		require.False(t, decoded.Jobs != nil && (request.cursor != "" || decoded.Worker != nil || decoded.States != nil))
		for _, state := range request.filter.States {
			require.True(t, state.Terminal() && state != jobs.Succeeded)
		}
	})
}

func TestCursorsOfOneTenantAreNoneOfAnothers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cursor := rapid.StringMatching(`[A-Za-z0-9_-]{1,40}`).Draw(t, "cursor")
		a, b := rapid.String().Draw(t, "a"), rapid.String().Draw(t, "b")
		_, ok := openCursor(sealCursor(cursor, a, jobs.Filter{}), b, jobs.Filter{})
		require.Equal(t, a == b, ok)
	})
}
