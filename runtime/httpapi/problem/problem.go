// Package problem is the API's errors: problem details as RFC 9457 has them,
// with each wrong field named. What is wrong is for the handlers to say; an
// error that none of them made becomes a 500 whose cause is only logged.
package problem

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"

	"tandem/runtime/httpapi/api"
)

// MediaType of problem details.
const MediaType = "application/problem+json"

// Error is a problem that a handler returns and a caller reads.
type Error struct {
	// Status of the response, 400 to 599.
	Status int
	// Kind of the problem, such as idempotency-key-reused; empty where the status says all.
	Kind string
	// Detail for people. It must hold neither secrets nor payloads.
	Detail string
	// Fields that are wrong.
	Fields []api.FieldError
	// RetryAfter, rounded up to whole seconds; 0 for no such header.
	RetryAfter time.Duration
	// Header of the response, beside those that follow from the fields above.
	Header http.Header
	// Cause is logged and never shown.
	Cause error
}

// New makes a problem of a status.
func New(status int, detail string) *Error { return &Error{Status: status, Detail: detail} }

// Error implements error.
func (e *Error) Error() string {
	text := strconv.Itoa(e.Status) + " " + http.StatusText(e.Status)
	if e.Detail != "" {
		text += ": " + e.Detail
	}
	for _, field := range e.Fields {
		text += "; " + field.Pointer + field.Parameter + field.Header + ": " + field.Detail
	}
	return text
}

// Unwrap lets errors.Is see the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Body names a wrong field of the body by its JSON pointer.
func Body(pointer, detail string) api.FieldError {
	return api.FieldError{Pointer: pointer, Detail: detail}
}

// Parameter names a wrong query parameter.
func Parameter(name, detail string) api.FieldError {
	return api.FieldError{Parameter: name, Detail: detail}
}

// Header names a wrong header.
func Header(name, detail string) api.FieldError {
	return api.FieldError{Header: name, Detail: detail}
}

// Invalid is a problem with fields. There must be at least one.
func Invalid(status int, fields ...api.FieldError) *Error {
	detail := "See errors for what is wrong."
	if len(fields) == 1 {
		detail = fields[0].Pointer + fields[0].Parameter + fields[0].Header + ": " + fields[0].Detail
	}
	return &Error{Status: status, Detail: detail, Fields: fields}
}

// As makes a problem of any error. An exhausted context is a 503, because the
// caller may try again; an unknown error is a 500 without its text.
func As(err error) *Error {
	var problem *Error
	switch {
	case errors.As(err, &problem):
		return problem
	case errors.Is(err, context.DeadlineExceeded):
		return &Error{Status: http.StatusServiceUnavailable, Detail: "The request took too long.", RetryAfter: time.Second, Cause: err}
	default:
		return &Error{Status: http.StatusInternalServerError, Detail: "Something went wrong here; the instance is in the logs.", Cause: err}
	}
}

// Write answers with a problem. The instance is the request's id.
func Write(w http.ResponseWriter, instance string, problem *Error) {
	document := api.Problem{
		Type: "about:blank", Title: http.StatusText(problem.Status), Status: problem.Status,
		Detail: problem.Detail, Instance: instance, Errors: problem.Fields,
	}
	if problem.Kind != "" {
		document.Type = "urn:tandem:problem:" + problem.Kind
	}
	header := w.Header()
	for name, values := range problem.Header {
		header[name] = values
	}
	if problem.RetryAfter > 0 {
		header.Set("Retry-After", strconv.Itoa(int(math.Ceil(problem.RetryAfter.Seconds()))))
	}
	header.Set("Content-Type", MediaType)
	header.Set("Cache-Control", "no-store")
	w.WriteHeader(problem.Status)
	_ = json.NewEncoder(w).Encode(document) // the caller has gone, and nobody is left to tell
}
