package httpapi_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/runtime/jobs"
)

// TestSecretsAndPayloadsNeverReachTheLogs sends a word in everything that a
// caller may want to keep to itself, at the most talkative level.
func TestSecretsAndPayloadsNeverReachTheLogs(t *testing.T) {
	const word = "c0nf1dent1al"
	f := newFixture(t, options{})
	key := f.key(t, "acme")
	_, secret, _ := strings.Cut(key, ".")
	calls := []call{
		{method: "POST", path: "/v1/jobs", body: `{"worker":"analyser","input":"` + word + `","metadata":{"` + word + `":"` + word + `"},"webhook":{"url":"https://hooks.example.com/` + word + `"}}`,
			header: http.Header{"Idempotency-Key": {word}, "Prefer": {word}}},
		{method: "POST", path: "/v1/jobs", body: `{"worker":"` + word + `"}`},
		{method: "POST", path: "/v1/jobs", body: `{"` + word + `":1}`},
		{method: "POST", path: "/v1/jobs", body: `{"worker":"analyser","deadline":"` + word + `"}`},
		{method: "POST", path: "/v1/jobs", body: word},
		{method: "POST", path: "/v1/jobs", body: `{"worker":"analyser","webhook":{"url":"https://user:` + word + `@127.0.0.1/"}}`},
		{method: "POST", path: "/v1/uploads", body: `{"size":1,"contentType":"` + word + `"}`},
		{method: "POST", path: "/v1/redrives", body: `{"worker":"` + word + `","cursor":"` + word + `"}`},
		{method: "POST", path: "/v1/redrives", body: `{"jobs":["` + word + `"]}`},
		{method: "GET", path: "/v1/jobs?cursor=" + word + "&state=" + word},
		{method: "GET", path: "/v1/jobs/" + word},
		{method: "GET", path: "/v1/" + word},
		{method: "GET", path: "/v1/jobs/" + word + "/events", header: http.Header{"Last-Event-Id": {word}}},
		{method: "GET", path: "/v1/jobs", key: "tdm_" + word},
		{method: "GET", path: "/v1/jobs", key: key + word},
	}
	for _, c := range calls {
		if c.key == "" {
			c.key = key
		}
		f.do(t, c)
	}
	id := f.submit(t, key, `{"worker":"analyser"}`).ID
	f.succeed(t, id, jobs.Bytes("text/plain", []byte(word)))
	f.do(t, call{method: "GET", path: "/v1/jobs/" + id, key: key})

	logs := f.logs.String()
	require.NotContains(t, logs, word)
	require.NotContains(t, logs, secret)
	require.NotContains(t, logs, "dGV4") // nothing in base64 either
	require.Contains(t, logs, id)
	require.Contains(t, logs, `"tenant":"acme"`)
	require.Equal(t, len(calls)+2, strings.Count(logs, `"msg":"request"`))
}
