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

	"tandem/test/bench/report"
)

const (
	submitClients  = 8
	submitsARound  = 4000
	submitsOfPeers = 1500
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
	rivals, err := b.startPeers(ctx, c)
	if err != nil {
		return nil, err
	}
	defer rivals.stop()
	var api, alone rounds
	for range 1 + b.Rounds {
		err := alone.add(c.emulator.PID(), submitsARound, func() (pace, error) {
			return spread(submitsARound, func() error { return loop.submit(ctx) })
		})
		if err != nil {
			return nil, fmt.Errorf("the bare loop: %w", err)
		}
		err = api.add(c.emulator.PID(), submitsARound, func() (pace, error) {
			return spread(submitsARound, func() error { return client.submit(ctx) })
		})
		if err != nil {
			return nil, err
		}
		if err := rivals.submit(ctx); err != nil {
			return nil, err
		}
		b.say("so far: bare %.0f, API %.0f, Cortex %.0f, machinery %.0f a second", alone.rates, api.rates, rivals.ofCortex.rates, rivals.ofMachinery.rates)
	}
	got, ceiling := api.rate(0), alone.rate(0)
	cortex, machinery := rivals.ofCortex.rate(quotedCortexSubmits), rivals.ofMachinery.rate(quotedMachinerySubmits)
	return []Row{
		{What: "submit over HTTP on the emulator, 8 clients (emulator's CPU each)", Measured: fmt.Sprintf("%v, p50 %s, p99 %s", got,
			report.Milliseconds(report.Percentile(api.latencies, 0.5)), report.Milliseconds(report.Percentile(api.latencies, 0.99))),
			Beside: fmt.Sprintf("%v bare put + send; %.0f %%", ceiling, 100*got.perSecond/ceiling.perSecond), Target: "90 % of bare", Met: got.perSecond >= 0.9*ceiling.perSecond},
		{What: "the same beside the peers", Measured: got.String(),
			Beside: fmt.Sprintf("Cortex's gateway %v; machinery %v, in the caller's process", cortex, machinery), Target: "more than both",
			Met: got.perSecond > max(cortex.perSecond, machinery.perSecond)},
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
