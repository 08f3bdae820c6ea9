package e2e

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// caller is a tenant with a key.
type caller struct {
	api, key string
}

// answer is what came back.
type answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// JSON decodes the body.
func (a answer) JSON(t *testing.T) map[string]any {
	t.Helper()
	content := map[string]any{}
	require.NoError(t, json.Unmarshal(a.Body, &content), "%d %s", a.Status, a.Body)
	return content
}

// caller makes a key for a tenant with the command line.
func (d *deployment) caller(t *testing.T, tenant string) caller {
	t.Helper()
	var created struct{ Key string }
	d.cli(t, &created, "keys", "create", "--tenant", tenant)
	require.NotEmpty(t, created.Key)
	return caller{api: d.api, key: created.Key}
}

func (c caller) do(t *testing.T, method, path string, body any, header ...string) answer {
	t.Helper()
	var content io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		require.NoError(t, err)
		content = bytes.NewReader(raw)
	}
	request, err := http.NewRequestWithContext(t.Context(), method, c.api+path, content)
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer "+c.key)
	request.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	return send(t, request)
}

func send(t *testing.T, request *http.Request) answer {
	t.Helper()
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer func() { _ = response.Body.Close() }()
	raw, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return answer{Status: response.StatusCode, Header: response.Header, Body: raw}
}

// submit returns the id of an accepted job.
func (c caller) submit(t *testing.T, body map[string]any, header ...string) string {
	t.Helper()
	accepted := c.do(t, http.MethodPost, "/v1/jobs", body, header...)
	require.Equal(t, http.StatusAccepted, accepted.Status, string(accepted.Body))
	require.NotEmpty(t, accepted.Header.Get("Location"))
	return accepted.JSON(t)["id"].(string)
}

// look returns a job, or nothing where the answer does not come: the emulator
// has been seen to swallow a request of a busy machine.
func (c caller) look(t *testing.T, id string) map[string]any {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.api+"/v1/jobs/"+id, nil)
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer "+c.key)
	response, err := (&http.Client{Timeout: 10 * time.Second}).Do(request)
	if err != nil {
		t.Logf("looking at job %s: %v", id, err)
		return nil
	}
	defer func() { _ = response.Body.Close() }()
	var job map[string]any
	if err := json.NewDecoder(response.Body).Decode(&job); err != nil {
		t.Logf("looking at job %s: %v", id, err)
		return nil
	}
	return job
}

// wait returns a job once it is in a state.
func (c caller) wait(t *testing.T, id, state string) map[string]any {
	t.Helper()
	var job map[string]any
	require.Eventually(t, func() bool {
		job = c.look(t, id)
		return job["state"] == state
	}, time.Minute, 100*time.Millisecond, "job %s is not %s: %v", id, state, job)
	return job
}

func freePort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = listener.Close() }()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	require.NoError(t, err)
	return port
}
