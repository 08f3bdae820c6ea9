package modelsapi

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"

	"tandem/runtime/httpapi/problem"
	"tandem/runtime/models"
)

// fail answers with a problem in OpenAI's shape.
func fail(w http.ResponseWriter, _ string, p *problem.Error) {
	shown := shape(p)
	header := w.Header()
	for name, values := range p.Header {
		header[name] = values
	}
	if wait := max(p.RetryAfter, shown.RetryAfter); wait > 0 {
		header.Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	}
	if hopeless(shown) {
		// OpenAI's clients try again by themselves unless they are told not to.
		header.Set("X-Should-Retry", "false")
	}
	header.Set("Content-Type", "application/json")
	header.Set("Cache-Control", "no-store")
	w.WriteHeader(shown.Status)
	body, _ := json.Marshal(shown) // strings alone
	_, _ = w.Write(body)           // the caller has gone, and nobody is left to tell
}

// hopeless errors are those of the kinds that clients try again, where that
// would take as long, or cost as much, and end the same.
func hopeless(e *models.Error) bool {
	return e.Code == models.CodeBudget || e.Type == models.TypeTimeout ||
		// They wait a minute at most, whatever Retry-After says.
		e.Code == models.CodeCold && e.RetryAfter > time.Minute
}

// shape is OpenAI's of a problem: the router's own error, or what the status says.
func shape(p *problem.Error) *models.Error {
	var own *models.Error
	if errors.As(p.Cause, &own) {
		return own
	}
	e := &models.Error{Status: p.Status, Type: models.TypeInvalidRequest, Message: p.Detail}
	if e.Message == "" {
		e.Message = http.StatusText(p.Status)
	}
	switch {
	case p.Status == http.StatusUnauthorized:
		e.Code = "invalid_api_key"
	case p.Status == http.StatusForbidden:
		e.Code = "insufficient_permissions"
	case p.Status == http.StatusRequestEntityTooLarge:
		e.Code, e.Message = "request_too_large", tooLarge
	case p.Status == http.StatusUnsupportedMediaType:
		e.Code = "unsupported_media_type"
	case p.Status == http.StatusTooManyRequests:
		e.Type, e.Code = models.TypeRateLimit, models.CodeRateLimit
	case p.Status >= http.StatusInternalServerError:
		e.Type = models.TypeServer
	}
	return e
}

const tooLarge = "The request may have 6291456 bytes at most. Refer to images by URL, or submit a job (POST /v1/jobs) with an upload slot."

// asProblem carries an error of the router through package httpapi, which logs
// its cause.
func asProblem(err error) error {
	var own *models.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &own):
		return &problem.Error{Status: own.Status, Detail: own.Message, RetryAfter: own.RetryAfter, Cause: own}
	case errors.Is(err, context.DeadlineExceeded):
		return asProblem(timedOut(err))
	case errors.Is(err, context.Canceled):
		return asProblem(&models.Error{Status: http.StatusServiceUnavailable, Type: models.TypeServer,
			Message: "The request was cut off.", RetryAfter: time.Second, Cause: err})
	default:
		return err
	}
}

// timedOut is the error of a request that had no more time.
func timedOut(cause error) *models.Error {
	return &models.Error{Status: http.StatusGatewayTimeout, Type: models.TypeTimeout, Code: "timeout", Cause: cause,
		Message: "The model did not answer in time. Stream the answer, or send 'Prefer: respond-async' where the model has a worker that takes over."}
}
