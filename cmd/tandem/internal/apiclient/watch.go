package apiclient

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"net/url"

	"github.com/tmaxmax/go-sse"

	"tandem/runtime/httpapi/api"
)

// Event is something that happened to a job.
type Event struct {
	// Kind is state, progress or output.
	Kind string
	// Job as it then was, of a state or a progress.
	Job api.Job
	// Output is a piece of partial output.
	Output api.Output
	// Data is the event as it was sent, in JSON.
	Data json.RawMessage
}

// maxEvent bounds one event in bytes; a state with an inline result is the largest.
const maxEvent = 4 << 20

// Watch yields what happens to a job until it has ended. A stream that ends or
// breaks is taken up again where it was, so that nothing is missed or doubled;
// after a while without one event the error is yielded.
func (c *Client) Watch(ctx context.Context, id string) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		w := &watching{client: c, id: id}
		for failures := 0; ; {
			before := w.last
			more, err := w.follow(ctx, yield)
			if !more {
				return
			}
			if failures++; err == nil || w.last != before {
				failures = 0
			}
			if ctx.Err() == nil && err != nil && (!passing(err) || failures > c.retries) {
				yield(Event{}, fmt.Errorf("watching job %s: %w", id, err))
				return
			}
			if !pause(ctx, c.wait<<min(failures, 5)) {
				yield(Event{}, ctx.Err())
				return
			}
		}
	}
}

// watching is one job and how far its reader has come.
type watching struct {
	client *Client
	id     string
	last   string
}

// follow reads one stream to its end. It returns false once there is nothing
// more to come or nobody wants it.
func (w *watching) follow(ctx context.Context, yield func(Event, error) bool) (bool, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	response, err := w.open(ctx)
	if err != nil {
		return true, err
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusNoContent {
		return false, nil
	}
	for raw, err := range sse.Read(cutWhenSilent(response.Body, cancel), &sse.ReadConfig{MaxEventSize: maxEvent}) {
		if err != nil {
			return true, unreachable(context.WithoutCancel(ctx), w.client.base, err)
		}
		event, err := parseEvent(raw)
		if err != nil {
			return true, err
		}
		w.last = raw.LastEventID
		if event.Kind == "" {
			continue
		}
		if !yield(event, nil) || event.Kind == "state" && Over(event.Job) {
			return false, nil
		}
	}
	return true, nil
}

func (w *watching) open(ctx context.Context) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, w.client.base+"/v1/jobs/"+url.PathEscape(w.id)+"/events", nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", "text/event-stream")
	if w.last != "" {
		request.Header.Set("Last-Event-ID", w.last)
	}
	w.client.authorize(request.Header)
	response, err := w.client.stream.Do(request)
	if err != nil {
		return nil, unreachable(ctx, w.client.base, err)
	}
	if response.StatusCode != http.StatusOK && response.StatusCode != http.StatusNoContent {
		defer response.Body.Close()
		return nil, refused(response)
	}
	return response, nil
}

// parseEvent reads an event; one of a kind that is not known has none.
func parseEvent(raw sse.Event) (Event, error) {
	event := Event{Kind: raw.Type, Data: json.RawMessage(raw.Data)}
	var into any
	switch raw.Type {
	case "state", "progress":
		into = &event.Job
	case "output":
		into = &event.Output
	default:
		return Event{}, nil
	}
	if err := json.Unmarshal(event.Data, into); err != nil {
		return Event{}, fmt.Errorf("reading a %s event: %w", raw.Type, err)
	}
	return event, nil
}
