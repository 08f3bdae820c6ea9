package modelsapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"tandem/runtime/httpapi/problem"
)

// errClientGone is why a stream ends that nobody reads.
var errClientGone = errors.New("the client reads no more")

// writeTime is how long a client may leave a chunk unread.
const writeTime = time.Minute

// eventWriter writes server-sent events, each at once, and comments while there
// are none.
type eventWriter struct {
	out        http.ResponseWriter
	controller *http.ResponseController
	every      time.Duration

	mu      sync.Mutex
	timer   *time.Timer
	started bool
	closed  bool
	err     error
	buffer  []byte
	// held is a chunk without choices, which may be the last: the usage.
	held json.RawMessage
}

func newEventWriter(w http.ResponseWriter, every time.Duration) *eventWriter {
	return &eventWriter{out: w, controller: http.NewResponseController(w), every: every}
}

// keepAlive writes comments from now on.
func (e *eventWriter) keepAlive() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.timer == nil && !e.closed {
		e.timer = time.AfterFunc(e.every, e.comment)
	}
}

func (e *eventWriter) comment() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.closed {
		e.write([]byte(": keep-alive\n\n"))
	}
}

// begun tells whether anything was written.
func (e *eventWriter) begun() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.started
}

// chunk writes one chunk.
func (e *eventWriter) chunk(chunk json.RawMessage) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.release()
	if e.started && bytes.Contains(chunk, []byte(`"choices":[]`)) {
		e.held = append(e.held[:0], chunk...)
		return e.err
	}
	e.event(chunk)
	return e.err
}

// finish ends a stream that is whole, and tells what it took: in the usage
// where the client asked for that, and in a comment.
func (e *eventWriter) finish(accounting json.RawMessage) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if object := bytes.TrimRight(e.held, " \r\n\t"); len(object) > 1 && object[len(object)-1] == '}' {
		e.held = append(append(append(object[:len(object)-1], `,"tandem":`...), accounting...), '}')
	}
	e.release()
	e.write(fmt.Appendf(nil, ": tandem %s\n\ndata: [DONE]\n\n", accounting))
	return e.err
}

// fail ends a stream that has begun with an error as its last event, as OpenAI does.
func (e *eventWriter) fail(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.started {
		e.closed = true
		return
	}
	e.release()
	shown, _ := json.Marshal(shape(problem.As(err))) // strings alone
	e.event(shown)
}

func (e *eventWriter) close() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.closed = true
	if e.timer != nil {
		e.timer.Stop()
	}
	if e.started {
		_ = e.controller.SetWriteDeadline(time.Time{}) // not every writer has one
	}
}

func (e *eventWriter) release() {
	if len(e.held) > 0 {
		e.event(e.held)
		e.held = e.held[:0]
	}
}

// event writes one event. Its data must be one line.
func (e *eventWriter) event(data []byte) {
	e.buffer = append(e.buffer[:0], "data: "...)
	if bytes.IndexByte(data, '\n') >= 0 {
		var line bytes.Buffer
		if json.Compact(&line, data) == nil {
			data = line.Bytes()
		}
	}
	e.buffer = append(append(e.buffer, data...), "\n\n"...)
	e.write(e.buffer)
}

func (e *eventWriter) write(text []byte) {
	if e.err != nil {
		return
	}
	if !e.started {
		e.started = true
		header := e.out.Header()
		header.Set("Content-Type", "text/event-stream")
		header.Set("Cache-Control", "no-store")
		e.out.WriteHeader(http.StatusOK)
	}
	_ = e.controller.SetWriteDeadline(time.Now().Add(writeTime)) // not every writer has one
	if _, err := e.out.Write(text); err != nil {
		e.err = fmt.Errorf("%w: %w", errClientGone, err)
		return
	}
	if err := e.controller.Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		e.err = fmt.Errorf("%w: %w", errClientGone, err)
		return
	}
	if e.timer != nil {
		e.timer.Reset(e.every)
	}
}
