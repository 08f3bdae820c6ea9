package models

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// Error is an error in OpenAI's shape, fit to be shown to the client.
type Error struct {
	// Status is the HTTP status.
	Status int
	// Type, Code and Param are OpenAI's; Code and Param may be empty.
	Type, Code, Param string
	// Message for a person. It never holds a key or what another tenant sent.
	Message string
	// RetryAfter is when trying again makes sense; 0 where nobody knows.
	RetryAfter time.Duration
	// Cause is for the log; the client does not see it.
	Cause error
}

// The types of errors that OpenAI's clients know.
const (
	TypeInvalidRequest = "invalid_request_error"
	TypeRateLimit      = "rate_limit_error"
	TypeQuota          = "insufficient_quota"
	TypeServer         = "server_error"
	TypeTimeout        = "timeout_error"
)

// The codes that the router gives itself. Those of providers pass through.
const (
	// CodeModelNotFound says that the configuration has no such model.
	CodeModelNotFound = "model_not_found"
	// CodeUnsupported says that the route's API lacks what Param asks for.
	CodeUnsupported = "unsupported_parameter"
	// CodeBudget says that the tenant has spent its budget of the day.
	CodeBudget = "daily_budget_exceeded"
	// CodeRateLimit says that a route has too much to do.
	CodeRateLimit = "rate_limit_exceeded"
	// CodeCold says that an own service is not running; it is being started.
	CodeCold = "service_starting"
	// CodeUnavailable says that no route can answer.
	CodeUnavailable = "model_unavailable"
	// CodeRouteMisconfigured says that a route refused its key or does not know its model.
	CodeRouteMisconfigured = "route_misconfigured"
	// CodeMalformed says that a route's answer was none.
	CodeMalformed = "malformed_answer"
)

// Error implements error, for logs.
func (e *Error) Error() string {
	text := fmt.Sprintf("%d %s: %s", e.Status, e.Type, e.Message)
	if e.Cause != nil {
		text += ": " + e.Cause.Error()
	}
	return text
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// MarshalJSON renders the body that OpenAI's clients expect: {"error": {...}}.
func (e *Error) MarshalJSON() ([]byte, error) {
	type shape struct {
		Message string  `json:"message"`
		Type    string  `json:"type"`
		Param   *string `json:"param"`
		Code    *string `json:"code"`
	}
	return json.Marshal(map[string]shape{"error": {Message: e.Message, Type: e.Type, Param: orNull(e.Param), Code: orNull(e.Code)}})
}

func orNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// Invalid is a 400 that names the parameter that is wrong.
func Invalid(param, format string, values ...any) *Error {
	return &Error{Status: http.StatusBadRequest, Type: TypeInvalidRequest, Param: param, Message: fmt.Sprintf(format, values...)}
}

// Unsupported is a 400 for a parameter that a route's API has no equal of.
func Unsupported(param, format string, values ...any) *Error {
	err := Invalid(param, format, values...)
	err.Code = CodeUnsupported
	return err
}

func unknownModel(name string) *Error {
	return &Error{Status: http.StatusNotFound, Type: TypeInvalidRequest, Code: CodeModelNotFound, Param: "model",
		Message: fmt.Sprintf("The model %q does not exist here; GET /v1/models lists those that do.", name)}
}
