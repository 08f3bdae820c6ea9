package e2e

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestDevDoesWhatItsUsersExpect(t *testing.T) {
	need(t)
	d := deploy(t)
	acme, globex := d.caller(t, "acme"), d.caller(t, "globex")

	t.Run("the API lives and describes itself without a key", func(t *testing.T) {
		require.Equal(t, http.StatusOK, caller{api: d.api}.do(t, http.MethodGet, "/healthz", nil).Status)
		document := caller{api: d.api}.do(t, http.MethodGet, "/openapi.yaml", nil)
		require.Contains(t, string(document.Body), "openapi: 3.1")
	})
	t.Run("nobody gets in without a key or with a wrong one", func(t *testing.T) {
		for _, key := range []string{"", "tdm_nobody.nothing"} {
			refused := caller{api: d.api, key: key}.do(t, http.MethodGet, "/v1/jobs", nil)
			require.Contains(t, []int{http.StatusUnauthorized, http.StatusForbidden}, refused.Status, key)
		}
	})
	t.Run("a queued job is cancelled before anybody runs it", func(t *testing.T) {
		id := acme.submit(t, map[string]any{"worker": worker, "input": map[string]any{"text": "Never read."}})
		require.Less(t, acme.do(t, http.MethodDelete, "/v1/jobs/"+id, nil).Status, 300)
		require.Equal(t, "cancelled", acme.do(t, http.MethodGet, "/v1/jobs/"+id, nil).JSON(t)["state"])
	})
	t.Run("wrong requests name what is wrong", func(t *testing.T) { wrongRequests(t, acme) })

	running := d.startTask(t)

	t.Run("a job goes through and its result comes back", func(t *testing.T) {
		id := acme.submit(t, map[string]any{"worker": worker, "input": map[string]any{"text": "One two. Three."}})
		job := acme.wait(t, id, "succeeded")
		require.EqualValues(t, 3, job["result"].(map[string]any)["value"].(map[string]any)["words"], job)
		require.EqualValues(t, 1, job["attempts"])
	})
	t.Run("the same Idempotency-Key is the same job, and with another body a conflict", func(t *testing.T) {
		body := map[string]any{"worker": worker, "input": map[string]any{"text": "Once."}}
		first := acme.submit(t, body, "Idempotency-Key", "once")
		again := acme.do(t, http.MethodPost, "/v1/jobs", body, "Idempotency-Key", "once")
		require.Equal(t, first, again.JSON(t)["id"])
		body["input"] = map[string]any{"text": "Twice."}
		require.Equal(t, http.StatusConflict, acme.do(t, http.MethodPost, "/v1/jobs", body, "Idempotency-Key", "once").Status)
	})
	t.Run("a large input is uploaded and a large result downloaded", func(t *testing.T) { largePayload(t, acme) })
	t.Run("tenants do not see each other", func(t *testing.T) {
		id := acme.submit(t, map[string]any{"worker": worker, "input": map[string]any{"text": "Secret."}})
		acme.wait(t, id, "succeeded")
		require.Equal(t, http.StatusNotFound, globex.do(t, http.MethodGet, "/v1/jobs/"+id, nil).Status)
		require.Equal(t, http.StatusNotFound, globex.do(t, http.MethodDelete, "/v1/jobs/"+id, nil).Status)
		require.NotContains(t, string(globex.do(t, http.MethodGet, "/v1/jobs", nil).Body), id)
		require.Contains(t, string(acme.do(t, http.MethodGet, "/v1/jobs?state=succeeded", nil).Body), id)
	})
	t.Run("events tell of a job's end", func(t *testing.T) {
		id := acme.submit(t, map[string]any{"worker": worker, "input": map[string]any{"text": "Watched."}})
		acme.wait(t, id, "succeeded")
		events := acme.do(t, http.MethodGet, "/v1/jobs/"+id+"/events", nil, "Accept", "text/event-stream")
		require.Equal(t, http.StatusOK, events.Status, string(events.Body))
		require.Contains(t, string(events.Body), "succeeded")
	})
	t.Run("a burst is worked off", func(t *testing.T) {
		var ids []string
		for i := range 20 {
			ids = append(ids, acme.submit(t, map[string]any{"worker": worker, "priority": []string{"high", "normal", "low"}[i%3],
				"input": map[string]any{"text": fmt.Sprintf("Number %d.", i)}}))
			time.Sleep(100 * time.Millisecond) // dev allows a tenant ten a second
		}
		for _, id := range ids {
			acme.wait(t, id, "succeeded")
		}
	})
	t.Run("a webhook is delivered, signed, though its receiver was away at first", func(t *testing.T) { webhook(t, d, acme, "acme") })
	t.Run("a stopped worker ends in time and leaves nothing running", func(t *testing.T) {
		running.Stop(t.Context())
		require.False(t, running.Protected())
	})
	t.Run("a revoked key opens nothing once the authorizer's cache has run out", func(t *testing.T) {
		var created struct{ ID, Key string }
		d.cli(t, &created, "keys", "create", "--tenant", "acme")
		d.run(t, d.Emulator.Environ(), d.tandem, "keys", "revoke", created.ID, "--env", "dev")
		require.Eventually(t, func() bool {
			status := caller{api: d.api, key: created.Key}.do(t, http.MethodGet, "/v1/jobs", nil).Status
			return status == http.StatusUnauthorized || status == http.StatusForbidden
		}, 70*time.Second, time.Second)
	})
	t.Run("a worker that is no longer configured goes, and the API lives on", func(t *testing.T) {
		require.NoError(t, d.Update(t.Context(), d.synthesise(t, "workers.video-agent=null")))
		_, err := d.Find("AWS::ECS::TaskDefinition", "VideoAgent/")
		require.Error(t, err)
		refused := acme.do(t, http.MethodPost, "/v1/jobs", map[string]any{"worker": "video-agent"})
		require.Equal(t, http.StatusUnprocessableEntity, refused.Status, string(refused.Body))
		acme.submit(t, map[string]any{"worker": worker, "input": map[string]any{"text": "Still here."}})
	})
	t.Run("the environment is deleted", func(t *testing.T) { require.NoError(t, d.Destroy(t.Context())) })
}

