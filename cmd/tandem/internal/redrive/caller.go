package redrive

import (
	"context"
	"fmt"
	"slices"
	"time"

	"tandem/runtime/httpapi/api"
	"tandem/runtime/jobs"
)

// API is what a caller's redrive calls; *apiclient.Client is one.
type API interface {
	Redrive(ctx context.Context, request api.RedriveRequest) (api.JobList, error)
}

// RunAsCaller redrives jobs of whoever holds the client's key; the request's
// tenant does not matter. It says and returns what [Run] does.
func RunAsCaller(ctx context.Context, client API, request Request, say func(string)) (Done, error) {
	done := Done{IDs: []string{}, DryRun: request.DryRun}
	add := func(page api.RedriveRequest) (next string, err error) {
		page.DryRun = request.DryRun
		list, err := client.Redrive(ctx, page)
		if err != nil {
			return "", fmt.Errorf("putting jobs back into the queue: %w", err)
		}
		for _, job := range list.Jobs {
			done.IDs = append(done.IDs, job.ID)
		}
		say(fmt.Sprintf("%d jobs", len(done.IDs)))
		return list.Next, nil
	}
	if len(request.IDs) > 0 {
		for ids := range slices.Chunk(request.IDs, jobs.MaxLimit) {
			if _, err := add(api.RedriveRequest{Jobs: ids}); err != nil {
				return done, err
			}
		}
		return done, nil
	}
	selection := selected(request.Filter)
	for {
		next, err := add(selection)
		if err != nil || next == "" {
			return done, err
		}
		selection.Cursor = &next
	}
}

func selected(filter jobs.Filter) api.RedriveRequest {
	var selection api.RedriveRequest
	for _, state := range filter.States {
		selection.States = append(selection.States, api.RedriveState(state))
	}
	if filter.Worker != "" {
		selection.Worker = &filter.Worker
	}
	bound := func(at time.Time) *time.Time {
		if at.IsZero() {
			return nil
		}
		return &at
	}
	selection.CreatedFrom, selection.CreatedBefore = bound(filter.CreatedFrom), bound(filter.CreatedBefore)
	return selection
}
