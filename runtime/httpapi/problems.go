package httpapi

import (
	"context"
	"errors"
	"net/http"
	"time"

	"tandem/runtime/httpapi/problem"
	"tandem/runtime/jobs"
)

// problem says in the terms of HTTP what jobs.Service said in its own.
func (j *jobAPI) problem(err error) error {
	var invalid *jobs.InvalidError
	var known *problem.Error
	switch {
	case errors.As(err, &known):
		return err
	case errors.As(err, &invalid):
		return invalidField(invalid)
	case errors.Is(err, jobs.ErrNotFound):
		return problem.New(http.StatusNotFound, "You have no job with this id.")
	case errors.Is(err, jobs.ErrIdempotencyConflict):
		conflict := problem.Invalid(http.StatusConflict, problem.Header("Idempotency-Key", "was used before with another request"))
		conflict.Kind = "idempotency-key-reused"
		return conflict
	case errors.Is(err, jobs.ErrUploadMissing):
		return problem.Invalid(http.StatusUnprocessableEntity, problem.Body("/upload", "was never completed: send the bytes first, as POST /v1/uploads says"))
	case errors.Is(err, jobs.ErrNoQueue):
		// The worker itself is known, or the request had been refused before.
		return problem.Invalid(http.StatusUnprocessableEntity, problem.Body("/priority", "is not one that this worker takes"))
	case errors.Is(err, jobs.ErrBadCursor):
		return problem.Invalid(http.StatusBadRequest, badCursor)
	case errors.Is(err, jobs.ErrFinished):
		return problem.New(http.StatusConflict, "The job has ended and cannot be cancelled any more.")
	case errors.Is(err, context.Canceled):
		return &problem.Error{Status: http.StatusServiceUnavailable, Detail: "The request was cut off.", RetryAfter: time.Second, Cause: err}
	default:
		return &problem.Error{Status: http.StatusServiceUnavailable, Detail: "Jobs cannot be reached at the moment; try again.",
			RetryAfter: time.Second, Cause: err}
	}
}

func invalidField(invalid *jobs.InvalidError) error {
	switch invalid.Field {
	case "Idempotency-Key":
		return problem.Invalid(http.StatusBadRequest, problem.Header(invalid.Field, invalid.Reason))
	case "state", "limit":
		return problem.Invalid(http.StatusBadRequest, problem.Parameter(invalid.Field, invalid.Reason))
	case "deadline":
		return problem.Invalid(http.StatusUnprocessableEntity, problem.Body("/deadline", invalid.Reason))
	case "webhook":
		return problem.Invalid(http.StatusUnprocessableEntity, problem.Body("/webhook/url", invalid.Reason))
	case "tenant": // chosen by no caller
		return &problem.Error{Status: http.StatusForbidden, Detail: "The key's tenant is not valid.", Cause: invalid}
	default:
		return problem.Invalid(http.StatusBadRequest, problem.Body("/"+invalid.Field, invalid.Reason))
	}
}