func wrongRequests(t *testing.T, c caller) {
	for name, test := range map[string]struct {
		body   map[string]any
		status int
		names  string
	}{
		"no worker":                {map[string]any{"input": 1}, 0, "worker"},
		"an unknown worker":        {map[string]any{"worker": "nobody", "input": 1}, 0, "worker"},
		"an unknown field":         {map[string]any{"worker": worker, "inptu": 1}, 0, "inptu"},
		"a deadline in the past":   {map[string]any{"worker": worker, "deadline": "2020-01-01T00:00:00Z"}, 0, "deadline"},
		"an upload that never was": {map[string]any{"worker": worker, "upload": "0192f0c1-2f3a-7bbb-8ccc-dddddddddddd"}, 0, "upload"},
		"a webhook at home":        {map[string]any{"worker": worker, "webhook": map[string]any{"url": "https://127.0.0.1/hook"}}, 0, "webhook"},
	} {
		t.Run(name, func(t *testing.T) {
			refused := c.do(t, http.MethodPost, "/v1/jobs", test.body)
			require.GreaterOrEqual(t, refused.Status, 400, string(refused.Body))
			require.Less(t, refused.Status, 500, string(refused.Body))
			require.Equal(t, "application/problem+json", refused.Header.Get("Content-Type"))
			require.Contains(t, string(refused.Body), test.names)
		})
	}
}

// largePayload sends a few megabytes of text up and gets the analysis back.
func largePayload(t *testing.T, c caller) {
	random := make([]byte, 3<<20)
	_, _ = rand.Read(random)
	text := base64.StdEncoding.EncodeToString(random)
	slot := c.do(t, http.MethodPost, "/v1/uploads", map[string]any{"size": len(text), "contentType": "text/plain"})
	require.Equal(t, http.StatusCreated, slot.Status, string(slot.Body))
	upload := slot.JSON(t)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPut, upload["url"].(string), strings.NewReader(text))
	require.NoError(t, err)
	for name, value := range upload["headers"].(map[string]any) {
		request.Header.Set(name, value.(string))
	}
	put := send(t, request)
	require.Equal(t, http.StatusOK, put.Status, string(put.Body))

	job := c.wait(t, c.submit(t, map[string]any{"worker": worker, "upload": upload["id"]}), "succeeded")
	result := job["result"].(map[string]any)
	link, inline := result["url"].(string)
	if !inline {
		require.Contains(t, fmt.Sprint(result["value"]), fmt.Sprint("characters:", len(text)))
		return
	}
	response, err := http.Get(link) //nolint:noctx // a link that works by itself is what is tested
	require.NoError(t, err)
	defer func() { _ = response.Body.Close() }()
	raw, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.True(t, bytes.Contains(raw, []byte(fmt.Sprintf(`"characters": %d`, len(text)))), "%.200s", raw)
}
