package measure

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"tandem/runtime/models"
	"tandem/test/bench/report"
)

// The provider thinks for 20 ms, a good deal less than real ones: with 16
// clients the machine is then busy but not full, and times are those of calls
// and not of queues.
var (
	latencyPace = pace{think: 20 * time.Millisecond}
	streamPace  = pace{think: 20 * time.Millisecond, chunks: 5, pause: time.Millisecond}
)

// What the router may add.
const (
	addedP50 = 300 * time.Microsecond
	addedP99 = time.Millisecond
)

const (
	latencyRounds = 4
	latencyFor    = 1500 * time.Millisecond
)

// router measures the router in the process of the caller.
func (b *Bench) router(ctx context.Context) ([]Row, error) {
	router, err := newRouter(b.provider.address, latencyPace, streamPace)
	if err != nil {
		return nil, err
	}
	answer := func(ctx context.Context) (time.Duration, error) {
		began := time.Now()
		_, err := router.Chat(ctx, models.Call{Tenant: "acme", Model: modelFor(latencyPace), Body: json.RawMessage(question(modelFor(latencyPace), false))})
		return time.Since(began), err
	}
	stream := func(ctx context.Context) (time.Duration, error) {
		served, err := router.ChatStream(ctx, models.Call{Tenant: "acme", Model: modelFor(streamPace), Body: json.RawMessage(question(modelFor(streamPace), true))},
			func(json.RawMessage) error { return nil })
		return served.FirstToken, err
	}
	took, err := inTurns(ctx, latencyRounds, latencyFor,
		overHTTP(b.direct(), latencyPace, false), answer, overHTTP(b.direct(), streamPace, true), stream)
	if err != nil {
		return nil, err
	}
	return []Row{
		added("the router adds to an answer", took[0], took[1]),
		added("the router adds to the first token of a stream", took[2], took[3]),
	}, nil
}

func added(what string, without, with []time.Duration) Row {
	p50, p99 := report.Percentile(with, 0.5)-report.Percentile(without, 0.5), report.Percentile(with, 0.99)-report.Percentile(without, 0.99)
	return Row{
		What:     fmt.Sprintf("%s, %d clients", what, clients),
		Measured: fmt.Sprintf("%s at p50, %s at p99", microseconds(p50), microseconds(p99)),
		Beside:   fmt.Sprintf("the provider directly %s and %s, %d calls", report.Milliseconds(report.Percentile(without, 0.5)), report.Milliseconds(report.Percentile(without, 0.99)), len(without)),
		Target:   "300 us, 1 ms", Met: p50 <= addedP50 && p99 <= addedP99,
	}
}

// proxy measures the whole API over HTTP, beside LiteLLM's.
func (b *Bench) proxy(ctx context.Context) ([]Row, error) {
	tandem, err := b.tandem(ctx)
	if err != nil {
		return nil, err
	}
	peer, err := b.litellm(ctx)
	if err != nil {
		return nil, err
	}
	var rows []Row
	for _, each := range []struct {
		what   string
		pace   pace
		stream bool
	}{{"the API adds to an answer", latencyPace, false}, {"the API adds to the first token of a stream", streamPace, true}} {
		ways := []call{overHTTP(b.direct(), each.pace, each.stream), overHTTP(tandem, each.pace, each.stream)}
		if peer != nil {
			ways = append(ways, overHTTP(peer, each.pace, each.stream))
		}
		took, err := inTurns(ctx, latencyRounds, latencyFor, ways...)
		if err != nil {
			return rows, err
		}
		row := added(each.what+" over HTTP", took[0], took[1])
		row.Target = "" // another hop; the target is the router's
		if peer != nil {
			p50, p99 := report.Percentile(took[2], 0.5)-report.Percentile(took[0], 0.5), report.Percentile(took[2], 0.99)-report.Percentile(took[0], 0.99)
			row.Beside = fmt.Sprintf("LiteLLM %s and %s", report.Milliseconds(p50), report.Milliseconds(p99))
		}
		rows = append(rows, row)
	}
	return rows, nil
}
