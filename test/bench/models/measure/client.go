package measure

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"tandem/runtime/models/upstream"
)

// clients is how many call at once, as the target says.
const clients = 16

// call makes one call and returns the time to the answer, or to the first token
// of a stream.
type call func(ctx context.Context) (time.Duration, error)

// overHTTP calls a peer as any client would.
func overHTTP(p *peer, at pace, stream bool) call {
	client := upstream.NewClient()
	body := question(p.model(at), stream)
	url := p.base(at) + "/chat/completions"
	return func(ctx context.Context) (time.Duration, error) {
		began := time.Now()
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(body))
		if err != nil {
			return 0, err
		}
		request.Header.Set("Authorization", "Bearer "+p.key)
		request.Header.Set("Content-Type", "application/json")
		response, err := client.Do(request)
		if err != nil {
			return 0, err
		}
		defer func() { _ = response.Body.Close() }()
		if response.StatusCode != http.StatusOK {
			said, _ := io.ReadAll(io.LimitReader(response.Body, 1000))
			return 0, fmt.Errorf("%s answered %d: %s", p.name, response.StatusCode, said)
		}
		if !stream {
			_, err = io.Copy(io.Discard, response.Body)
			return time.Since(began), err
		}
		return firstToken(began, response.Body)
	}
}

// firstToken reads a stream to its end and returns when the first word came.
func firstToken(began time.Time, body io.Reader) (time.Duration, error) {
	var first time.Duration
	buffer := make([]byte, 0, 64<<10)
	piece := make([]byte, 4096)
	for {
		n, err := body.Read(piece)
		if first == 0 {
			buffer = append(buffer, piece[:n]...)
			if bytes.Contains(buffer, []byte("word")) {
				first = time.Since(began)
			}
		}
		switch {
		case err == io.EOF && first > 0:
			return first, nil
		case err != nil:
			return 0, fmt.Errorf("a stream ended without a word: %w", err)
		}
	}
}

func question(model string, stream bool) string {
	return fmt.Sprintf(`{"model":%q,"stream":%t,"messages":[{"role":"system","content":"You are brief."},{"role":"user","content":"What does the fox do?"}],"temperature":0.2,"max_tokens":100}`, model, stream)
}

// inTurns calls from all clients at once for a while, each way in turns, and
// returns what each took.
func inTurns(ctx context.Context, rounds int, each time.Duration, ways ...call) ([][]time.Duration, error) {
	took := make([][]time.Duration, len(ways))
	for round := range rounds + 1 {
		for i, way := range ways {
			got, err := together(ctx, each, way)
			if err != nil {
				return nil, err
			}
			if round > 0 { // the first warms up
				took[i] = append(took[i], got...)
			}
		}
	}
	return took, nil
}

func together(ctx context.Context, duration time.Duration, way call) ([]time.Duration, error) {
	var mu sync.Mutex
	var all []time.Duration
	var failed error
	var group sync.WaitGroup
	until := time.Now().Add(duration)
	for range clients {
		group.Go(func() {
			var own []time.Duration
			for time.Now().Before(until) && ctx.Err() == nil {
				took, err := way(ctx)
				if err != nil {
					mu.Lock()
					failed = err
					mu.Unlock()
					return
				}
				own = append(own, took)
			}
			mu.Lock()
			all = append(all, own...)
			mu.Unlock()
		})
	}
	group.Wait()
	return all, failed
}
