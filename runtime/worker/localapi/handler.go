package localapi

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"tandem/runtime/jobs"
	"tandem/runtime/worker/container"
)

// Options of the handler.
type Options struct {
	// Sessions returns the running attempts. Required.
	Sessions func() []*Session
	// Log takes what failed. Defaults to silence.
	Log *slog.Logger
}

type handler struct {
	sessions func() []*Session
	log      *slog.Logger
}

// NewHandler serves /v1/.
func NewHandler(options Options) http.Handler {
	h := &handler{sessions: options.Sessions, log: options.Log}
	if h.log == nil {
		h.log = slog.New(slog.DiscardHandler)
	}
	mux := http.NewServeMux()
	for pattern, serve := range map[string]func(*Session, http.ResponseWriter, *http.Request) error{
		"GET /v1/job":             (*Session).describe,
		"GET /v1/stop":            (*Session).waitForStop,
		"PUT /v1/progress":        (*Session).putProgress,
		"POST /v1/output":         (*Session).postOutput,
		"PUT /v1/checkpoint":      (*Session).putCheckpoint,
		"GET /v1/checkpoint":      (*Session).getCheckpoint,
		"GET /v1/steps":           (*Session).listSteps,
		"PUT /v1/steps/{key...}":  (*Session).putStep,
		"GET /v1/steps/{key...}":  (*Session).getStep,
		"HEAD /v1/steps/{key...}": (*Session).getStep,
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			session, err := h.find(r)
			if err == nil {
				err = session.call(serve, w, r)
			}
			if err != nil {
				h.refuse(w, r, err)
			}
		})
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		h.refuse(w, r, problem{Status: http.StatusNotFound, Detail: "no such call; see docs/local-api.md"})
	})
	return mux
}

func (s *Session) call(serve func(*Session, http.ResponseWriter, *http.Request) error, w http.ResponseWriter, r *http.Request) error {
	if s.over.Err() != nil {
		return jobs.ErrLeaseLost
	}
	ctx, done := s.during(r.Context())
	defer done()
	return serve(s, w, r.WithContext(ctx))
}

// find returns the attempt that the caller means. Without headers that is the
// only one that runs.
func (h *handler) find(r *http.Request) (*Session, error) {
	id, attempt := r.Header.Get(container.HeaderJob), r.Header.Get(container.HeaderAttempt)
	running := h.sessions()
	if id == "" {
		switch len(running) {
		case 1:
			return running[0], nil
		case 0:
			return nil, problem{Status: http.StatusConflict, Detail: "no job is running"}
		default:
			return nil, problem{Status: http.StatusBadRequest,
				Detail: "several jobs are running: send the header " + container.HeaderJob + " of the invocation"}
		}
	}
	for _, session := range running {
		if session.held.ID != id {
			continue
		}
		// A thread of an earlier attempt must not write into the present one.
		if attempt != "" && attempt != strconv.FormatInt(session.held.Fence, 10) {
			break
		}
		return session, nil
	}
	return nil, jobs.ErrLeaseLost
}

// problem is an error by RFC 9457.
type problem struct {
	Status int    `json:"status"`
	Title  string `json:"title"`
	Detail string `json:"detail"`
}

func (p problem) Error() string { return p.Detail }

func (h *handler) refuse(w http.ResponseWriter, r *http.Request, err error) {
	var answer problem
	var invalid *jobs.InvalidError
	switch {
	case errors.As(err, &answer):
	case errors.As(err, &invalid):
		answer = problem{Status: http.StatusUnprocessableEntity, Detail: invalid.Error()}
	case errors.Is(err, jobs.ErrLeaseLost):
		answer = problem{Status: http.StatusConflict, Detail: "this attempt at the job is over; stop working on it"}
	case errors.Is(err, context.Canceled):
		answer = problem{Status: http.StatusConflict, Detail: "this attempt at the job ended during the call"}
	default:
		h.log.Warn("a call of the container failed", "method", r.Method, "path", r.URL.Path,
			"job", r.Header.Get(container.HeaderJob), "error", err)
		answer = problem{Status: http.StatusServiceUnavailable, Detail: "the store did not answer; try again"}
		w.Header().Set("Retry-After", "1")
	}
	answer.Title = http.StatusText(answer.Status)
	writeJSON(w, answer.Status, "application/problem+json", answer)
}

func writeJSON(w http.ResponseWriter, status int, contentType string, body any) {
	raw, err := json.Marshal(body)
	if err != nil {
		http.Error(w, "encoding the answer", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	_, _ = w.Write(append(raw, '\n'))
}

func seconds(until time.Time) float64 {
	return float64(max(0, time.Until(until).Milliseconds())) / 1000
}
