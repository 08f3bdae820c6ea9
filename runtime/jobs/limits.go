package jobs

import (
	"strings"
	"time"
	"unicode/utf8"
)

// Limits on what a job carries, in bytes. Those of a running job keep its item
// within [ItemSize].
const (
	MaxTenant          = 48
	MaxWorker          = 32
	MaxOwner           = 64
	MaxContentType     = 80
	MaxFailureCode     = 32
	MaxProgressMessage = 48
	// MaxFailureMessage bounds the message of a job that is over; one that will
	// be tried again keeps what room there is, up to MaxRetryMessage.
	MaxFailureMessage = 512
	MaxRetryMessage   = 128
	MaxWebhookURL     = 2048
	// MaxMetadata bounds all keys and values together.
	MaxMetadata = 2048
	// MaxDeadline bounds how far ahead a deadline lies.
	MaxDeadline = 366 * 24 * time.Hour
	// MaxStepKey bounds the key of a memoised step.
	MaxStepKey = 256
	// MaxIdempotencyKey bounds the Idempotency-Key header.
	MaxIdempotencyKey = 255
)

// Sizes of payloads, in bytes.
const (
	// InlineResult is the largest result kept in the item: it is written once,
	// and up to here that costs less than a PUT to S3.
	InlineResult = 4 << 10
	// InlineStep is the largest step result kept in the step's item.
	InlineStep = 4 << 10
	// MaxSubmitInput is the largest input that [Service.Submit] takes in the call itself.
	MaxSubmitInput = 256 << 10
)

// Times of a lease.
const (
	// LeaseFor is how long a claim or renewal holds.
	LeaseFor = 30 * time.Second
	// RenewEvery is how often a worker renews.
	RenewEvery = 10 * time.Second
	// WatchDelay is the delay of a watch message: longer than the lease, so that
	// whoever gets it finds either a live lease or a job to take over.
	WatchDelay = LeaseFor + 10*time.Second
	// MaxDelay is the longest delay of a message.
	MaxDelay = 15 * time.Minute
)

// truncate makes s valid UTF-8 of at most limit bytes.
func truncate(s string, limit int) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if len(s) <= limit {
		return s
	}
	s = s[:limit]
	for len(s) > 0 {
		if r, size := utf8.DecodeLastRuneInString(s); r != utf8.RuneError || size > 1 {
			break
		}
		s = s[:len(s)-1]
	}
	return s
}
