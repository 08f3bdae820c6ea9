// Package ratelimit bounds how fast each tenant may call: a token bucket a
// tenant, kept in the process. Several processes, such as several instances of
// a Lambda function, each allow the whole rate; the limit for all callers
// together is the gateway's business.
package ratelimit

import (
	"fmt"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"

	"tandem/runtime/keys"
)

// Options of a Limiter.
type Options struct {
	// Rate is requests a second of a tenant whose key names none. Defaults to 50.
	Rate int
	// Burst is requests at once of a tenant whose key names none. Defaults to twice the rate.
	Burst int
	// Tenants is how many buckets are kept; the one that was used least recently
	// goes first. Defaults to 10,000, about 2 MiB.
	Tenants int
	// Now defaults to time.Now.
	Now func() time.Time
}

// Limiter holds the buckets. It is safe for concurrent use.
type Limiter struct {
	options Options
	buckets *lru.Cache[bucketKey, *rate.Limiter]
}

// bucketKey separates a key with a rate of its own from the rest of its tenant,
// and a changed rate from the one before.
type bucketKey struct {
	tenant, key string
	rate, burst int
}

// New makes a limiter without any buckets.
func New(options Options) *Limiter {
	if options.Rate == 0 {
		options.Rate = 50
	}
	if options.Burst == 0 {
		options.Burst = 2 * options.Rate
	}
	if options.Tenants == 0 {
		options.Tenants = 10_000
	}
	if options.Now == nil {
		options.Now = time.Now
	}
	buckets, err := lru.New[bucketKey, *rate.Limiter](options.Tenants)
	if err != nil {
		panic(fmt.Sprintf("ratelimit: Options.Tenants is %d: %v", options.Tenants, err))
	}
	return &Limiter{options: options, buckets: buckets}
}

// Allow takes one request from the caller's bucket. When there is none left it
// returns how long to wait for the next, above zero.
func (l *Limiter) Allow(identity keys.Identity) (wait time.Duration) {
	bucket := l.bucket(identity)
	now := l.options.Now()
	reservation := bucket.ReserveN(now, 1)
	if wait = reservation.DelayFrom(now); wait > 0 {
		reservation.CancelAt(now)
	}
	return wait
}

func (l *Limiter) bucket(identity keys.Identity) *rate.Limiter {
	key := bucketKey{tenant: identity.Tenant, rate: l.options.Rate, burst: l.options.Burst}
	if identity.Rate > 0 {
		key = bucketKey{tenant: identity.Tenant, key: identity.KeyID, rate: identity.Rate, burst: 2 * identity.Rate}
		if identity.Burst > 0 {
			key.burst = identity.Burst
		}
	}
	if bucket, found := l.buckets.Get(key); found {
		return bucket
	}
	fresh := rate.NewLimiter(rate.Limit(key.rate), key.burst)
	if bucket, found, _ := l.buckets.PeekOrAdd(key, fresh); found {
		return bucket
	}
	return fresh
}
