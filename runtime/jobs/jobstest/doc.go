// Package jobstest proves adapters of package jobs: one that passes [RunStore],
// [RunQueue] or [RunBlobs] keeps the promises that the ports write down, and
// [RunContract] shows that the whole contract holds upon them. Tests share an
// adapter's table or bucket, so each makes tenants, workers and ids of its own.
package jobstest
