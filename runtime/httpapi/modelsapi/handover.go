package modelsapi

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"tandem/runtime/chatjob"
	"tandem/runtime/httpapi"
	"tandem/runtime/httpapi/auth"
	"tandem/runtime/httpapi/problem"
	"tandem/runtime/httpapi/request"
	"tandem/runtime/httpapi/view"
	"tandem/runtime/jobs"
	"tandem/runtime/models"
)

// handOver is a request that may become a job.
type handOver struct {
	api        *modelsAPI
	request    *http.Request
	body       asked
	preference httpapi.Preference
	worker     string
}

// handOver returns nil where the client did not allow it or nobody takes over: a
// preference that cannot be followed is ignored (RFC 7240).
func (a *modelsAPI) handOver(r *http.Request, body asked, preference httpapi.Preference) *handOver {
	worker := a.overflow[body.model]
	if worker == "" || !preference.Async && preference.Wait == 0 {
		return nil
	}
	return &handOver{api: a, request: r, body: body, preference: preference, worker: worker}
}

// takes tells whether a job can still answer what the routes could not: they
// had too little time, or the model's own service is only being started.
func (h *handOver) takes(ctx context.Context, err error) bool {
	if h == nil || h.request.Context().Err() != nil {
		return false
	}
	var own *models.Error
	return outOfTime(ctx, err) || errors.As(err, &own) && own.Code == models.CodeCold
}

// submit answers with the job that takes over.
func (h *handOver) submit(w http.ResponseWriter) error {
	ctx, options := h.request.Context(), h.api.options
	job, created, err := h.job(ctx)
	if err != nil {
		return err
	}
	if created && options.Waker != nil {
		options.Waker.Wake(ctx, job.Worker)
	}
	applied := "respond-async"
	if h.preference.Wait > 0 {
		applied = "wait=" + strconv.Itoa(int(h.preference.Wait/time.Second))
	}
	header := w.Header()
	header.Set("Preference-Applied", applied)
	header.Set("Location", request.From(ctx).BasePath+"/v1/jobs/"+job.ID)
	header.Set("X-Tandem-Model", h.body.model)
	header.Set("X-Tandem-Tier", "2")
	header.Set("Content-Type", "application/json")
	header.Set("Cache-Control", "no-store")
	body, err := json.Marshal(view.Job(job))
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusAccepted)
	_, _ = w.Write(body) // the caller has gone, and nobody is left to tell
	return nil
}

func (h *handOver) job(ctx context.Context) (jobs.Job, bool, error) {
	options, tenant := h.api.options, auth.From(ctx).Tenant
	submission := jobs.Submission{
		Tenant: tenant, Worker: h.worker, Input: chatjob.Input(h.body.Body), ContentType: chatjob.ContentType,
		Metadata: map[string]string{chatjob.ModelKey: h.body.model},
	}
	if key := h.request.Header.Get("Idempotency-Key"); key != "" {
		submission.IdempotencyKey = "chat/" + key
	}
	if len(submission.Input) > jobs.MaxSubmitInput {
		id, err := options.Jobs.StoreUpload(ctx, tenant, chatjob.ContentType, submission.Input)
		if err != nil {
			return jobs.Job{}, false, unavailable(err)
		}
		submission.Upload, submission.Input = id, nil
	}
	job, created, err := options.Jobs.Submit(ctx, submission)
	var invalid *jobs.InvalidError
	switch {
	case err == nil:
		return job, created, nil
	case errors.Is(err, jobs.ErrIdempotencyConflict):
		return job, false, asProblem(&models.Error{Status: http.StatusConflict, Type: models.TypeInvalidRequest, Code: "idempotency_key_reused",
			Message: "The Idempotency-Key was used before with another request."})
	case errors.As(err, &invalid):
		return job, false, asProblem(models.Invalid(invalid.Field, "%s %s.", invalid.Field, invalid.Reason))
	case job.ID != "" && !errors.Is(err, jobs.ErrNoQueue):
		// It is stored; the sweeper announces it.
		options.Log.WarnContext(ctx, "job left to the sweeper", "job", job.ID, "tenant", tenant, "error", err)
		return job, created, nil
	default:
		return job, false, unavailable(err)
	}
}

func unavailable(err error) error {
	return &problem.Error{Status: http.StatusServiceUnavailable, Detail: "Jobs cannot be reached at the moment; try again.",
		RetryAfter: time.Second, Cause: err}
}
