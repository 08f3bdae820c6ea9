package warmup

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

const (
	// askLimit bounds one question for the server's health, below the ten seconds
	// that the load balancer gives a health check.
	askLimit = 8 * time.Second
	// maxPause between two warm-up requests that failed.
	maxPause = 30 * time.Second
	// remind is how often a server that is not ready is told of.
	remind = time.Minute
	// shown is how much of a refusal is told, in bytes.
	shown = 500
)

// Options say who is warmed up, and how.
type Options struct {
	// Endpoint of the server, such as http://127.0.0.1:8000. Required.
	Endpoint string
	// HealthPath answers 200 once the model is loaded. Required.
	HealthPath string
	// Path takes the warm-up request. Required.
	Path string
	// Body of the request, JSON.
	Body []byte
	// Timeout of one request; one that takes longer is made again. Defaults to 2 min.
	Timeout time.Duration
	// Every is the pause between two looks at a server that is not ready. Defaults to 1 s.
	Every time.Duration
	// Transport defaults to one of its own.
	Transport http.RoundTripper
	// Log defaults to silence.
	Log *slog.Logger
}

// Warmer warms a server up and answers for its health. It is safe for
// concurrent use.
type Warmer struct {
	options Options
	client  *http.Client
	warm    atomic.Bool
}

// New makes a Warmer for a server that is cold.
func New(options Options) (*Warmer, error) {
	if options.Endpoint == "" || !strings.HasPrefix(options.HealthPath, "/") || !strings.HasPrefix(options.Path, "/") {
		return nil, errors.New("warming up needs the server's endpoint, and its health path and the request's with a slash before them")
	}
	options.Endpoint = strings.TrimSuffix(options.Endpoint, "/")
	if options.Timeout <= 0 {
		options.Timeout = 2 * time.Minute
	}
	if options.Every <= 0 {
		options.Every = time.Second
	}
	if options.Transport == nil {
		options.Transport = &http.Transport{MaxIdleConnsPerHost: 2, IdleConnTimeout: time.Minute}
	}
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	// A redirect is an answer, and not one of health.
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Warmer{options: options, client: &http.Client{Transport: options.Transport, CheckRedirect: stay}}, nil
}

// Warm waits until the server is ready and has served the request. It returns
// nil then, or the context's error.
func (w *Warmer) Warm(ctx context.Context) error {
	begun := time.Now()
	for pause := w.options.Every; ; pause = min(2*pause, maxPause) {
		if err := w.ready(ctx, begun); err != nil {
			return err
		}
		asked := time.Now()
		err := w.request(ctx)
		if err == nil {
			w.warm.Store(true)
			w.options.Log.Info("the model is warm", "seconds", time.Since(asked).Seconds(), "afterSeconds", time.Since(begun).Seconds())
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		w.options.Log.Error("the warm-up request failed; the model gets no requests until one succeeds", "path", w.options.Path, "error", err)
		if err := sleep(ctx, pause); err != nil {
			return err
		}
	}
}

// ready waits for the health path.
func (w *Warmer) ready(ctx context.Context, begun time.Time) error {
	told := begun
	for {
		err := w.healthy(ctx)
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case time.Since(told) >= remind:
			told = time.Now()
			w.options.Log.Info("the model is not ready yet", "afterSeconds", time.Since(begun).Seconds(), "error", err)
		}
		if err := sleep(ctx, w.options.Every); err != nil {
			return err
		}
	}
}

func (w *Warmer) healthy(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, w.options.Endpoint+w.options.HealthPath, nil)
	if err != nil {
		return fmt.Errorf("asking the model for its health: %w", err)
	}
	response, err := w.client.Do(request)
	if err != nil {
		return fmt.Errorf("asking the model for its health: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return refusal(w.options.HealthPath, response)
	}
	return nil
}

func (w *Warmer) request(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, w.options.Timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, w.options.Endpoint+w.options.Path, bytes.NewReader(w.options.Body))
	if err != nil {
		return fmt.Errorf("making the warm-up request: %w", err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := w.client.Do(request)
	if err != nil {
		return fmt.Errorf("making the warm-up request: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode < 200 || response.StatusCode >= 300 {
		return refusal(w.options.Path, response)
	}
	// A stream is served when it has ended.
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return fmt.Errorf("reading the answer to the warm-up request: %w", err)
	}
	return nil
}

func refusal(path string, response *http.Response) error {
	text, _ := io.ReadAll(io.LimitReader(response.Body, shown)) // what there is of it serves
	return fmt.Errorf("the model answered %s with %d: %s", path, response.StatusCode, bytes.TrimSpace(text))
}

// ServeHTTP answers a health check: 200 where the model is warm and says itself
// that it is well, else 503 with the reason.
func (w *Warmer) ServeHTTP(response http.ResponseWriter, request *http.Request) {
	if !w.warm.Load() {
		http.Error(response, "the model has not served its warm-up request yet", http.StatusServiceUnavailable)
		return
	}
	if err := w.healthy(request.Context()); err != nil {
		http.Error(response, err.Error(), http.StatusServiceUnavailable)
		return
	}
	_, _ = io.WriteString(response, "ok\n")
}

func sleep(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
