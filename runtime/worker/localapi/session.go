package localapi

import (
	"context"
	"io"
	"sync"
	"time"

	"tandem/runtime/jobs"
)

// Trail is what an attempt leaves behind on its way; *jobs.Runner keeps it.
type Trail interface {
	PutStep(ctx context.Context, held jobs.Held, key string, result jobs.Payload) (jobs.Step, bool, error)
	GetStep(ctx context.Context, held jobs.Held, key string) (jobs.Step, bool, error)
	ListSteps(ctx context.Context, held jobs.Held, after string, limit int) ([]jobs.Step, error)
	SaveCheckpoint(ctx context.Context, held jobs.Held, data jobs.Payload) error
	LastCheckpoint(ctx context.Context, held jobs.Held) (jobs.Checkpoint, bool, error)
	Append(ctx context.Context, held jobs.Held, first int64, pieces ...[]byte) error
}

// Blobs keeps what is too large for an item.
type Blobs interface {
	Put(ctx context.Context, key string, body io.Reader, options jobs.PutOptions) (jobs.BlobInfo, error)
	Get(ctx context.Context, key string) (io.ReadCloser, jobs.BlobInfo, error)
	Delete(ctx context.Context, key string) error
}

// Reason why an attempt should stop.
type Reason string

// The reasons, as a container reads them.
const (
	// Cancelled by the caller.
	Cancelled Reason = "cancelled"
	// Expired: the job's deadline has passed.
	Expired Reason = "expired"
	// Shutdown of this task: a scale-in or a stop by hand.
	Shutdown Reason = "shutdown"
	// Spot: the instance is being reclaimed.
	Spot Reason = "spot"
	// Impaired: the host's GPU is sick.
	Impaired Reason = "impaired"
	// Deploy: a new revision takes over.
	Deploy Reason = "deploy"
)

// Resumes tells whether the job will go on elsewhere, so that a checkpoint is of use.
func (r Reason) Resumes() bool { return r != Cancelled && r != Expired }

// Stop asks an attempt to save what it has and end.
type Stop struct {
	Reason Reason
	// By is when the attempt is cut.
	By time.Time
}

// SessionOptions describe an attempt.
type SessionOptions struct {
	// Job as it was claimed.
	Job jobs.Job
	// Cut is when the attempt ends at the latest.
	Cut time.Time
	// Trail and Blobs are required.
	Trail Trail
	Blobs Blobs
	// Tokens makes names for blobs. Defaults to jobs.RandomIDs.
	Tokens func() string
}

// Session is one attempt as its container sees it. It is safe for concurrent use.
type Session struct {
	options SessionOptions
	job     jobs.Job
	held    jobs.Held
	// over is done when the attempt has no say any more.
	over context.Context
	end  context.CancelCauseFunc

	stopping chan struct{}
	mutex    sync.Mutex
	stop     *Stop
	drainBy  time.Time
	progress *jobs.Progress

	checkpoints checkpoints
	output      output
}

// NewSession starts a session, which ends with the context or with [Session.End].
func NewSession(ctx context.Context, options SessionOptions) *Session {
	if options.Tokens == nil {
		options.Tokens = jobs.RandomIDs{}.NewToken
	}
	over, end := context.WithCancelCause(ctx)
	return &Session{
		options: options, job: options.Job, held: options.Job.Held(), over: over, end: end,
		stopping: make(chan struct{}), output: output{next: 1},
	}
}

// End refuses all further calls, because the attempt is over.
func (s *Session) End(cause error) { s.end(cause) }

// Stop tells the container to stop. Told twice, the earlier time holds.
func (s *Session) Stop(stop Stop) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	switch {
	case s.stop == nil:
		s.stop = &stop
		close(s.stopping)
	case stop.By.Before(s.stop.By):
		s.stop = &Stop{Reason: s.stop.Reason, By: stop.By}
	}
}

// Stopping is closed once the container is told to stop.
func (s *Session) Stopping() <-chan struct{} { return s.stopping }

// Stopped returns what the container was told, if it was.
func (s *Session) Stopped() (Stop, bool) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.stop == nil {
		return Stop{}, false
	}
	return *s.stop, true
}

// DrainBy tells the container that it has until then to come to an end by
// itself, because a new revision is taking over.
func (s *Session) DrainBy(by time.Time) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.drainBy = by
}

// TakeProgress returns the progress that was told since it was last taken, or nil.
func (s *Session) TakeProgress() *jobs.Progress {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	progress := s.progress
	s.progress = nil
	return progress
}

// KeepProgress gives back progress that could not be told, unless there is newer.
func (s *Session) KeepProgress(progress *jobs.Progress) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.progress == nil {
		s.progress = progress
	}
}

// during returns a context that ends with the request or with the attempt.
func (s *Session) during(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	unhook := context.AfterFunc(s.over, func() { cancel(context.Cause(s.over)) })
	return ctx, func() { unhook(); cancel(nil) }
}
