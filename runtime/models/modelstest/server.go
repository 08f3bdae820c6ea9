package modelstest

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"
)

// Wire speaks one provider's language.
type Wire interface {
	// Answer plays a script, all but the faults that every server has.
	Answer(w http.ResponseWriter, r *http.Request, body []byte, script Script)
	// Error renders an error.
	Error(status int, message string) string
}

// Server is a fake provider.
type Server struct {
	*httptest.Server
	mu       sync.Mutex
	play     func(call int) Script
	requests []Request
}

// Request is one that the server received.
type Request struct {
	Path   string
	Header http.Header
	Body   []byte
}

// NewServer starts a server that plays one script for all requests.
func NewServer(t testing.TB, wire Wire, script Script) *Server {
	return NewServerFunc(t, wire, func(int) Script { return script })
}

// NewServerFunc starts a server that asks for the script of each request, which
// are counted from 0.
func NewServerFunc(t testing.TB, wire Wire, play func(call int) Script) *Server {
	s := &Server{play: play}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		s.serve(w, r, body, wire, s.record(Request{r.URL.EscapedPath(), r.Header.Clone(), body}))
	}))
	t.Cleanup(func() {
		s.CloseClientConnections()
		s.Close()
	})
	return s
}

func (s *Server) record(request Request) Script {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, request)
	return s.play(len(s.requests) - 1)
}

// Requests returns those received so far.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Request(nil), s.requests...)
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request, body []byte, wire Wire, script Script) {
	switch script.Fault {
	case Hang:
		select {
		case <-r.Context().Done():
		case <-time.After(10 * time.Second): // a test that forgot to go away
		}
	case ErrorStatus, ErrorPage:
		if script.RetryAfter != "" {
			w.Header().Set("Retry-After", script.RetryAfter)
		}
		if script.Fault == ErrorPage {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(script.Status)
			_, _ = io.WriteString(w, "<html><body><h1>"+strconv.Itoa(script.Status)+"</h1></body></html>")
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("X-Amzn-ErrorType", amazonErrors[script.Status])
		w.WriteHeader(script.Status)
		_, _ = io.WriteString(w, wire.Error(script.Status, script.Message))
	default:
		wire.Answer(w, r, body, script)
	}
}

// say writes and flushes, and fails the connection when it is over.
func say(w http.ResponseWriter, format string, values ...any) {
	if _, err := fmt.Fprintf(w, format, values...); err != nil {
		panic(http.ErrAbortHandler)
	}
	flush(w)
}

func flush(w http.ResponseWriter) {
	if err := http.NewResponseController(w).Flush(); err != nil {
		panic(http.ErrAbortHandler)
	}
}

// cut closes the connection.
func cut() { panic(http.ErrAbortHandler) }

// rest pauses, unless the client goes away.
func rest(r *http.Request, d time.Duration) {
	if d == 0 {
		return
	}
	select {
	case <-time.After(d):
	case <-r.Context().Done():
		cut()
	}
}
