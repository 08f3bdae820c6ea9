// Command go-agent is an agent that sums up a series of numbers, step by step,
// and can be killed at any moment without doing a finished step again. It shows
// the worker's local API from Go, with nothing but the standard library.
//
// The input is {"count": 10}.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"
)

// errInterrupted means that the agent was told to stop before it was done.
var errInterrupted = errors.New("interrupted")

// agent works on jobs.
type agent struct {
	// stepTime is how long one step takes.
	stepTime time.Duration
	// journal is a file that notes each step that really runs, for tests.
	journal string
}

type request struct {
	Count int `json:"count"`
}

// state is what a checkpoint holds.
type state struct {
	Done int `json:"done"`
	Sum  int `json:"sum"`
}

func main() {
	stepTime, err := time.ParseDuration(orElse(os.Getenv("AGENT_STEP_TIME"), "50ms"))
	if err != nil {
		log.Fatalf("AGENT_STEP_TIME: %v", err)
	}
	a := &agent{stepTime: stepTime, journal: os.Getenv("AGENT_JOURNAL")}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /ping", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("POST /invocations", a.invoke)
	server := &http.Server{Addr: os.Getenv("HOST") + ":" + orElse(os.Getenv("PORT"), "8080"), Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, func() { _ = server.Shutdown(context.Background()) })
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		log.Fatal(err)
	}
}

func (a *agent) invoke(w http.ResponseWriter, r *http.Request) {
	var input request
	if err := json.NewDecoder(r.Body).Decode(&input); err != nil {
		http.Error(w, "the job cannot be read", http.StatusBadRequest)
		return
	}
	result, err := a.work(r.Context(), jobOf(r.Header), input)
	switch {
	case errors.Is(err, errInterrupted), errors.Is(err, errOver):
		// Anything but a 2xx says that this is not the result.
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
	case err != nil:
		http.Error(w, err.Error(), http.StatusInternalServerError)
	default:
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(result)
	}
}

// work goes on from wherever the attempt before has left the job.
func (a *agent) work(ctx context.Context, j *job, input request) (state, error) {
	var at state
	if saved, found, err := j.load(ctx); err != nil {
		return at, err
	} else if found {
		if err := json.Unmarshal(saved, &at); err != nil {
			return at, fmt.Errorf("reading the checkpoint: %w", err)
		}
	}
	for at.Done < input.Count {
		if stop, err := j.stopping(ctx); err != nil || stop {
			return at, errors.Join(err, errInterrupted)
		}
		number := at.Done
		square, err := step(ctx, j, "square-"+strconv.Itoa(number), func(context.Context) (int, error) {
			return a.square(number)
		})
		if err != nil {
			return at, err
		}
		at = state{Done: at.Done + 1, Sum: at.Sum + square}
		raw, err := json.Marshal(at)
		if err != nil {
			return at, err
		}
		if err := j.save(ctx, raw); err != nil {
			return at, err
		}
		if err := j.progress(ctx, 100*float64(at.Done)/float64(input.Count), ""); err != nil {
			return at, err
		}
	}
	return at, nil
}

// square is the step: it stands where the expensive work would.
func (a *agent) square(number int) (int, error) {
	time.Sleep(a.stepTime)
	if a.journal == "" {
		return number * number, nil
	}
	file, err := os.OpenFile(a.journal, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return 0, err
	}
	_, err = fmt.Fprintf(file, "square-%d\n", number)
	return number * number, errors.Join(err, file.Close())
}

func orElse(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}
