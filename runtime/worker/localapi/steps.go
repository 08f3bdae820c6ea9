package localapi

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"tandem/runtime/jobs"
)

// putStep stores a step's result once. Whoever comes second gets the stored
// result back with 200, so that all go on from the same.
func (s *Session) putStep(w http.ResponseWriter, r *http.Request) error {
	ctx, key := r.Context(), r.PathValue("key")
	if key == "" || len(key) > jobs.MaxStepKey {
		return &jobs.InvalidError{Field: "key", Reason: fmt.Sprintf("must be 1 to %d bytes", jobs.MaxStepKey)}
	}
	payload, err := s.store(ctx, r, jobs.StepKey(s.job, s.options.Tokens()))
	if err != nil {
		return err
	}
	step, stored, err := s.options.Trail.PutStep(ctx, s.held, key, payload)
	if err != nil {
		var invalid *jobs.InvalidError
		if errors.As(err, &invalid) || errors.Is(err, jobs.ErrLeaseLost) {
			s.discard(ctx, payload.BlobKey)
		}
		// After any other error the step may be stored: its blob stays.
		return fmt.Errorf("storing step %q: %w", key, err)
	}
	if stored {
		w.WriteHeader(http.StatusCreated)
		return nil
	}
	if payload.BlobKey != step.Result.BlobKey {
		s.discard(ctx, payload.BlobKey)
	}
	return s.sendStep(w, r, step)
}

func (s *Session) getStep(w http.ResponseWriter, r *http.Request) error {
	step, found, err := s.options.Trail.GetStep(r.Context(), s.held, r.PathValue("key"))
	if err != nil {
		return fmt.Errorf("looking for a step: %w", err)
	}
	if !found {
		return problem{Status: http.StatusNotFound, Detail: "no such step is stored"}
	}
	return s.sendStep(w, r, step)
}

func (s *Session) sendStep(w http.ResponseWriter, r *http.Request, step jobs.Step) error {
	w.Header().Set("X-Tandem-Saved", step.Stored.UTC().Format(time.RFC3339Nano))
	w.Header().Set("X-Tandem-Saved-By", strconv.FormatInt(step.Fence, 10))
	return s.send(w, r, step.Result)
}

// pageSize of a list of steps.
const pageSize = 100

func (s *Session) listSteps(w http.ResponseWriter, r *http.Request) error {
	steps, err := s.options.Trail.ListSteps(r.Context(), s.held, r.URL.Query().Get("after"), pageSize)
	if err != nil {
		return fmt.Errorf("listing steps: %w", err)
	}
	type item struct {
		Key         string    `json:"key"`
		ContentType string    `json:"contentType"`
		Size        int64     `json:"size"`
		Stored      time.Time `json:"stored"`
	}
	answer := struct {
		Steps []item `json:"steps"`
		// Next is what to ask for as ?after=, empty at the end.
		Next string `json:"next,omitempty"`
	}{Steps: make([]item, 0, len(steps))}
	for _, step := range steps {
		answer.Steps = append(answer.Steps, item{Key: step.Key, ContentType: step.Result.ContentType, Size: step.Result.Size, Stored: step.Stored})
	}
	if len(steps) == pageSize {
		answer.Next = steps[len(steps)-1].Key
	}
	writeJSON(w, http.StatusOK, "application/json", answer)
	return nil
}
