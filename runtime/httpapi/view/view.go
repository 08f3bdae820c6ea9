// Package view shows a job the way the API does, to callers and to webhooks.
package view

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"mime"
	"time"

	"tandem/runtime/httpapi/api"
	"tandem/runtime/jobs"
)

// Links makes download links.
type Links interface {
	Link(ctx context.Context, payload jobs.Payload) (jobs.SignedRequest, error)
}

// Job shows a job without its result's content, as lists do.
func Job(job jobs.Job) api.Job {
	shown := api.Job{
		ID: job.ID, Worker: job.Worker, State: api.JobState(job.State), Priority: api.Priority(job.Priority),
		CreatedAt: job.Created, StartedAt: job.Started, EndedAt: job.Finished, Deadline: job.Deadline,
		CancelRequested: job.CancelRequested && !job.State.Terminal(),
		Attempts:        job.Attempts, Interruptions: job.Interruptions,
		Progress: api.Progress{Percent: job.Progress.Percent, Message: job.Progress.Message},
		Error:    api.JobError{Code: job.Failure.Code, Message: job.Failure.Message},
		Metadata: job.Metadata,
	}
	if job.State == jobs.Succeeded {
		shown.Result = api.Result{ContentType: job.Result.ContentType, Size: job.Result.Size}
	}
	if job.Webhook.URL != "" {
		shown.Webhook = api.Webhook{URL: job.Webhook.URL, State: delivery(job.Webhook.State),
			Attempts: job.Webhook.Attempts, LastError: job.Webhook.LastError}
	}
	return shown
}

func delivery(state jobs.DeliveryState) api.WebhookState {
	switch state {
	case jobs.DeliveryNone:
		return api.WebhookStateWaiting
	case jobs.DeliveryDelivered:
		return api.WebhookStateDelivered
	case jobs.DeliveryGivenUp:
		return api.WebhookStateFailed
	default:
		return api.WebhookStatePending
	}
}

// WithInlineResult shows a job with its result where it is kept in the job.
func WithInlineResult(job jobs.Job) api.Job {
	shown := Job(job)
	switch {
	case job.State != jobs.Succeeded || job.Result.BlobKey != "":
	case isJSON(job.Result.ContentType) && json.Valid(job.Result.Inline):
		shown.Result.Value = job.Result.Inline
	default:
		shown.Result.Base64 = base64.StdEncoding.EncodeToString(job.Result.Inline)
	}
	return shown
}

// WithResult shows a job with its result, inline where it is kept in the job,
// else as a link.
func WithResult(ctx context.Context, job jobs.Job, links Links) (api.Job, error) {
	shown := WithInlineResult(job)
	if job.State != jobs.Succeeded || job.Result.BlobKey == "" {
		return shown, nil
	}
	link, err := links.Link(ctx, job.Result)
	if err != nil {
		return api.Job{}, fmt.Errorf("linking the result of job %s: %w", job.ID, err)
	}
	shown.Result.URL, shown.Result.URLExpiresAt = link.URL, link.Expires.UTC().Truncate(time.Second)
	return shown, nil
}

func isJSON(contentType string) bool {
	media, _, err := mime.ParseMediaType(contentType)
	return err == nil && media == "application/json"
}

// Steps shows stored steps.
func Steps(steps []jobs.Step) []api.Step {
	shown := make([]api.Step, len(steps))
	for i, step := range steps {
		shown[i] = api.Step{Key: step.Key, StoredAt: step.Stored}
	}
	return shown
}
