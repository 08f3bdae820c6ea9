package models

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"
)

// ChatStream answers in chunks, each a chat.completion.chunk. An error before
// the first chunk means that nothing was sent; after it, that the answer is not
// whole. Errors are a *Error, the context's own when the caller gave up, or what
// send failed with. What was served is told in either case.
//
// A chunk is valid until send returns.
func (r *Router) ChatStream(ctx context.Context, call Call, send func(chunk json.RawMessage) error) (Served, error) {
	begun, err := r.begin(call)
	if err != nil {
		return Served{Model: call.Model}, err
	}
	won, err := firstThatCan(ctx, r, begun, opener[*opened]{open: openStream, discard: (*opened).close})
	if err != nil {
		return begun.served(begun.last.Load()), r.fail(begun, err)
	}
	defer won.close()
	defer won.value.close()
	served := begun.served(won.route)
	served.FirstToken = r.options.Now().Sub(begun.start)
	count, err := r.forward(ctx, won, send)
	served.Usage = won.value.stream.Usage()
	if err != nil || served.Usage == (Usage{}) {
		served.Usage = estimate(served.Usage, begun.body, count)
	}
	served.Total = r.options.Now().Sub(begun.start)
	r.account(ctx, begun, &served, err)
	return served, err
}

// estimate is for streams that did not tell, or were cut before they did: four
// bytes a token in, a token a chunk out.
func estimate(told Usage, body *Body, chunks int) Usage {
	if told.Input == 0 {
		told.Input = len(body.Raw()) / 4
	}
	told.Output = max(told.Output, chunks)
	told.Estimated = true
	return told
}

// opened is a stream whose first token has come.
type opened struct {
	stream Stream
	// held are the chunks up to and with the first token; complete tells that there
	// are no more.
	held     []json.RawMessage
	complete bool
}

func (o *opened) close() { _ = o.stream.Close() }

// maxHeld bounds the chunks that are held back while none carries a token.
const maxHeld = 16

// openStream waits for the first token, so that a route which dies before it can
// still be replaced by another.
func openStream(ctx context.Context, provider Provider, request Request) (*opened, error) {
	stream, err := provider.ChatStream(ctx, request)
	if err != nil {
		return nil, err
	}
	result := &opened{stream: stream}
	for len(result.held) < maxHeld {
		chunk, err := stream.Next()
		if errors.Is(err, io.EOF) && len(result.held) > 0 {
			result.complete = true
			return result, nil
		}
		if err != nil {
			_ = stream.Close()
			if errors.Is(err, io.EOF) {
				err = &Error{Status: http.StatusBadGateway, Type: TypeServer, Code: CodeMalformed, Message: "The model's answer was empty."}
			}
			return nil, err
		}
		result.held = append(result.held, append(json.RawMessage(nil), chunk...))
		if carriesToken(chunk) {
			break
		}
	}
	return result, nil
}

// carriesToken reports whether a chunk is more than the announcement of an answer.
func carriesToken(chunk json.RawMessage) bool {
	var shape struct {
		Choices []struct {
			Delta        map[string]json.RawMessage `json:"delta"`
			FinishReason *string                    `json:"finish_reason"`
		} `json:"choices"`
	}
	if json.Unmarshal(chunk, &shape) != nil {
		return true
	}
	for _, choice := range shape.Choices {
		if choice.FinishReason != nil {
			return true
		}
		for name, value := range choice.Delta {
			if name != "role" && string(value) != `""` && string(value) != "null" && string(value) != "[]" {
				return true
			}
		}
	}
	return false
}

// forward sends all chunks and returns how many there were.
func (r *Router) forward(ctx context.Context, won *won[*opened], send func(json.RawMessage) error) (int, error) {
	for _, chunk := range won.value.held {
		if err := send(chunk); err != nil {
			return len(won.value.held), err
		}
	}
	count := len(won.value.held)
	won.value.held = nil
	if won.value.complete {
		return count, nil
	}
	silence := time.AfterFunc(r.options.IdleTimeout, func() { won.stop(errSlow) })
	defer silence.Stop()
	for {
		chunk, err := won.value.stream.Next()
		switch {
		case errors.Is(err, io.EOF):
			return count, nil
		case err != nil:
			return count, cut(ctx, won, err)
		}
		silence.Reset(r.options.IdleTimeout)
		if err := send(chunk); err != nil {
			return count, err
		}
		count++
	}
}

// cut is the error of a stream that broke off.
func cut(ctx context.Context, won *won[*opened], err error) error {
	if ended := ctx.Err(); ended != nil {
		if errors.Is(ended, context.DeadlineExceeded) {
			return timedOut(err)
		}
		return ended
	}
	broken := &Error{Status: http.StatusBadGateway, Type: TypeServer, Code: CodeUnavailable, Message: "The model's answer broke off.", Cause: err}
	var answered *Error
	if errors.As(err, &answered) && answered.Type != "" {
		broken.Type = answered.Type
	}
	won.route.failed(broken)
	return broken
}
