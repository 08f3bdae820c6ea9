package modelsapi_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/chatjob"
	"tandem/runtime/httpapi/api"
	"tandem/runtime/models"
)

func never(ctx context.Context, _ models.Call) (*models.Answer, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func neverBegins(ctx context.Context, call models.Call, _ func(json.RawMessage) error) (models.Served, error) {
	_, err := never(ctx, call)
	return models.Served{}, err
}

// job returns the job that took over.
func (f *fixture) job(got interface{ Result() *http.Response }) api.Job {
	f.t.Helper()
	response := got.Result()
	body, err := io.ReadAll(response.Body)
	require.NoError(f.t, err)
	require.Equal(f.t, http.StatusAccepted, response.StatusCode, "%s", body)
	var job api.Job
	require.NoError(f.t, json.Unmarshal(body, &job))
	require.Equal(f.t, "/v1/jobs/"+job.ID, response.Header.Get("Location"))
	require.Equal(f.t, "2", response.Header.Get("X-Tandem-Tier"))
	return job
}

// input is what the container of a job gets.
func (f *fixture) input(id string) (contentType string, body []byte) {
	f.t.Helper()
	job, err := f.service.Get(f.t.Context(), "acme", id)
	require.NoError(f.t, err)
	if job.Input.BlobKey == "" {
		return job.Input.ContentType, job.Input.Inline
	}
	reader, _, err := f.blobs.Get(f.t.Context(), job.Input.BlobKey)
	require.NoError(f.t, err)
	body, err = io.ReadAll(reader)
	require.NoError(f.t, err)
	return job.Input.ContentType, body
}

func TestAClientThatAsksForAJobGetsOneAtOnce(t *testing.T) {
	f := newFixture(t, router{})
	got := f.post(chatPath, `{"model": "analyst", "messages": [{"role": "user", "content": "a"}], "stream": true, "stream_options": {"include_usage": true}, "seed": 7}`,
		"Prefer", "respond-async")
	job := f.job(got)
	require.Equal(t, "respond-async", got.Header().Get("Preference-Applied"))
	require.Equal(t, "analyser", job.Worker)
	require.Equal(t, map[string]string{"model": "analyst"}, job.Metadata)
	require.Equal(t, []string{"analyser"}, f.woken.workers)
	contentType, input := f.input(job.ID)
	require.True(t, chatjob.Marked(contentType))
	require.JSONEq(t, `{"model": "analyst", "messages": [{"role": "user", "content": "a"}], "stream": false, "stream_options": null, "seed": 7}`, string(input))
}

func TestARequestBecomesAJobWhenItIsNotAnsweredInTheTimeThatTheClientWaits(t *testing.T) {
	for name, body := range map[string]string{"whole": question, "streamed": strings.Replace(question, `"x": 1.50`, `"stream": true`, 1)} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, router{chat: never, stream: neverBegins})
			synctest.Test(t, func(t *testing.T) {
				f.t = t
				began := time.Now()
				got := f.post(chatPath, body, "Prefer", "wait=5")
				f.job(got)
				require.Equal(t, 5*time.Second, time.Since(began))
				require.Equal(t, "wait=5", got.Header().Get("Preference-Applied"))
			})
		})
	}
}

func TestAWaitBeyondTheLimitEndsWithTheLimit(t *testing.T) {
	f := newFixture(t, router{chat: never})
	synctest.Test(t, func(t *testing.T) {
		f.t = t
		began := time.Now()
		f.job(f.post(chatPath, question, "Prefer", "respond-async, wait=600"))
		require.Equal(t, 58*time.Second, time.Since(began))
	})
}

func TestAServiceThatIsColdHandsOver(t *testing.T) {
	cold := &models.Error{Status: 503, Type: models.TypeServer, Code: models.CodeCold, Message: "m", RetryAfter: 30 * time.Second}
	f := newFixture(t, router{chat: func(context.Context, models.Call) (*models.Answer, error) { return nil, cold }})
	f.job(f.post(chatPath, question, "Prefer", "wait=5"))
	require.Equal(t, "service_starting", failed(t, f.post(chatPath, question), http.StatusServiceUnavailable).code())
}

func TestAPreferenceThatCannotBeFollowedIsIgnored(t *testing.T) {
	f := newFixture(t, router{chat: answering(completion)})
	got := f.post(chatPath, strings.Replace(question, "analyst", "assistant", 1), "Prefer", "respond-async")
	require.Equal(t, http.StatusOK, got.Code)
	require.Empty(t, got.Header().Get("Preference-Applied"))
}

func TestAnAnswerInTimeIsNoJob(t *testing.T) {
	f := newFixture(t, router{chat: answering(completion)})
	require.Equal(t, completion, f.post(chatPath, question, "Prefer", "wait=5").Body.String())
	require.Empty(t, f.woken.workers)
}

func TestALongPromptBecomesAJobToo(t *testing.T) {
	f := newFixture(t, router{})
	body := `{"model": "analyst", "messages": [{"role": "user", "content": "` + strings.Repeat("long ", 1<<20) + `"}]}`
	job := f.job(f.post(chatPath, body, "Prefer", "respond-async"))
	contentType, input := f.input(job.ID)
	require.True(t, chatjob.Marked(contentType))
	require.Equal(t, body, string(input))
}

func TestARepeatedRequestIsTheSameJob(t *testing.T) {
	f := newFixture(t, router{})
	large := strings.Replace(question, "Is it so?", strings.Repeat("long ", 1<<17), 1)
	for name, body := range map[string]string{"small": question, "large": large} {
		t.Run(name, func(t *testing.T) {
			first := f.job(f.post(chatPath, body, "Prefer", "respond-async", "Idempotency-Key", name))
			again := f.job(f.post(chatPath, body, "Prefer", "respond-async", "Idempotency-Key", name))
			require.Equal(t, first.ID, again.ID)
			other := strings.Replace(body, "user", "system", 1)
			conflict := f.post(chatPath, other, "Prefer", "respond-async", "Idempotency-Key", name)
			require.Equal(t, "idempotency_key_reused", failed(t, conflict, http.StatusConflict).code())
		})
	}
}
