// Package exit is the program's exit codes, so that scripts can tell what
// happened without reading messages.
package exit

import (
	"context"
	"errors"
)

// The exit codes.
const (
	// OK is success.
	OK = 0
	// Failed is that something is wrong, as the message says.
	Failed = 1
	// Usage is that the command line is wrong.
	Usage = 2
	// Unsuccessful is that the job ended otherwise than in success.
	Unsuccessful = 3
	// NotFound is that there is no such job, key or deployment.
	NotFound = 4
	// Refused is that the key or the credentials do not allow it.
	Refused = 5
	// Unavailable is that something does not answer, or is too busy: try again.
	Unavailable = 6
	// Interrupted is that the user stopped it: 128 and SIGINT's number, as shells have it.
	Interrupted = 130
)

// coded is an error that chooses the exit code.
type coded struct {
	error
	code int
}

// Unwrap lets errors.Is see the error.
func (c coded) Unwrap() error { return c.error }

// ProgramExitCode implements Coder.
func (c coded) ProgramExitCode() int { return c.code }

// Coder is an error that chooses the exit code. It is not kong's ExitCoder,
// which the failure of a child process is one of too, by accident.
type Coder interface {
	error
	ProgramExitCode() int
}

// With gives an error its exit code; nil stays nil.
func With(code int, err error) error {
	if err == nil {
		return nil
	}
	return coded{err, code}
}

// Code is the exit code of a program that ends with an error.
func Code(err error) int {
	var chosen Coder
	switch {
	case err == nil:
		return OK
	case errors.As(err, &chosen):
		return chosen.ProgramExitCode()
	case errors.Is(err, context.Canceled):
		return Interrupted
	default:
		return Failed
	}
}

// Meanings lists the codes in words, for the reference.
func Meanings() []Meaning {
	return []Meaning{
		{OK, "Success."},
		{Failed, "Something is wrong, as the message says; `doctor` and `smoke` found a fault."},
		{Usage, "The command line is wrong."},
		{Unsuccessful, "The job failed, expired or was cancelled (`jobs watch`, `jobs result`, `jobs submit --watch`)."},
		{NotFound, "There is no such job, key or deployment."},
		{Refused, "The key or the AWS credentials do not allow it."},
		{Unavailable, "The API or AWS does not answer, or is too busy: try again."},
		{Interrupted, "Stopped by Ctrl-C."},
	}
}

// Meaning is one code in words.
type Meaning struct {
	Code int
	Text string
}
