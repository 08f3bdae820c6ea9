package smoke

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"tandem/cmd/tandem/internal/apiclient"
)

// endLimit is how long jobs that are left over may take to end.
const endLimit = time.Minute

// cleanUp takes away everything that the run made. It goes on after errors, so
// that as little as possible is left.
func (r *run) cleanUp(ctx context.Context) (string, error) {
	var errs []error
	removed := 0
	for _, id := range r.jobs {
		if err := r.removeJob(ctx, id); err != nil {
			errs = append(errs, fmt.Errorf("job %s stays: %w", id, err))
			continue
		}
		removed++
	}
	payloads := "their payloads stay until their time is over"
	if r.keyID != "" {
		payloads = "what they had in the bucket, and the key"
		if err := r.Remover.RemovePayloads(ctx, r.Tenant); err != nil {
			errs = append(errs, fmt.Errorf("payloads of the tenant %s stay: %w", r.Tenant, err))
		}
		// The key goes last: until then it could still be used to look.
		if err := r.Keys.RemoveKey(ctx, r.keyID); err != nil {
			errs = append(errs, fmt.Errorf("key %s stays: %w", r.keyID, err))
		}
	}
	return fmt.Sprintf("removed %d jobs, %s", removed, payloads), errors.Join(errs...)
}

// removeJob ends a job, if it has not, and takes it away.
func (r *run) removeJob(ctx context.Context, id string) error {
	job, err := r.client.Job(ctx, id, 0)
	if err != nil {
		return err
	}
	if !apiclient.Over(job) {
		if _, err := r.client.Cancel(ctx, id); err != nil && !apiclient.IsStatus(err, http.StatusConflict) {
			return err
		}
		if _, err := r.end(ctx, job, endLimit); err != nil {
			return err
		}
	}
	return r.Remover.RemoveJob(ctx, id)
}
