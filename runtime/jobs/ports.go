package jobs

import (
	"context"
	"io"
	"time"
)

// Clock tells server time: the store's, as well as it is known.
type Clock interface {
	Now() time.Time
}

// ClockFunc makes a Clock of a function such as time.Now.
type ClockFunc func() time.Time

// Now implements Clock.
func (f ClockFunc) Now() time.Time { return f() }

// Store is everything that an adapter keeps. The programs in this package ask
// for the parts that they use.
type Store interface {
	Records
	Leases
	Lister
	Finder
	Trail
}

// Records reads and writes whole jobs.
type Records interface {
	// Create puts a job that does not exist, or whose namesake's ExpiresAt is not
	// after job.Created, or finds it written already, by its WriteToken. Otherwise
	// it returns a *StateError with ErrExists and the job that is there.
	Create(ctx context.Context, job Job) error
	// Get reads a job, strongly consistent. ErrNotFound if there is none.
	Get(ctx context.Context, id string) (Job, error)
	// Replace writes a job whose stored revision is job.Revision-1, or finds it
	// written already, by its WriteToken. Otherwise it returns a *StateError with
	// ErrConflict and the job that is there, or ErrNotFound.
	Replace(ctx context.Context, job Job) error
}

// Leases are the writes of a worker's hot path: one conditional update each,
// with no read before. Where the condition fails they return a *StateError with
// ErrConflict and the job that is there, or ErrNotFound; where it fails on a job
// that bears the same token, the write had already happened and they succeed.
type Leases interface {
	// Claim does what [Job.Claimed] does, if [Job.Claimable] allows it.
	Claim(ctx context.Context, claim Claim) (Job, error)
	// Renew does what [Job.Renewed] does, while the job runs with the fence.
	Renew(ctx context.Context, renewal Renewal) (Job, error)
	// Commit does what [Job.Committed] does, while the job runs with the fence.
	Commit(ctx context.Context, commit Commit) (Job, error)
}

// Lister lists a tenant's jobs.
type Lister interface {
	// List returns up to limit jobs of a tenant, newest first, that come after the
	// position, and the position of the last one; nil at the end. A list may lag
	// behind the truth by a second or so, and leave out a job that has just gone.
	List(ctx context.Context, tenant string, after *Position, limit int) ([]Job, *Position, error)
}

// Finder finds jobs by what they wait for, for the sweeper and for capacity.
// What it finds may lag behind the truth by a second or so.
type Finder interface {
	// FindQueued returns queued jobs of a lane: first those with a deadline, the
	// nearest first, then the others, the longest waiting first.
	FindQueued(ctx context.Context, lane Lane, page Scan) (Found, error)
	// FindRunning returns running jobs, the longest running first.
	FindRunning(ctx context.Context, page Scan) (Found, error)
	// FindPendingWebhooks returns jobs whose webhook is pending.
	FindPendingWebhooks(ctx context.Context, page Scan) (Found, error)
}

// Trail keeps what attempts leave behind on their way. Reads see what all
// attempts of the job stored; the fence of what is held does not matter to them.
type Trail interface {
	// PutStep stores a step unless one with its key exists, if the job runs with
	// the fence; ErrLeaseLost otherwise. It returns the stored step and whether it
	// was stored by this call.
	PutStep(ctx context.Context, held Held, step Step) (Step, bool, error)
	// GetStep reads a step; false if there is none.
	GetStep(ctx context.Context, held Held, key string) (Step, bool, error)
	// ListSteps returns up to limit steps in the order of their keys, after a key.
	ListSteps(ctx context.Context, held Held, after string, limit int) ([]Step, error)
	// PutCheckpoint replaces the job's checkpoint, if the job runs with the
	// fence; ErrLeaseLost otherwise.
	PutCheckpoint(ctx context.Context, held Held, checkpoint Checkpoint) error
	// GetCheckpoint reads the last checkpoint; false if there is none.
	GetCheckpoint(ctx context.Context, held Held) (Checkpoint, bool, error)
	// AppendEvents stores partial output. Events with a position that exists are replaced.
	AppendEvents(ctx context.Context, held Held, events []Event) error
	// ListEvents returns up to limit events after a position, in order.
	ListEvents(ctx context.Context, held Held, after EventPosition, limit int) ([]Event, error)
}

