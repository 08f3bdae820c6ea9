// Package jobs is the durable contract between whoever submits work and
// whoever does it: no accepted job is lost and none is committed twice,
// whatever is killed whenever.
//
//	queued -> running -> succeeded | failed | cancelled | expired
//	             |  ^
//	             v  |
//	          interrupted: back to queued, not counted as a failure
//
// # Who does what
//
// A [Service] speaks for callers: it submits, reads, lists, cancels, redrives
// and hands out upload slots. A [Runner] speaks for a worker: it claims,
// renews, commits, and keeps steps, checkpoints and partial output. A
// [Sweeper] finds what got stranded. An [Outbox] hands webhooks to their
// queue. All four are thin: what may follow what is decided by pure functions
// in transitions.go, and kept by a [Store].
//
// # The store holds the truth, the queue only wakes
//
// A message says "this job may be runnable". Losing or doubling one changes
// nothing. What to do with a received one follows from the error of
// [Runner.Claim]:
//
//	nil             run the job; keep the message hidden while it runs
//	ErrLeaseHeld    another worker runs it: hide the message until the lease
//	                ends (see [RetryAt]); delete it if it is a watch message
//	ErrNotYet       it waits after a failure: hide until [RetryAt]
//	ErrFinished     delete the message
//	ErrNotFound     delete the message
//	anything else   let the message come back by itself
//
// # One attempt
//
// Claim sets owner and lease and raises the fence by one. Every later word of
// the attempt carries the fence, and lands only if it is still the job's:
//
//	job, err := runner.Claim(ctx, id, owner)
//	lease := job.Held()
//	loop each RenewEvery: runner.Renew(ctx, lease, progress)
//	     -> CancelRequested or Deadline passed: stop the container, runner.Stop
//	     -> DrainBy set: checkpoint, runner.Interrupt
//	     -> ErrLeaseLost: stop the container, say nothing more
//	runner.Succeed | runner.Fail | runner.Interrupt | runner.Stop
//
// A worker that cannot renew stops its container before the lease ends by its
// own monotonic clock. Its late result could not land anyway.
//
// Runner changes the truth only; messages stay the worker's business. After
// Succeed, Stop and a final Fail it deletes the message. After Interrupt it
// makes the message visible at once, after a Fail that left the job queued it
// hides the message until the job's NotBefore. SQS caps one receipt at 12 h:
// past 11 h the worker deletes the message and calls [Runner.Watch] with each
// renewal, which sends a message delayed beyond the lease. A worker without a
// message calls [Runner.Wake] instead of making one visible.
//
// # What is counted
//
// Fence counts claims. Attempts counts the claims that were not interrupted,
// the current one included, so that Fence = Attempts + Interruptions until a
// redrive starts both from zero. A failure is final once Attempts reaches
// MaxAttempts; interruptions have a cap of their own against crash loops.
//
// # What this package leaves to others
//
// HTTP, authentication, rate limits and signing webhooks (httpapi), running
// containers (worker), and how many of them (capacity). It imports no SDK: the
// adapters are jobs/memory, jobs/dynamostore, jobs/sqsqueue and jobs/s3blobs,
// and jobs/jobstest proves them.
package jobs
