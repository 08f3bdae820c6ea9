package model

import (
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// Server is the container.
type Server struct {
	recorder recorder
	// mute is until when /ping is not answered, in nanoseconds.
	mute atomic.Int64
	exit func(int)
}

// NewServer makes a container that tells what it does, and ends by exit.
func NewServer(out io.Writer, exit func(int)) *Server {
	return &Server{recorder: recorder{to: out}, exit: exit}
}

// Handler serves SageMaker's contract, and POST /mute?seconds=N by which the
// harness makes the container fall silent.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /ping", s.ping)
	mux.HandleFunc("POST /mute", func(_ http.ResponseWriter, r *http.Request) {
		seconds, _ := strconv.Atoi(r.URL.Query().Get("seconds"))
		s.mute.Store(time.Now().Add(time.Duration(seconds) * time.Second).UnixNano())
	})
	mux.HandleFunc("POST /invocations", s.invoke)
	return mux
}

func (s *Server) ping(_ http.ResponseWriter, r *http.Request) {
	if left := time.Until(time.Unix(0, s.mute.Load())); left > 0 {
		select {
		case <-time.After(left):
		case <-r.Context().Done():
			panic(http.ErrAbortHandler)
		}
	}
}

func (s *Server) invoke(w http.ResponseWriter, r *http.Request) {
	fence, _ := strconv.ParseInt(r.Header.Get("X-Tandem-Attempt"), 10, 64)
	a := &attempt{
		server: s, begun: time.Now(), job: r.Header.Get("X-Tandem-Job"), fence: fence,
		api: &api{base: r.Header.Get("X-Tandem-Api"), job: r.Header.Get("X-Tandem-Job"), fence: r.Header.Get("X-Tandem-Attempt")},
	}
	a.record(Record{What: Began})
	var script Script
	raw, err := io.ReadAll(r.Body)
	if err == nil {
		err = json.Unmarshal(raw, &script)
	}
	if err != nil {
		a.end(Cut, Result{})
		http.Error(w, "the input is no script", http.StatusBadRequest)
		return
	}
	if script.Misbehaves != "" && (script.Always || fence == 1) {
		a.misbehave(w, r, script)
		return
	}
	result, outcome := a.work(r.Context(), script)
	if outcome != Answered {
		a.end(outcome, Result{})
		http.Error(w, outcome, http.StatusServiceUnavailable)
		return
	}
	result.Job, result.Fence, result.ID = a.job, a.fence, rand.Text()
	result.Pad = strings.Repeat("p", script.Result)
	body, err := json.Marshal(result)
	if err != nil {
		a.end(Unhelpful, Result{})
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	// Told first: what the worker commits must have been answered.
	a.end(Answered, result)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body)
}

// misbehave does what no container should.
func (a *attempt) misbehave(w http.ResponseWriter, r *http.Request, script Script) {
	work := time.Duration(script.Millis) * time.Millisecond
	switch script.Misbehaves {
	case Hangs:
		<-r.Context().Done()
		a.end(Hangs, Result{})
		return
	case Crashes:
		sleep(r.Context(), work/2)
		a.end(Crashes, Result{})
		a.server.exit(1)
		return
	}
	sleep(r.Context(), work)
	a.end(script.Misbehaves, Result{})
	switch {
	case script.Misbehaves == Fails:
		http.Error(w, "the script says so", http.StatusInternalServerError)
	case script.Number%3 == 0: // less than it said
		w.Header().Set("Content-Length", "1000")
		_, _ = w.Write([]byte(`{"half":`))
		panic(http.ErrAbortHandler)
	case script.Number%3 == 1: // an end that never comes
		_, _ = w.Write([]byte(strings.Repeat("g", 5000)))
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	default: // no HTTP at all
		connection, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		defer connection.Close()
		_, _ = connection.Write([]byte("\x16\x03\x01\x02 this is no HTTP\r\n\r\n"))
	}
}
