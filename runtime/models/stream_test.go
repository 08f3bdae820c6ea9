package models_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/models"
)

// streamed reads a stream to its end.
func (b *bench) streamed(ctx context.Context) (chunks []string, served models.Served, err error) {
	served, err = b.ChatStream(ctx, call, func(chunk json.RawMessage) error {
		chunks = append(chunks, string(chunk))
		return nil
	})
	return chunks, served, err
}

func TestAStreamArrivesWhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &place{chunks: []string{start, token, token, end}, do: func(context.Context, int, models.Request) error {
			time.Sleep(time.Second)
			return nil
		}}
		b := newBench(t, models.Options{}, p)
		chunks, served, err := b.streamed(t.Context())
		require.NoError(t, err)
		require.Equal(t, p.chunks, chunks)
		require.Equal(t, used, served.Usage)
		require.Equal(t, time.Second, served.FirstToken)
		require.Positive(t, p.closed)
		require.Equal(t, served, b.meter.records[0])
	})
}

func TestAnotherRouteTakesOverUntilTheFirstToken(t *testing.T) {
	broken := errors.New("connection reset")
	for name, first := range map[string]*place{
		"when it refuses":                     {do: always(status(500))},
		"when it sends nothing":               {after: broken},
		"when it only says who speaks":        {chunks: []string{start}, after: broken},
		"when it says so and then fails":      {chunks: []string{start, start}, after: status(529)},
		"when its answer is empty":            {},
		"when it sends a hint of usage first": {chunks: []string{`{"choices":[],"usage":{}}`, start}, after: broken},
	} {
		t.Run(name, func(t *testing.T) {
			second := &place{chunks: []string{start, token, end}}
			chunks, served, err := newBench(t, models.Options{}, first, second).streamed(t.Context())
			require.NoError(t, err)
			require.Equal(t, "r1", served.UpstreamModel)
			require.Equal(t, second.chunks, chunks, "nothing of the first is seen")
		})
	}
}

func TestNoRouteTakesOverAfterTheFirstToken(t *testing.T) {
	for name, after := range map[string]error{"cut": errors.New("connection reset"), "failed": status(529), "not its language": &models.Error{Status: 502, Code: models.CodeMalformed}} {
		t.Run(name, func(t *testing.T) {
			first, second := &place{chunks: []string{start, token, token}, after: after}, &place{chunks: []string{start, token, end}}
			b := newBench(t, models.Options{}, first, second)
			chunks, served, err := b.streamed(t.Context())
			var cut *models.Error
			require.ErrorAs(t, err, &cut)
			require.Equal(t, []any{502, "The model's answer broke off."}, []any{cut.Status, cut.Message})
			require.Equal(t, first.chunks, chunks)
			require.Zero(t, second.called())
			require.Equal(t, models.Usage{Input: len(call.Body) / 4, Output: 3, Estimated: true}, served.Usage, "what was used is guessed")
			require.Error(t, b.meter.errs[0])
			require.Positive(t, first.closed)
		})
	}
}

func TestAToolCallIsATokenToo(t *testing.T) {
	const tool = `{"choices":[{"delta":{"role":"assistant","tool_calls":[{"index":0,"id":"1"}]}}]}`
	chunks, _, err := newBench(t, models.Options{}, &place{chunks: []string{tool}, after: errors.New("reset")}, &place{}).streamed(t.Context())
	require.Error(t, err)
	require.Equal(t, []string{tool}, chunks)
}

func TestAClientThatHangsUpEndsTheStream(t *testing.T) {
	p := &place{chunks: []string{start, token, token, end}}
	gone := errors.New("broken pipe")
	b := newBench(t, models.Options{}, p)
	_, err := b.ChatStream(t.Context(), call, func(json.RawMessage) error { return gone })
	require.ErrorIs(t, err, gone)
	require.Positive(t, p.closed)
	require.True(t, b.meter.records[0].Usage.Estimated)
}

func TestASilentStreamEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		chunks, _, err := newBench(t, models.Options{IdleTimeout: time.Minute}, &place{chunks: []string{start, token}, hang: true}).streamed(t.Context())
		require.ErrorContains(t, err, "broke off")
		require.Len(t, chunks, 2)
		require.Equal(t, time.Minute, time.Since(began))

		_, _, err = newBench(t, models.Options{}, &place{chunks: []string{start, token}, hang: true}).streamed(within(t, time.Second))
		var refused *models.Error
		require.ErrorAs(t, err, &refused)
		require.Equal(t, 504, refused.Status)
	})
}

func TestTheTimeToTheFirstTokenIsBoundedAndTheRestIsNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		silent, second := &place{chunks: []string{start}, hang: true}, &place{chunks: []string{start, token, end}}
		began := time.Now()
		_, served, err := newBench(t, models.Options{AttemptTimeout: time.Second}, silent, second).streamed(t.Context())
		require.NoError(t, err)
		require.Equal(t, "r1", served.UpstreamModel)
		require.Equal(t, time.Second, time.Since(began))

		slow := newBench(t, models.Options{AttemptTimeout: time.Second}, &place{chunks: []string{start, token, token, end}}, second)
		served, err = slow.ChatStream(t.Context(), call, func(json.RawMessage) error { time.Sleep(time.Minute); return nil })
		require.NoError(t, err)
		require.Equal(t, "r0", served.UpstreamModel)
	})
}
