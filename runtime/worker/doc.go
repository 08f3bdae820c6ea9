// Package worker runs jobs in the model container beside it: it takes as many
// as the container has slots, keeps their leases, streams inputs in and results
// out, and gives them back in time when its host is taken away.
//
// # Parts
//
// The intake decides which lane is asked for how many messages (intake.go,
// poll.go). Each slot claims and runs one attempt after another (slot.go,
// attempt.go, result.go), and an attempt's end is decided in one place
// (outcome.go). One loop renews all leases and hides all messages
// (heartbeat.go); another asks the container for its health (health.go).
// Draining is in drain.go.
//
// # What it leaves to others
//
// What may follow what in a job's life is decided in runtime/jobs; the store,
// the queue and the blobs are its adapters, chosen by the program. How a
// container is called is in worker/container, what it may ask in
// worker/localapi, what ECS says in worker/ecstask.
package worker
