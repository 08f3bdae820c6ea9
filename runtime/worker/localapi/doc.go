// Package localapi is what a model container may ask of the worker beside it:
// checkpoints, memoised steps, progress, partial output, the time left and
// whether to stop. docs/local-api.md describes it for authors of containers.
//
// A [Session] is one attempt at one job; the worker makes it, tells it when to
// stop and takes its progress with each renewal. Leases, and what becomes of
// the job, are the worker's. The handler trusts its callers: it listens on the
// loopback of one task, whose containers share one role anyway.
package localapi
