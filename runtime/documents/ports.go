package documents

import (
	"context"
	"encoding/json"
	"errors"
	"time"
)

// Source is one version of one uploaded object.
type Source struct {
	Bucket string `json:"bucket"`
	Key    string `json:"key"`
	// Version is S3's, or the content's ETag in a bucket without versions.
	Version string `json:"version"`
	// Size in bytes.
	Size int64 `json:"size"`
}

// Objects reads uploads and writes results.
type Objects interface {
	// Read returns an upload of up to limit bytes. ErrGone if it was deleted.
	Read(ctx context.Context, source Source, limit int64) ([]byte, error)
	// Write creates an object that must not exist yet; ErrWritten if it does.
	Write(ctx context.Context, bucket, key string, content []byte) error
}

// Analyser asks a model.
type Analyser interface {
	// Analyse returns what the model made of a prompt: JSON that should meet the
	// schema if there is one, else a JSON string. An error that is a *Rejected will
	// be the same next time.
	Analyse(ctx context.Context, prompt string, schema json.RawMessage) (Analysis, error)
}

// Analysis is a model's answer.
type Analysis struct {
	// Value is JSON.
	Value json.RawMessage
	// Model that answered, by its own name.
	Model string
	// InputTokens and OutputTokens that were used; 0 where it does not say.
	InputTokens, OutputTokens int
}

// Records keeps what became of each source.
type Records interface {
	// Begin starts an attempt that holds until a time, and counts it. ErrDone if
	// the source has its result, job or final failure; ErrBusy while another
	// attempt holds.
	Begin(ctx context.Context, source Source, until time.Time) (attempt int, err error)
	// End records the outcome of the attempt that began.
	End(ctx context.Context, source Source, outcome Outcome) error
}

// Outcome of an attempt.
type Outcome struct {
	State State
	// Result is the key of the result, when done.
	Result string
	// Job is the id of the job, when moved.
	Job string
	// Reason of a failure, in words.
	Reason string
}

// State of a source.
type State string

// The states. Only retry is followed by another attempt.
const (
	Done   State = "done"
	Moved  State = "moved"
	Failed State = "failed"
	Retry  State = "retry"
)

// Overflow turns a document into a job.
type Overflow interface {
	// Submit submits a job once for a source, however often it is called, and
	// returns its id.
	Submit(ctx context.Context, source Source, input json.RawMessage) (string, error)
}

// What Objects and Records tell.
var (
	ErrGone    = errors.New("the object was deleted")
	ErrWritten = errors.New("the object exists already")
	ErrDone    = errors.New("the document has been dealt with")
	ErrBusy    = errors.New("the document is being analysed")
)

// Rejected is an error that trying again does not mend.
type Rejected struct {
	Reason string
	// TooLarge says that the document is more than the model can read at once; a
	// worker may do better.
	TooLarge bool
}

// Error implements error.
func (r *Rejected) Error() string { return r.Reason }
