package jobs

import (
	"time"
	"unicode/utf8"
)

// Limits on what a job carries, in bytes. Together they keep the item of a
// running job under 1 KB, the unit in which DynamoDB bills each renewal
// (https://aws.amazon.com/dynamodb/pricing/on-demand/, 2026-11-24).
const (
	MaxTenant          = 48
	MaxWorker          = 32
	MaxOwner           = 64
	MaxContentType     = 48
	MaxBlobKey         = 192
	MaxFailureCode     = 32
	MaxFailureMessage  = 128
	MaxProgressMessage = 64
	MaxWebhookURL      = 192
	MaxMetadata        = 160
	// MaxStepKey bounds the key of a memoised step.
	MaxStepKey = 256
	// MaxIdempotencyKey bounds the Idempotency-Key header.
	MaxIdempotencyKey = 255
)

// Sizes of payloads, in bytes.
const (
	// InlineBudget is what a job's names, metadata, webhook and input may take
	// together for the input to be kept in the item.
	InlineBudget = 480
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

// truncate cuts s to at most limit bytes, at a character's edge.
func truncate(s string, limit int) string {
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
