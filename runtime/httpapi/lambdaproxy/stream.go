package lambdaproxy

import (
	"fmt"
	"io"
	"net/http"
	"sync"

	"github.com/aws/aws-lambda-go/events"
)

// stream runs the handler beside the response that reads what it writes. It
// returns once the status is known.
func stream(handler http.Handler, r *http.Request) *events.APIGatewayProxyStreamingResponse {
	reader, writer := io.Pipe()
	w := &streamWriter{header: http.Header{}, body: writer, started: make(chan struct{})}
	go func() {
		defer func() {
			if fault := recover(); fault != nil {
				// Before the first byte this is a 500, after it a cut connection.
				w.start(http.StatusInternalServerError)
				_ = writer.CloseWithError(fmt.Errorf("the handler panicked: %v", fault))
				return
			}
			w.start(http.StatusOK)
			_ = writer.Close()
		}()
		handler.ServeHTTP(w, r)
	}()
	<-w.started
	single, multiple := headers(w.sent)
	return &events.APIGatewayProxyStreamingResponse{
		StatusCode: w.status, Headers: single, MultiValueHeaders: multiple, Body: reader,
	}
}

// streamWriter is an http.ResponseWriter and http.Flusher over a pipe, which
// hands on every write at once.
type streamWriter struct {
	header  http.Header
	body    *io.PipeWriter
	once    sync.Once
	started chan struct{}
	status  int
	sent    http.Header
}

func (w *streamWriter) start(status int) {
	w.once.Do(func() {
		w.status, w.sent = status, w.header.Clone()
		close(w.started)
	})
}

func (w *streamWriter) Header() http.Header { return w.header }

func (w *streamWriter) WriteHeader(status int) {
	if status >= 200 {
		w.start(status)
	}
}

func (w *streamWriter) Write(p []byte) (int, error) {
	w.start(http.StatusOK)
	return w.body.Write(p)
}

func (w *streamWriter) Flush() { w.start(http.StatusOK) }
