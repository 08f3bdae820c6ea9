package model_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/test/fault/model"
)

// local is the local API of a worker that keeps steps and one checkpoint.
type local struct {
	mutex      sync.Mutex
	steps      map[string]string
	checkpoint string
	stop, over bool
	// busy answers are given before the right ones.
	busy int
}

func (l *local) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	body, _ := io.ReadAll(r.Body)
	key := strings.TrimPrefix(r.URL.Path, "/v1/steps/")
	switch {
	case l.busy > 0:
		l.busy--
		w.WriteHeader(http.StatusServiceUnavailable)
	case l.over:
		w.WriteHeader(http.StatusConflict)
	case r.URL.Path == "/v1/stop" && l.stop:
		_, _ = w.Write([]byte(`{"reason":"spot"}`))
	case r.URL.Path == "/v1/stop":
		w.WriteHeader(http.StatusNoContent)
	case r.URL.Path == "/v1/checkpoint" && r.Method == http.MethodPut:
		l.checkpoint = string(body)
	case r.URL.Path == "/v1/checkpoint":
		_, _ = w.Write([]byte(l.checkpoint))
	case r.Method == http.MethodPut && l.steps[key] == "":
		l.steps[key] = string(body)
		w.WriteHeader(http.StatusCreated)
	case l.steps[key] == "":
		w.WriteHeader(http.StatusNotFound)
	default:
		_, _ = w.Write([]byte(l.steps[key]))
	}
}

type container struct {
	url, api string
	local    *local
	out      bytes.Buffer
	exits    []int
}

func newContainer(t *testing.T) *container {
	t.Helper()
	c := &container{local: &local{steps: map[string]string{}}}
	api := httptest.NewServer(c.local)
	t.Cleanup(api.Close)
	server := httptest.NewServer(model.NewServer(&c.out, func(status int) { c.exits = append(c.exits, status) }).Handler())
	t.Cleanup(server.Close)
	c.url, c.api = server.URL, api.URL+"/v1"
	return c
}

// invoke returns the status, or 0 for what is no answer, and the body.
func (c *container) invoke(t *testing.T, fence string, script model.Script) (int, string) {
	t.Helper()
	input, err := json.Marshal(script)
	require.NoError(t, err)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.url+"/invocations", bytes.NewReader(input))
	require.NoError(t, err)
	for name, value := range map[string]string{"X-Tandem-Job": "j", "X-Tandem-Attempt": fence, "X-Tandem-Api": c.api} {
		request.Header.Set(name, value)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, ""
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, ""
	}
	return response.StatusCode, string(body)
}

func (c *container) told() (told []string) {
	for line := range strings.Lines(c.out.String()) {
		var record model.Record
		if json.Unmarshal([]byte(line), &record) == nil {
			told = append(told, strings.TrimSpace(record.What+" "+record.Key+record.Outcome))
		}
	}
	return told
}

func TestAResultTellsWhoMadeIt(t *testing.T) {
	c := newContainer(t)
	status, body := c.invoke(t, "3", model.Script{Millis: 1, Result: 10})
	require.Equal(t, http.StatusOK, status)
	var result model.Result
	require.NoError(t, json.Unmarshal([]byte(body), &result))
	require.Equal(t, "j", result.Job)
	require.EqualValues(t, 3, result.Fence)
	require.Len(t, result.Pad, 10)
	require.Contains(t, c.out.String(), result.ID)
	require.Equal(t, []string{"began", "ended answered"}, c.told())
}

func TestAStoredStepIsNotRunAgain(t *testing.T) {
	c := newContainer(t)
	c.local.busy = 2
	script := model.Script{Millis: 2, Steps: 2}
	_, first := c.invoke(t, "1", script)
	_, second := c.invoke(t, "2", script)
	var one, two model.Result
	require.NoError(t, json.Unmarshal([]byte(first), &one))
	require.NoError(t, json.Unmarshal([]byte(second), &two))
	require.Len(t, one.Steps, 2)
	require.Equal(t, one.Steps, two.Steps)
	require.Equal(t, []string{"began", "missed step-0", "stored step-0", "missed step-1", "stored step-1", "ended answered",
		"began", "stored step-0", "stored step-1", "ended answered"}, c.told())
}

func TestWorkGoesOnFromTheCheckpoint(t *testing.T) {
	c := newContainer(t)
	c.local.checkpoint = "2"
	status, _ := c.invoke(t, "2", model.Script{Millis: 3, Checkpoints: 3})
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, []string{"began", "loaded", "saved", "ended answered"}, c.told())
	require.Equal(t, "3", strings.TrimSpace(c.local.checkpoint))
}

func TestAContainerStopsWhenItIsTold(t *testing.T) {
	c := newContainer(t)
	c.local.stop = true
	status, _ := c.invoke(t, "1", model.Script{Millis: 4000, Checkpoints: 20})
	require.Equal(t, http.StatusServiceUnavailable, status)
	told := c.told()
	require.Equal(t, "ended told to stop", told[len(told)-1])
	require.Less(t, len(told), 10)
}

func TestAContainerWithoutASayGivesUp(t *testing.T) {
	c := newContainer(t)
	c.local.over = true
	status, _ := c.invoke(t, "1", model.Script{Millis: 1, Steps: 1})
	require.Equal(t, http.StatusServiceUnavailable, status)
	require.Equal(t, []string{"began", "ended the local API refused"}, c.told())
}

func TestAContainerMisbehavesAsItIsTold(t *testing.T) {
	for name, c := range map[string]struct {
		script model.Script
		status int
	}{
		"fails":         {model.Script{Misbehaves: model.Fails}, 500},
		"half a body":   {model.Script{Misbehaves: model.Garbage, Number: 0}, 0},
		"no end":        {model.Script{Misbehaves: model.Garbage, Number: 1}, 0},
		"no HTTP":       {model.Script{Misbehaves: model.Garbage, Number: 2}, 0},
		"no such thing": {model.Script{}, 200},
	} {
		t.Run(name, func(t *testing.T) {
			container := newContainer(t)
			status, _ := container.invoke(t, "1", c.script)
			require.Equal(t, c.status, status)
			status, _ = container.invoke(t, "2", c.script)
			require.Equal(t, 200, status, "only the first attempt")
		})
	}
	t.Run("crashes", func(t *testing.T) {
		container := newContainer(t)
		container.invoke(t, "1", model.Script{Misbehaves: model.Crashes})
		require.Equal(t, []int{1}, container.exits)
	})
}

func TestAMutedContainerDoesNotAnswerPings(t *testing.T) {
	c := newContainer(t)
	get := func() error {
		response, err := (&http.Client{Timeout: 100 * 1e6}).Get(c.url + "/ping")
		if err == nil {
			response.Body.Close()
		}
		return err
	}
	require.NoError(t, get())
	response, err := http.Post(c.url+"/mute?seconds=30", "", nil)
	require.NoError(t, err)
	response.Body.Close()
	require.Error(t, get())
}
