package program_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/settings"
	"tandem/runtime/worker/program"
)

func TestHealthChecksPassOnceTheModelIsWarmAndTheProgramStopsAtOnce(t *testing.T) {
	var warm, sick atomic.Bool
	model := httptest.NewServer(http.HandlerFunc(func(response http.ResponseWriter, request *http.Request) {
		if request.Method == http.MethodPost {
			body, _ := io.ReadAll(request.Body)
			warm.Store(request.URL.Path == "/v1/embeddings" && string(body) == `{"input":"a"}`)
		}
		if sick.Load() {
			http.Error(response, "out of memory", http.StatusInternalServerError)
		}
	}))
	defer model.Close()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, free.Close())
	var environ []string
	for name, value := range settings.Encode(settings.Warm{Endpoint: model.URL, HealthPath: "/health", Path: "/v1/embeddings",
		Body: `{"input":"a"}`, Address: free.Addr().String()}) {
		environ = append(environ, name+"="+value)
	}

	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan int, 1)
	var log output
	go func() {
		ended <- program.Main(ctx, []string{settings.WorkerWarm}, program.Streams{Environ: environ, Stdout: &log, Stderr: &log})
	}()
	asked := func() int {
		response, err := http.Get("http://" + free.Addr().String() + "/healthz")
		if err != nil {
			return 0
		}
		defer response.Body.Close()
		return response.StatusCode
	}
	require.Eventually(t, func() bool { return asked() == http.StatusOK }, 10*time.Second, 10*time.Millisecond, log.String())
	require.True(t, warm.Load())
	sick.Store(true)
	require.Equal(t, http.StatusServiceUnavailable, asked())
	stop()
	select {
	case status := <-ended:
		require.Zero(t, status, log.String())
	case <-time.After(5 * time.Second):
		t.Fatal("it does not stop")
	}
	require.Zero(t, asked(), "nobody answers any more")
}

func TestWarmingUpNeedsToKnowWhom(t *testing.T) {
	var log output
	require.Equal(t, 1, program.Main(t.Context(), []string{settings.WorkerWarm}, program.Streams{Stdout: &log, Stderr: &log}))
	for _, name := range []string{"TANDEM_WARM_ENDPOINT", "TANDEM_WARM_HEALTH_PATH", "TANDEM_WARM_PATH", "TANDEM_WARM_BODY"} {
		require.Contains(t, log.String(), name)
	}
}
