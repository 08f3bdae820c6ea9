package program

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"tandem/runtime/settings"
	"tandem/runtime/worker"
)

// withHealth adds /healthz.
func withHealth(w *worker.Worker, next http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(response http.ResponseWriter, _ *http.Request) {
		if err := w.Healthy(); err != nil {
			http.Error(response, err.Error(), http.StatusServiceUnavailable)
			return
		}
		_, _ = io.WriteString(response, "ok\n")
	})
	mux.Handle("/", next)
	return mux
}

func metricsHandler(registry *prometheus.Registry) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	return mux
}

// health asks the worker in the same container.
func health(ctx context.Context, streams Streams) error {
	s, err := settings.Load[settings.Worker](streams.Environ)
	if err != nil {
		return err
	}
	host, port, err := net.SplitHostPort(s.LocalAddress)
	if err != nil {
		return fmt.Errorf("reading the local API's address %q: %w", s.LocalAddress, err)
	}
	if host == "" || host == "0.0.0.0" {
		host = "127.0.0.1"
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+"/healthz", nil)
	if err != nil {
		return fmt.Errorf("asking the worker for its health: %w", err)
	}
	response, err := (&http.Transport{}).RoundTrip(request)
	if err != nil {
		return fmt.Errorf("asking the worker for its health: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(response.Body, 1<<10))
		return fmt.Errorf("the worker is not well: %d %s", response.StatusCode, text)
	}
	return nil
}
