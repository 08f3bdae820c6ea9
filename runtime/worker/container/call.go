package container

import (
	"fmt"
	"io"
	"strconv"
	"time"
)

// The headers of an invocation, and of the container's calls to the local API.
const (
	HeaderJob      = "X-Tandem-Job"
	HeaderAttempt  = "X-Tandem-Attempt"
	HeaderAPI      = "X-Tandem-Api"
	HeaderTenant   = "X-Tandem-Tenant"
	HeaderDeadline = "X-Tandem-Deadline"
)

// Call is one attempt at a job, as the container is told of it.
type Call struct {
	// Job is the job's id.
	Job string
	// Attempt is the fence: it grows each time that the job is started.
	Attempt int64
	// Tenant on whose behalf the job runs.
	Tenant string
	// API is the base URL of the local API, such as http://127.0.0.1:9410/v1.
	API string
	// Deadline is when the attempt will be cut.
	Deadline time.Time
	// ContentType of the input. Defaults to application/json.
	ContentType string
	// Input is read once, at the container's pace.
	Input io.Reader
	// InputSize in bytes; -1 where it is not known.
	InputSize int64
	// Stop is closed when the container should save what it has and end. A
	// command gets SIGTERM; a server reads it from the local API.
	Stop <-chan struct{}
}

func (c Call) contentType() string {
	if c.ContentType == "" {
		return "application/json"
	}
	return c.ContentType
}

// fields are what the container is told, by header; a command reads them as variables.
func (c Call) fields() map[string]string {
	return map[string]string{
		HeaderJob:      c.Job,
		HeaderAttempt:  strconv.FormatInt(c.Attempt, 10),
		HeaderAPI:      c.API,
		HeaderTenant:   c.Tenant,
		HeaderDeadline: c.Deadline.UTC().Format(time.RFC3339),
	}
}

// Answer is the container's result.
type Answer struct {
	// ContentType of the result; application/octet-stream where the container named none.
	ContentType string
	// Size in bytes; -1 where it is only known at the end.
	Size int64
	// Body ends with io.EOF only if the result is whole: a cut connection and
	// a command that failed after it had begun to write are errors.
	Body io.ReadCloser
}

// Failure is an answer that says no: a status other than 2xx, an exit code
// other than 0. It counts as a failed attempt.
type Failure struct {
	// Status is the HTTP status, or the exit code of a command (128 + n for signal n).
	Status int
	// Text is the beginning of the answer, or the end of what the command wrote
	// to its standard error. It is the tenant's: show it with the job, never log it.
	Text string
	// What names the thing that failed.
	What string
}

func (f *Failure) Error() string { return fmt.Sprintf("%s %d", f.What, f.Status) }

// Unreachable means that the container did not answer or went away in the
// middle: it may have crashed, or it is being stopped with its host.
type Unreachable struct{ Cause error }

func (u *Unreachable) Error() string {
	return fmt.Sprintf("the model container is gone or does not listen: %v", u.Cause)
}

func (u *Unreachable) Unwrap() error { return u.Cause }

// textLimit bounds the text of a failure in bytes; the job's item holds it.
const textLimit = 256
