package local_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"

	"tandem/cmd/tandem/internal/apiclient"
	"tandem/cmd/tandem/internal/local"
	"tandem/cmd/tandem/internal/local/localmodels"
	"tandem/runtime/httpapi/api"
	"tandem/runtime/models"
)

// echo is a model that gives back what it got; "slow" takes until it is cut.
func echo(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/ping" {
			return
		}
		body, _ := io.ReadAll(r.Body)
		if bytes.Contains(body, []byte("slow")) {
			<-r.Context().Done()
			return
		}
		w.Header().Set("Content-Type", r.Header.Get("Content-Type"))
		_, _ = w.Write(body)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// start runs a deployment for the test and returns a client of it.
func start(t *testing.T) (*apiclient.Client, local.Ready) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended, ready := make(chan error, 1), make(chan local.Ready, 1)
	router, err := localmodels.Router(localmodels.Default("analyser"), localmodels.Keys{})
	require.NoError(t, err)
	go func() {
		ended <- local.Run(ctx, local.Options{
			Router:  router,
			Workers: []local.Worker{{Name: "analyser", Slots: 2, Timeout: time.Minute, MaxAttempts: 1}, {Name: "trainer", Slots: 1, Timeout: time.Minute}},
			Model:   echo(t), Application: "tandem", Environment: "local", SweepEvery: 50 * time.Millisecond, Log: slog.New(slog.DiscardHandler),
		}, func(r local.Ready) { ready <- r })
	}()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-ended)
	})
	told := <-ready
	client, err := apiclient.New(apiclient.Options{URL: told.URL, Key: told.Key})
	require.NoError(t, err)
	return client, told
}

func noModels(t *testing.T) *models.Router {
	t.Helper()
	router, err := localmodels.Router(nil, localmodels.Keys{})
	require.NoError(t, err)
	return router
}

func submit(t *testing.T, client *apiclient.Client, request api.JobRequest) api.Job {
	t.Helper()
	job, err := client.Submit(t.Context(), apiclient.Submission{JobRequest: request, Wait: 10 * time.Second})
	require.NoError(t, err)
	return job
}

func TestJobsOfEachWorkerRun(t *testing.T) {
	t.Parallel()
	client, told := start(t)
	require.Equal(t, []string{"analyser", "trainer"}, told.Workers)
	for _, worker := range told.Workers {
		job := submit(t, client, api.JobRequest{Worker: worker, Input: json.RawMessage(`{"a":1}`)})
		require.Equal(t, api.JobStateSucceeded, job.State)
		require.JSONEq(t, `{"a":1}`, string(job.Result.Value))
	}
	health, err := client.Health(t.Context())
	require.NoError(t, err)
	require.Equal(t, "local", health.Environment)
}

func TestALargeInputGoesThroughAnUploadSlotAndItsResultThroughALink(t *testing.T) {
	t.Parallel()
	client, _ := start(t)
	content := bytes.Repeat([]byte("0123456789"), 1<<17)
	upload, err := client.Upload(t.Context(), apiclient.Input{Content: bytes.NewReader(content), Size: int64(len(content)), ContentType: "text/plain"})
	require.NoError(t, err)
	job := submit(t, client, api.JobRequest{Worker: "analyser", Upload: &upload})
	require.NotEmpty(t, job.Result.URL)
	var out bytes.Buffer
	_, err = client.Download(t.Context(), job, &out, nil)
	require.NoError(t, err)
	require.True(t, bytes.Equal(content, out.Bytes()))
}

func TestARunningJobIsCancelled(t *testing.T) {
	t.Parallel()
	client, _ := start(t)
	job, err := client.Submit(t.Context(), apiclient.Submission{JobRequest: api.JobRequest{Worker: "trainer", Input: json.RawMessage(`"slow"`)}})
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		read, err := client.Job(t.Context(), job.ID, 0)
		return err == nil && read.State == api.JobStateRunning
	}, 10*time.Second, 20*time.Millisecond)
	told, err := client.Cancel(t.Context(), job.ID)
	require.NoError(t, err)
	require.True(t, told.CancelRequested)
}

func TestAJobThatNobodyTakesExpiresAtItsDeadline(t *testing.T) {
	t.Parallel()
	client, _ := start(t)
	_, err := client.Submit(t.Context(), apiclient.Submission{JobRequest: api.JobRequest{Worker: "trainer", Input: json.RawMessage(`"slow"`)}})
	require.NoError(t, err)
	deadline := time.Now().Add(300 * time.Millisecond)
	job := submit(t, client, api.JobRequest{Worker: "trainer", Deadline: &deadline})
	require.Equal(t, api.JobStateExpired, job.State)
}

func TestAWebhookIsDeliveredToThisMachineAndSigned(t *testing.T) {
	t.Parallel()
	client, told := start(t)
	type call struct {
		header http.Header
		body   []byte
	}
	received := make(chan call, 1)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		received <- call{r.Header, body}
	}))
	defer receiver.Close()
	job := submit(t, client, api.JobRequest{Worker: "analyser", Webhook: &api.WebhookRequest{URL: receiver.URL}})
	got := <-received
	verifier, err := standardwebhooks.NewWebhook(told.WebhookSecret)
	require.NoError(t, err)
	require.NoError(t, verifier.Verify(got.body, got.header))
	require.Contains(t, string(got.body), job.ID)
	require.Eventually(t, func() bool {
		read, err := client.Job(t.Context(), job.ID, 0)
		return err == nil && read.Webhook.State == api.WebhookStateDelivered
	}, 5*time.Second, 20*time.Millisecond)
}

func TestAPortThatIsTakenIsNamed(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	port := listener.Addr().(*net.TCPAddr).Port
	err = local.Run(t.Context(), local.Options{Port: port, Router: noModels(t), Log: slog.New(slog.DiscardHandler)}, func(local.Ready) { t.Error("it is not ready") })
	require.ErrorContains(t, err, "choose another by --port")
}

func TestAModelThatCannotBeCalledIsAnError(t *testing.T) {
	err := local.Run(t.Context(), local.Options{Workers: []local.Worker{{Name: "w", Timeout: time.Minute}}, Model: "not a URL", Router: noModels(t),
		Log: slog.New(slog.DiscardHandler)}, func(local.Ready) {})
	require.ErrorContains(t, err, "not a URL")
}
