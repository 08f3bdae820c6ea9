// Package joboverflow makes jobs of documents that are too much for a function.
package joboverflow

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"tandem/runtime/documents"
	"tandem/runtime/jobs"
	"tandem/runtime/settings"
)

// Tenant that such jobs belong to.
const Tenant = settings.DocumentsTenant

// Jobs submits; jobs.Service.
type Jobs interface {
	Submit(ctx context.Context, submission jobs.Submission) (jobs.Job, bool, error)
}

// Overflow implements documents.Overflow.
type Overflow struct {
	Jobs   Jobs
	Worker string
}

var _ documents.Overflow = Overflow{}

// Submit implements documents.Overflow. The source names the job, so that a
// second call finds the first one's.
func (o Overflow) Submit(ctx context.Context, source documents.Source, reopened int, input json.RawMessage) (string, error) {
	key := "document/" + source.ID()
	if reopened > 0 {
		key += "/" + strconv.Itoa(reopened)
	}
	job, _, err := o.Jobs.Submit(ctx, jobs.Submission{
		Tenant: Tenant, IdempotencyKey: key, Worker: o.Worker, Input: input, ContentType: "application/json",
	})
	if err != nil && job.ID == "" {
		return "", fmt.Errorf("submitting a job to worker %s: %w", o.Worker, err)
	}
	// A job that is stored and could not be announced is found by the sweeper.
	return job.ID, nil
}
