package httpapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"tandem/runtime/httpapi/api"
	"tandem/runtime/httpapi/auth"
	"tandem/runtime/httpapi/problem"
	"tandem/runtime/httpapi/request"
	"tandem/runtime/httpapi/view"
	"tandem/runtime/jobs"
)

func (j *jobAPI) submit(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	body, err := decode[api.JobRequest](r)
	if err != nil {
		return err
	}
	submission, err := j.submission(r.Header, body, auth.From(ctx).Tenant)
	if err != nil {
		return err
	}
	job, created, err := j.options.Jobs.Submit(ctx, submission)
	if err != nil && !j.accepted(ctx, job, err) {
		return j.problem(err)
	}
	if created && j.options.Waker != nil {
		j.options.Waker.Wake(ctx, job.Worker)
	}
	preference := parsePrefer(r.Header.Values("Prefer"))
	switch {
	case preference.wait > 0:
		if job, err = j.wait(ctx, job, preference.wait); err != nil {
			// It is accepted whatever happened to the wait.
			j.options.Log.WarnContext(ctx, "waiting for a job failed", "job", job.ID, "tenant", job.Tenant, "error", err)
		}
		w.Header().Set("Preference-Applied", "wait="+seconds(preference.wait))
	case preference.async:
		w.Header().Set("Preference-Applied", "respond-async")
	}
	w.Header().Set("Location", request.From(ctx).BasePath+"/v1/jobs/"+job.ID)
	return j.writeSubmitted(ctx, w, job)
}

// accepted tells whether a job is stored despite an error: what failed then is
// only the announcement, which the sweeper makes up for. To answer with an error
// would make the caller submit it twice.
func (j *jobAPI) accepted(ctx context.Context, job jobs.Job, err error) bool {
	if job.ID == "" || errors.Is(err, jobs.ErrIdempotencyConflict) || errors.Is(err, jobs.ErrNoQueue) {
		return false
	}
	j.options.Log.WarnContext(ctx, "job left to the sweeper", "job", job.ID, "tenant", job.Tenant, "error", err)
	return true
}

func (j *jobAPI) writeSubmitted(ctx context.Context, w http.ResponseWriter, job jobs.Job) error {
	if !job.State.Terminal() {
		return writeJSON(w, http.StatusAccepted, view.Job(job))
	}
	shown, err := view.WithResult(ctx, job, j.options.Jobs)
	if err != nil {
		return j.problem(err)
	}
	return writeJSON(w, http.StatusOK, shown)
}

// submission makes one of a request, or names everything that is wrong with it.
func (j *jobAPI) submission(header http.Header, body api.JobRequest, tenant string) (jobs.Submission, error) {
	submission := jobs.Submission{Tenant: tenant, Worker: body.Worker, Input: body.Input, Metadata: body.Metadata}
	v := &validation{status: http.StatusBadRequest}
	switch keys := header.Values("Idempotency-Key"); {
	case len(keys) > 1 || len(keys) == 1 && !validIdempotencyKey(keys[0]):
		v.add(problem.Header("Idempotency-Key", "must be one value of 1 to 255 printable ASCII characters"))
	case len(keys) == 1:
		submission.IdempotencyKey = keys[0]
	}
	if !jobs.ValidWorker(body.Worker) {
		v.add(problem.Body("/worker", "must be 1 to 32 letters, digits or - _ . @"))
	}
	if body.Priority != nil {
		if submission.Priority = jobs.Priority(*body.Priority); !submission.Priority.Valid() {
			v.add(problem.Body("/priority", "must be high, normal or low"))
		}
	}
	if body.Upload != nil {
		if submission.Upload = *body.Upload; !jobs.ValidID(submission.Upload) {
			v.add(problem.Body("/upload", "must be the id of an upload slot"))
		}
		if body.Input != nil {
			v.add(problem.Body("/upload", "cannot be given beside input"))
		}
	} else if body.Input == nil {
		submission.Input = []byte("null")
	}
	v.metadata(body.Metadata)
	if v.fields == nil && len(body.Input) > jobs.MaxSubmitInput {
		return submission, problem.Invalid(http.StatusRequestEntityTooLarge, problem.Body("/input",
			fmt.Sprintf("may have %d bytes at most; put a larger one into an upload slot (POST /v1/uploads)", jobs.MaxSubmitInput)))
	}
	j.semantics(v, &submission, body)
	return submission, v.err()
}

// semantics checks what only this deployment, or the present moment, can tell.
func (j *jobAPI) semantics(v *validation, submission *jobs.Submission, body api.JobRequest) {
	if body.Webhook != nil {
		submission.Webhook = body.Webhook.URL
		if size := len(body.Webhook.URL); size == 0 || size > jobs.MaxWebhookURL {
			v.add(problem.Body("/webhook/url", fmt.Sprintf("must have 1 to %d characters", jobs.MaxWebhookURL)))
		} else if err := j.options.CheckWebhook(body.Webhook.URL); err != nil {
			v.refuse(problem.Body("/webhook/url", err.Error()))
		}
	}
	if body.Deadline != nil {
		// Whether it has passed is judged by jobs.Service, by the store's clock: a
		// repeated request stays answerable after its deadline.
		if submission.Deadline = *body.Deadline; submission.Deadline.IsZero() {
			v.refuse(problem.Body("/deadline", "must be in the future"))
		}
	}
	if jobs.ValidWorker(submission.Worker) && !slices.ContainsFunc(j.options.Lanes, func(lane jobs.Lane) bool { return lane.Worker == submission.Worker }) {
		v.refuse(problem.Body("/worker", j.knownWorkers()))
	}
}

func (j *jobAPI) knownWorkers() string {
	var names []string
	for _, lane := range j.options.Lanes {
		if !slices.Contains(names, lane.Worker) {
			names = append(names, lane.Worker)
		}
	}
	slices.Sort(names)
	if len(names) == 0 {
		return "is not known: this deployment has no workers"
	}
	return fmt.Sprintf("is not known; there are %q", names)
}

// wait reads a job until it is over, for at most so long.
func (j *jobAPI) wait(ctx context.Context, job jobs.Job, most time.Duration) (jobs.Job, error) {
	most = min(most, j.options.MaxWait)
	if deadline := request.From(ctx).Deadline; !deadline.IsZero() {
		most = min(most, time.Until(deadline)-WaitMargin)
	}
	limit := time.NewTimer(max(0, most))
	defer limit.Stop()
	for pause := 50 * time.Millisecond; !job.State.Terminal(); pause = min(2*pause, j.options.PollEvery) {
		poll := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			poll.Stop()
			return job, nil
		case <-limit.C:
			poll.Stop()
			return job, nil
		case <-poll.C:
		}
		next, err := j.options.Jobs.Get(ctx, job.Tenant, job.ID)
		if err != nil {
			return job, err
		}
		job = next
	}
	return job, nil
}

func seconds(d time.Duration) string { return strconv.Itoa(int(d / time.Second)) }
