package wire

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Exchange is a call that the emulator has answered.
type Exchange struct {
	Call
	Status           int
	Answer           []byte
	Called, Returned time.Time
}

// serve lets a call through, or what its process's fate makes of it.
func (l *Link) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler) // the process is gone
	}
	call := classify(l.Name, r, body)
	forward := func(body []byte) (answer, error) { return l.forward(r, call, body) }
	if t := l.sprung(call.Does); t != nil {
		if t.Hold > 0 {
			t.Spring()
			time.Sleep(t.Hold)
			a, err := l.act(r.Context(), call, forward)
			if err != nil {
				panic(http.ErrAbortHandler)
			}
			a.write(w)
			return
		}
		if t.After {
			_, _ = l.act(r.Context(), call, forward)
		}
		t.Spring()
		panic(http.ErrAbortHandler)
	}
	ill, befallen := l.befallen()
	if befallen {
		l.hub.messages.count(string(ill))
	}
	rare := befallen && l.dice.percent(30)
	switch {
	case ill == Throttled:
		throttled(call, rare).write(w)
		return
	case ill == Failing:
		failing(call, rare).write(w)
		return
	case ill == Deaf:
		panic(http.ErrAbortHandler)
	}
	a, err := l.act(r.Context(), call, forward)
	if err != nil || ill == Dumb {
		panic(http.ErrAbortHandler)
	}
	a.write(w)
}

// act does what the call asks of the emulator.
func (l *Link) act(ctx context.Context, call Call, forward func([]byte) (answer, error)) (answer, error) {
	switch call.Does {
	case "send":
		if a, done, err := l.hub.messages.deliver(call, forward); done {
			return a, err
		}
	case "delete":
		if a, done := l.hub.messages.undead(call); done {
			return a, nil
		}
	case "receive":
		return l.receive(ctx, call, forward)
	}
	return forward(call.Body)
}

// receive asks second by second instead of waiting long: the emulator would go
// on receiving for a process that has died.
func (l *Link) receive(ctx context.Context, call Call, forward func([]byte) (answer, error)) (answer, error) {
	var poll map[string]any
	if err := json.Unmarshal(call.Body, &poll); err != nil {
		return answer{}, fmt.Errorf("reading a receive: %w", err)
	}
	wait, _ := poll["WaitTimeSeconds"].(float64)
	for until := time.Now().Add(time.Duration(wait) * time.Second); ; {
		poll["WaitTimeSeconds"] = min(1, wait)
		body, err := json.Marshal(poll)
		if err != nil {
			return answer{}, fmt.Errorf("writing a receive: %w", err)
		}
		a, err := forward(body)
		if err != nil || a.status != http.StatusOK || len(Received(a.body)) > 0 || ctx.Err() != nil || !time.Now().Before(until) {
			return a, err
		}
	}
}

// forward calls the emulator, which hears the call to its end even if the
// process dies meanwhile, as AWS does.
func (l *Link) forward(r *http.Request, call Call, body []byte) (answer, error) {
	request, err := http.NewRequestWithContext(context.WithoutCancel(r.Context()), r.Method, l.hub.target+r.URL.RequestURI(), bytes.NewReader(body))
	if err != nil {
		return answer{}, fmt.Errorf("forwarding a call: %w", err)
	}
	request.Header = r.Header.Clone()
	request.Header.Del("Connection")
	request.Header.Del("Expect")
	request.ContentLength = int64(len(body))
	request.Host = r.Host
	called := time.Now()
	response, err := l.hub.client.RoundTrip(request)
	if err != nil {
		return answer{}, fmt.Errorf("forwarding a call: %w", err)
	}
	defer response.Body.Close()
	read, err := io.ReadAll(response.Body)
	if err != nil {
		return answer{}, fmt.Errorf("reading the answer to a call: %w", err)
	}
	l.hub.observer(Exchange{Call: call, Status: response.StatusCode, Answer: read, Called: called, Returned: time.Now()})
	header := response.Header.Clone()
	header.Del("Connection")
	return answer{status: response.StatusCode, header: header, body: read}, nil
}
