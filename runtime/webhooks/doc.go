// Package webhooks tells callers that their job has ended, as Standard Webhooks
// says (https://www.standardwebhooks.com, 2026-11-24): signed by a key of the
// tenant's own, delivered at least once, tried again for more than a day.
//
// Which jobs are due is kept by jobs.Outbox; each delivery is a message in a
// queue of its own. Which addresses may be called is decided in
// webhooks/target. A receiver tells repeated deliveries by their webhook-id.
package webhooks
