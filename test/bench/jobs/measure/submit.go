package measure

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	submitClients = 8
	submitsARound = 4000
	// What the peers reached at 8 clients, in submits a second; docs/benchmarks.md
	// says where the figures come from.
	cortexSubmits, machinerySubmits = 539, 1033
)

// submit is the API on the emulator beside the same puts and sends alone, in turns.
func (b *Bench) submit(ctx context.Context) ([]Row, error) {
	c, err := newCloud(ctx)
	if err != nil {
		return nil, err
	}
	defer c.stop()
	loop, err := learnBare(ctx, c)
	if err != nil {
		return nil, err
	}
	client, err := c.serve(ctx)
	if err != nil {
		return nil, err
	}
	defer client.stop()
	var api, alone []float64
	var latencies []time.Duration
	for range 1 + b.Rounds {
		took, err := spread(submitsARound, func() error { return loop.submit(ctx) })
		if err != nil {
			return nil, fmt.Errorf("the bare loop: %w", err)
		}
		alone = append(alone, took.rate)
		if took, err = spread(submitsARound, func() error { return client.submit(ctx) }); err != nil {
			return nil, err
		}
		api = append(api, took.rate)
		latencies = append(latencies, took.each...)
	}
	// The first round warms up both.
	got, ceiling := median(api[1:]), median(alone[1:])
	return []Row{
		{What: "submit over HTTP on the emulator, 8 clients", Measured: fmt.Sprintf("%.0f/s (p50 %s, p99 %s)", got,
			milliseconds(percentile(latencies, 0.5)), milliseconds(percentile(latencies, 0.99))),
			Beside: fmt.Sprintf("%.0f/s bare put + send; %.0f %%", ceiling, 100*got/ceiling), Target: "90 % of bare", Met: got >= 0.9*ceiling},
		{What: "the same beside the peers", Measured: fmt.Sprintf("%.0f/s", got),
			Beside: fmt.Sprintf("Cortex %d/s, machinery %d/s (quoted)", cortexSubmits, machinerySubmits), Target: "more than both", Met: got > machinerySubmits},
	}, nil
}

// pace is how fast calls were answered.
type pace struct {
	rate float64
	each []time.Duration
}

// spread calls do so many times in all from all clients.
func spread(times int, do func() error) (pace, error) {
	var left atomic.Int64
	left.Store(int64(times))
	var mu sync.Mutex
	took := pace{each: make([]time.Duration, 0, times)}
	began := time.Now()
	err := inParallel(submitClients, func() error {
		var own []time.Duration
		for left.Add(-1) >= 0 {
			sent := time.Now()
			if err := do(); err != nil {
				return err
			}
			own = append(own, time.Since(sent))
		}
		mu.Lock()
		defer mu.Unlock()
		took.each = append(took.each, own...)
		return nil
	})
	took.rate = float64(times) / time.Since(began).Seconds()
	return took, err
}

// apiClient submits over HTTP.
type apiClient struct {
	url, key string
	client   *http.Client
	stop     func()
}

// serve answers for the cloud's API on a socket of this process.
func (c *cloud) serve(ctx context.Context) (*apiClient, error) {
	handler, key, err := newAPI(ctx, c.deploy(c.config, nil).service)
	if err != nil {
		return nil, err
	}
	endpoint, stop, err := startServer(ctx, handler)
	if err != nil {
		return nil, err
	}
	return &apiClient{url: endpoint + "/v1/jobs", key: key, stop: stop,
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: submitClients}}}, nil
}

func (a *apiClient) submit(ctx context.Context) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, a.url, strings.NewReader(shortJob))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+a.key)
	request.Header.Set("Content-Type", "application/json")
	answer, err := a.client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusAccepted {
		return fmt.Errorf("the API answered %d: %s: %w", answer.StatusCode, body, err)
	}
	return nil
}