// Queue wakes workers. Delivery is at least once, in no order.
type Queue interface {
	// Send announces a job on a lane. The delay is at most 15 minutes
	// (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-delay-queues.html, 2026-11-24).
	// ErrNoQueue if the lane has no queue.
	Send(ctx context.Context, lane Lane, message Message, delay time.Duration) error
	// Receive takes up to most messages, 1 to 10, waiting up to wait, at most 20 s,
	// for the first. They stay hidden from others for visibility.
	Receive(ctx context.Context, lane Lane, most int, wait, visibility time.Duration) ([]Delivery, error)
	// ChangeVisibility hides messages for so long from now, at most 12 h after
	// they were received; zero makes them visible. Any number; receipts that are
	// no longer valid are no error.
	ChangeVisibility(ctx context.Context, lane Lane, changes []VisibilityChange) error
	// Delete removes messages. Any number; receipts that are no longer valid are no error.
	Delete(ctx context.Context, lane Lane, receipts []string) error
	// Depth counts messages, roughly.
	Depth(ctx context.Context, lane Lane) (Depth, error)
}

// Delivery is a received message.
type Delivery struct {
	// Body as it came; read it with [ParseMessage].
	Body string
	// Receipt by which this delivery is hidden or deleted.
	Receipt string
	// Received counts deliveries of this message, this one included.
	Received int
}

// VisibilityChange hides one delivery for so long from now.
type VisibilityChange struct {
	Receipt string
	For     time.Duration
}

// Depth of a queue, roughly: messages to be received, received but not deleted, and delayed.
type Depth struct {
	Visible, InFlight, Delayed int
}

// Empty tells whether no message is left in any form.
func (d Depth) Empty() bool { return d.Visible == 0 && d.InFlight == 0 && d.Delayed == 0 }

// Blobs keeps payloads.
type Blobs interface {
	// Put streams body to a key and replaces what is there, all or nothing.
	Put(ctx context.Context, key string, body io.Reader, options PutOptions) (BlobInfo, error)
	// Get streams a blob. ErrNoBlob if there is none. The caller closes it.
	Get(ctx context.Context, key string) (io.ReadCloser, BlobInfo, error)
	// Head describes a blob. ErrNoBlob if there is none.
	Head(ctx context.Context, key string) (BlobInfo, error)
	// Copy copies a blob to another key. ErrNoBlob if there is none.
	Copy(ctx context.Context, from, to string) error
	// Delete removes a blob; no error if there is none.
	Delete(ctx context.Context, key string) error
	Presigner
}

// Presigner makes links that work without further credentials.
type Presigner interface {
	// PresignPut allows one upload of exactly size bytes, at most 5 GiB
	// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/upload-objects.html, 2026-11-24).
	PresignPut(ctx context.Context, key, contentType string, size int64, valid time.Duration) (SignedRequest, error)
	// PresignGet allows downloads.
	PresignGet(ctx context.Context, key string, valid time.Duration) (SignedRequest, error)
}

// PutOptions describe a blob to be stored.
type PutOptions struct {
	// ContentType of the blob.
	ContentType string
	// Size in bytes where known, else 0 or -1. A body of another size is refused.
	Size int64
}

// BlobInfo describes a stored blob.
type BlobInfo struct {
	Key         string
	ContentType string
	Size        int64
}

// SignedRequest is a link and what must be sent with it.
type SignedRequest struct {
	Method string
	URL    string
	// Headers that must be sent exactly so.
	Headers map[string]string
	// Expires is when the link stops working.
	Expires time.Time
}
