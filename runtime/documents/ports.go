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
	Begin(ctx context.Context, source Source, until time.Time) (Attempt, error)
	// End records the outcome of the attempt that began. A source that was moved
	// is among those of Moves from then on.
	End(ctx context.Context, source Source, outcome Outcome) error
}

// Attempt is where a source stands.
type Attempt struct {
	// Number of the attempt, from 1, since the source was last reopened.
	Number int
	// Reopened is how often it was, after it had failed for good.
	Reopened int
}

// Moves keeps which sources wait for their jobs.
type Moves interface {
	// Moved returns the sources that wait.
	Moved(ctx context.Context) ([]Move, error)
	// Settle records what became of a source whose job is over. It changes nothing
	// where the source does not wait for that job any more.
	Settle(ctx context.Context, move Move, outcome Outcome) error
}

// Move is a source that waits for a job.
type Move struct {
	Source Source
	Job    string
}

// JobEnds tells how jobs ended.
type JobEnds interface {
	// End returns how a job ended; nil while it has not. A result of more than
	// limit bytes is a failure.
	End(ctx context.Context, job string, limit int64) (*JobEnd, error)
}

// JobEnd is a job that is over.
type JobEnd struct {
	// Worker that ran it.
	Worker string
	// Failure says why there is no result; empty where there is one.
	Failure string
	// Content of the result, and its type.
	Content     []byte
	ContentType string
}

// Outcome of an attempt.
type Outcome struct {
	State State
	// Result is the key of the result, when done.
	Result string
	// Job is the id of the job, when moved and ever after.
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
	// Submit submits a job once for a source and each time that it was reopened,
	// however often it is called, and returns its id.
	Submit(ctx context.Context, source Source, reopened int, input json.RawMessage) (string, error)
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
