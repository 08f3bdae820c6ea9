package measure

import (
	"context"
	"fmt"
	"time"
)

// ratePace is a provider that answers at once.
var ratePace = pace{chunks: 20}

const (
	rateFor = 5 * time.Second
	// timesFaster is the target beside LiteLLM.
	timesFaster = 10
)

// rate measures what a core does, by the server's own CPU time.
func (b *Bench) rate(ctx context.Context) ([]Row, error) {
	tandem, err := b.tandem(ctx)
	if err != nil {
		return nil, err
	}
	other, err := b.litellm(ctx)
	if err != nil {
		return nil, err
	}
	var rows []Row
	for _, stream := range []bool{false, true} {
		what := "answers"
		if stream {
			what = fmt.Sprintf("streams of %d chunks", ratePace.chunks)
		}
		own, err := perCore(ctx, tandem, stream)
		if err != nil {
			return rows, err
		}
		row := Row{What: what + " a second of the server's CPU time", Measured: fmt.Sprintf("%.0f", own)}
		if other != nil {
			theirs, err := perCore(ctx, other, stream)
			if err != nil {
				return rows, err
			}
			row.Beside = fmt.Sprintf("LiteLLM %.0f; %.0f times", theirs, own/theirs)
			row.Target, row.Met = "10 times", own >= timesFaster*theirs
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func perCore(ctx context.Context, p *peer, stream bool) (float64, error) {
	way := overHTTP(p, ratePace, stream)
	if _, err := together(ctx, time.Second, way); err != nil {
		return 0, err
	}
	before, err := p.cpu()
	if err != nil {
		return 0, err
	}
	took, err := together(ctx, rateFor, way)
	if err != nil {
		return 0, err
	}
	after, err := p.cpu()
	if err != nil {
		return 0, err
	}
	return float64(len(took)) / (after - before).Seconds(), nil
}
