package jobs

import "time"

// State of a job.
type State string

// The states. The last four are terminal.
const (
	Queued    State = "queued"
	Running   State = "running"
	Succeeded State = "succeeded"
	Failed    State = "failed"
	Cancelled State = "cancelled"
	Expired   State = "expired"
)

// Terminal tells whether a job in this state is over.
func (s State) Terminal() bool {
	switch s {
	case Succeeded, Failed, Cancelled, Expired:
		return true
	default:
		return false
	}
}

// Valid tells whether s is one of the six states.
func (s State) Valid() bool { return s == Queued || s == Running || s.Terminal() }

// Priority of a job; each is a queue of its own.
type Priority string

// The priorities, highest first.
const (
	High   Priority = "high"
	Normal Priority = "normal"
	Low    Priority = "low"
)

// Valid tells whether p is one of the three priorities.
func (p Priority) Valid() bool { return p == High || p == Normal || p == Low }

// Lane is where a job waits: one worker's queue of one priority.
type Lane struct {
	Worker   string
	Priority Priority
}

// String renders the lane as worker/priority.
func (l Lane) String() string { return l.Worker + "/" + string(l.Priority) }

// WebhookLane is the queue of webhook deliveries. No worker can be called so.
var WebhookLane = Lane{Worker: "#webhooks", Priority: Normal}

// Job is one piece of work from its acceptance to its end. Times are UTC in
// milliseconds; a zero time is absent.
type Job struct {
	// ID is a UUID in canonical form.
	ID string
	// Tenant that the job belongs to, up to [MaxTenant] bytes.
	Tenant string
	// Worker that runs it, up to [MaxWorker] bytes.
	Worker   string
	Priority Priority
	State    State
	// Revision counts writes; a write based on an older one is refused.
	Revision int64
	// RequestHash identifies what was submitted, for idempotency.
	RequestHash []byte

	Input  Payload
	Result Payload
	// Failure of the last failed attempt. It stays beside a later success.
	Failure Failure

	// Attempts that were started and not interrupted, since the last redrive.
	Attempts int
	// Interruptions since the last redrive.
	Interruptions int
	// Fence counts claims and never goes back.
	Fence int64
	// Lease of the running attempt; zero unless running.
	Lease Lease
	// ClaimToken, CommitToken and WriteToken recognise a repeated write as such:
	// those of the last claim, of the commit, and of the last Create or Replace.
	ClaimToken, CommitToken, WriteToken string

	// NotBefore is when a queued job may run, after a failed attempt.
	NotBefore time.Time
	// Deadline after which the job is expired unless it is over.
	Deadline time.Time
	// CancelRequested tells the running attempt to stop.
	CancelRequested bool
	// DrainBy is when the running attempt must have given the job back.
	DrainBy time.Time
	// Progress that the running attempt told last.
	Progress Progress

	Created, Updated time.Time
	// QueuedAt is since when the job waits: its creation, or its last return to the queue.
	QueuedAt time.Time
	// Started is when the last attempt was claimed.
	Started time.Time
	// Finished is set once the state is terminal.
	Finished time.Time
	// ExpiresAt is when a finished job disappears, in whole seconds; zero while it is not over.
	ExpiresAt time.Time

	Webhook Webhook
	// Metadata of the caller, up to [MaxMetadata] bytes of keys and values together.
	Metadata map[string]string
}

// Lane is where the job waits.
func (j Job) Lane() Lane { return Lane{Worker: j.Worker, Priority: j.Priority} }

// Held is what an attempt proves itself with.
func (j Job) Held() Held { return Held{ID: j.ID, Fence: j.Fence, Created: j.Created} }

// Held names an attempt: the job and the fence that its claim was given.
type Held struct {
	ID    string
	Fence int64
	// Created tells a job from an earlier one of the same id, which an
	// idempotency key makes again once the earlier one has disappeared: what that
	// one left behind must not be taken for this one's.
	Created time.Time
}

// Lease is the right to run a job for a while.
type Lease struct {
	// Owner names the worker, up to [MaxOwner] bytes: "<task>/<revision>".
	Owner string
	// Until is the lease's end in server time.
	Until time.Time
}

// Payload is an input, a result or a step's result: some bytes inline, or the
// key of a blob. The zero value is no payload; an empty one has a ContentType.
type Payload struct {
	// Inline bytes, where BlobKey is empty.
	Inline []byte
	// BlobKey in the data bucket.
	BlobKey string
	// ContentType, up to [MaxContentType] bytes.
	ContentType string
	// Size in bytes.
	Size int64
}

// Bytes makes an inline payload.
func Bytes(contentType string, content []byte) Payload {
	return Payload{Inline: content, ContentType: contentType, Size: int64(len(content))}
}

// Blob makes a payload that lives under a key.
func Blob(contentType, key string, size int64) Payload {
	return Payload{BlobKey: key, ContentType: contentType, Size: size}
}

// IsZero tells whether there is no payload at all.
func (p Payload) IsZero() bool {
	return p.BlobKey == "" && p.ContentType == "" && p.Size == 0 && len(p.Inline) == 0
}

// Failure says why an attempt or a job failed.
type Failure struct {
	// Code for programs, such as container_crashed; up to [MaxFailureCode] bytes.
	Code string
	// Message for people, cut to [MaxFailureMessage] bytes.
	Message string
}

// Codes of the failures that this package itself decides.
const (
	// CodeTooManyInterruptions ends a job that was interrupted more often than its worker allows.
	CodeTooManyInterruptions = "too_many_interruptions"
	// CodeDeadlineExceeded accompanies the state expired.
	CodeDeadlineExceeded = "deadline_exceeded"
)

// Progress of a running attempt.
type Progress struct {
	// Percent from 0 to 100.
	Percent float64
	// Message for people, cut to [MaxProgressMessage] bytes.
	Message string
}

// DeliveryState is how far a webhook got.
type DeliveryState string

// The states of a webhook: none until the job is over, pending until its
// queue has it, then sent, and at last delivered or given up.
const (
	DeliveryNone      DeliveryState = ""
	DeliveryPending   DeliveryState = "pending"
	DeliverySent      DeliveryState = "sent"
	DeliveryDelivered DeliveryState = "delivered"
	DeliveryGivenUp   DeliveryState = "failed"
)

// Webhook is called once the job is over.
type Webhook struct {
	// URL to call, up to [MaxWebhookURL] bytes; empty for none.
	URL   string
	State DeliveryState
	// Attempts to deliver so far.
	Attempts int
	// LastError of a delivery, cut to [MaxFailureMessage] bytes.
	LastError string
}
