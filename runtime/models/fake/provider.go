package fake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"maps"
	"math"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"tandem/runtime/models"
	"tandem/runtime/models/chat"
	"tandem/runtime/settings"
)

// Options of a Provider.
type Options struct {
	// FirstToken is how long it thinks, and BetweenTokens how long between two
	// words of a stream. Defaults to no time.
	FirstToken, BetweenTokens time.Duration
	// Fail may return an error to answer a request with. Defaults to none.
	Fail func(request models.Request) error
	// Words of every answer instead of what it was told. Defaults to 0, none.
	Words int
	// Now defaults to time.Now.
	Now func() time.Time
}

// Provider implements models.Provider.
type Provider struct {
	options Options
	count   atomic.Int64
}

var _ models.Provider = (*Provider)(nil)

// New makes a provider.
func New(options Options) *Provider {
	if options.Now == nil {
		options.Now = time.Now
	}
	return &Provider{options: options}
}

// Connect returns what models.Options.Connect wants: the same provider for every route.
func Connect(options Options) models.Connect {
	provider := New(options)
	return func(settings.Route) (models.Provider, error) { return provider, nil }
}

// Chat implements models.Provider.
func (p *Provider) Chat(ctx context.Context, request models.Request) (*models.Reply, error) {
	said, err := p.begin(ctx, request)
	if err != nil {
		return nil, err
	}
	completion := chat.Completion{ID: p.id(), Model: request.Name, Created: p.options.Now(), Finish: said.finish(), Usage: said.usage}
	completion.Message.ToolCalls = said.calls
	if len(said.calls) == 0 {
		text := strings.Join(said.words, "")
		completion.Message.Content = &text
	}
	reply, err := completion.Reply()
	if err != nil || said.choices < 2 {
		return reply, err
	}
	return repeated(reply, said.choices)
}

// repeated gives an answer as many choices as were asked for, all alike.
func repeated(reply *models.Reply, times int) (*models.Reply, error) {
	var whole map[string]json.RawMessage
	var only []map[string]json.RawMessage
	err := json.Unmarshal(reply.Body, &whole)
	if err = errors.Join(err, json.Unmarshal(whole["choices"], &only)); err != nil || len(only) == 0 {
		return nil, fmt.Errorf("repeating an answer of %d choices: %w", len(only), err)
	}
	choices := make([]map[string]json.RawMessage, times)
	for i := range choices {
		choices[i] = maps.Clone(only[0])
		choices[i]["index"] = json.RawMessage(strconv.Itoa(i))
	}
	raw, err := json.Marshal(choices)
	if err != nil {
		return nil, fmt.Errorf("repeating the answer: %w", err)
	}
	whole["choices"] = raw
	reply.Body, err = json.Marshal(whole)
	return reply, err
}

// ChatStream implements models.Provider.
func (p *Provider) ChatStream(ctx context.Context, request models.Request) (models.Stream, error) {
	said, err := p.begin(ctx, request)
	if err != nil {
		return nil, err
	}
	return &stream{
		ctx: ctx, pace: p.options.BetweenTokens, said: said,
		chunks: chat.Chunks{ID: p.id(), Model: request.Name, Created: p.options.Now()},
	}, nil
}

// Embeddings implements models.Provider.
func (p *Provider) Embeddings(ctx context.Context, request models.Request) (*models.Reply, error) {
	if err := p.think(ctx, request); err != nil {
		return nil, err
	}
	asked, err := chat.ParseEmbeddings(request.Body)
	if err != nil {
		return nil, err
	}
	dimensions := asked.Dimensions
	if dimensions <= 0 {
		dimensions = 8
	}
	if dimensions > 4096 {
		return nil, models.Invalid("dimensions", "dimensions is %d, 4096 is the most.", dimensions)
	}
	list := chat.Embeddings{Model: request.Name, Base64: asked.Base64}
	for _, input := range asked.Inputs {
		list.Vectors = append(list.Vectors, vector(input, dimensions))
		list.Tokens += tokens(input)
	}
	return list.Reply()
}

func (p *Provider) id() string { return fmt.Sprintf("chatcmpl-fake-%d", p.count.Add(1)) }

func (p *Provider) think(ctx context.Context, request models.Request) error {
	if p.options.Fail != nil {
		if err := p.options.Fail(request); err != nil {
			return err
		}
	}
	return wait(ctx, p.options.FirstToken)
}

func (p *Provider) begin(ctx context.Context, request models.Request) (*utterance, error) {
	if err := p.think(ctx, request); err != nil {
		return nil, err
	}
	said, err := answer(request.Body)
	if err == nil && p.options.Words > 0 {
		said.repeat(p.options.Words)
	}
	return said, err
}

func wait(ctx context.Context, d time.Duration) error {
	if d == 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// vector is of length 1, and the same for the same text.
func vector(text string, dimensions int) []float32 {
	made := make([]float32, dimensions)
	var sum float64
	for i := range made {
		hash := fnv.New32a()
		_, _ = fmt.Fprintf(hash, "%d %s", i, text)
		made[i] = float32(hash.Sum32())/math.MaxUint32 - 0.5
		sum += float64(made[i]) * float64(made[i])
	}
	for i := range made {
		made[i] /= float32(math.Sqrt(sum))
	}
	return made
}

// stream tells an utterance piece by piece.
type stream struct {
	ctx    context.Context
	pace   time.Duration
	chunks chat.Chunks
	said   *utterance
	// step is what comes next: the start, then each piece, the end, the usage.
	step int
	done bool
}

// Next implements models.Stream.
func (s *stream) Next() (json.RawMessage, error) {
	step := s.step
	s.step++
	if step == 0 {
		return s.chunks.Start(), s.ctx.Err()
	}
	step--
	if step < s.said.pieces() {
		if err := wait(s.ctx, s.pace); err != nil {
			return nil, err
		}
		return s.said.piece(s.chunks, step), nil
	}
	switch step - s.said.pieces() {
	case 0:
		s.done = true
		return s.chunks.End(s.said.finish()), nil
	case 1:
		if s.said.wantsUsage {
			return s.chunks.Usage(s.said.usage), nil
		}
	}
	return nil, io.EOF
}

// Usage implements models.Stream.
func (s *stream) Usage() models.Usage {
	if !s.done {
		return models.Usage{}
	}
	return s.said.usage
}

// Close implements models.Stream.
func (s *stream) Close() error { return nil }
