package apiclient

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"tandem/cmd/tandem/internal/exit"
	"tandem/runtime/httpapi/api"
)

// Error is an answer that says no, or the lack of one.
type Error struct {
	// Status of the answer; 0 where there was none.
	Status int
	// Detail in words.
	Detail string
	// Instance is the id of the request, which is in the API's logs too.
	Instance string
	// Fields that are wrong.
	Fields []api.FieldError
}

// Error implements error.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Status == 0 {
		b.WriteString(e.Detail)
	} else {
		fmt.Fprintf(&b, "the API answers %d: %s", e.Status, strings.TrimSuffix(e.Detail, "."))
	}
	for _, field := range e.Fields {
		where := field.Pointer
		if where == "" {
			where = field.Parameter + field.Header
		}
		fmt.Fprintf(&b, "\n  %s: %s", where, field.Detail)
	}
	switch e.Status {
	case http.StatusUnauthorized:
		b.WriteString("; give a key by --key or TANDEM_API_KEY ('tandem keys create' makes one)")
	case http.StatusForbidden:
		b.WriteString("; 'tandem keys create --scopes' makes a key that may")
	}
	if e.Instance != "" && e.Status >= http.StatusInternalServerError {
		fmt.Fprintf(&b, " (request %s)", e.Instance)
	}
	return b.String()
}

var _ exit.Coder = (*Error)(nil)

// ProgramExitCode implements exit.Coder.
func (e *Error) ProgramExitCode() int {
	switch {
	case e.Status == http.StatusUnauthorized, e.Status == http.StatusForbidden:
		return exit.Refused
	case e.Status == http.StatusNotFound:
		return exit.NotFound
	case e.Status == 0, e.Status == http.StatusTooManyRequests, e.Status >= http.StatusInternalServerError:
		return exit.Unavailable
	default:
		return exit.Failed
	}
}

// IsStatus reports whether an error is an answer with a status.
func IsStatus(err error, status int) bool {
	var refused *Error
	return errors.As(err, &refused) && refused.Status == status
}

// passing reports whether trying again may help.
func passing(err error) bool {
	var refused *Error
	return errors.As(err, &refused) && refused.ProgramExitCode() == exit.Unavailable
}
