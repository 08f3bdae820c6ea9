package httpapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"tandem/runtime/httpapi/api"
	"tandem/runtime/httpapi/auth"
	"tandem/runtime/httpapi/problem"
	"tandem/runtime/httpapi/view"
	"tandem/runtime/jobs"
)

// redrive puts jobs of the caller that did not succeed back into the queue.
func (j *jobAPI) redrive(w http.ResponseWriter, r *http.Request) error {
	body, err := decode[api.RedriveRequest](r)
	if err != nil {
		return err
	}
	tenant := auth.From(r.Context()).Tenant
	request, err := parseRedrive(body, tenant)
	if err != nil {
		return err
	}
	var redriven jobs.Redriven
	switch {
	case body.Jobs != nil:
		redriven.Jobs, err = j.redriveNamed(r.Context(), tenant, body.Jobs, body.DryRun)
	case body.DryRun:
		var page jobs.Page
		page, err = j.options.Jobs.List(r.Context(), tenant, request.filter, request.cursor, jobs.MaxLimit)
		redriven = jobs.Redriven(page)
	default:
		redriven, err = j.options.Jobs.Redrive(r.Context(), tenant, request.filter, request.cursor)
	}
	if err != nil {
		return j.problem(err)
	}
	if !body.DryRun {
		j.wake(r.Context(), redriven.Jobs)
	}
	list := api.JobList{Jobs: make([]api.Job, len(redriven.Jobs)), Next: sealCursor(redriven.Cursor, tenant, request.filter)}
	for i, job := range redriven.Jobs {
		list.Jobs[i] = view.Job(job)
	}
	return writeJSON(w, http.StatusOK, list)
}

// parseRedrive makes a selection of a request, or names everything that is
// wrong with it.
func parseRedrive(body api.RedriveRequest, tenant string) (listRequest, error) {
	request := listRequest{filter: jobs.Filter{States: []jobs.State{jobs.Failed}}}
	v := &validation{status: http.StatusBadRequest}
	if body.Jobs != nil {
		v.named(body)
		return request, v.err()
	}
	if body.States != nil {
		request.filter.States = v.redriveStates(body.States)
	}
	if body.Worker != nil {
		if request.filter.Worker = *body.Worker; !jobs.ValidWorker(*body.Worker) {
			v.add(problem.Body("/worker", "must be 1 to 32 letters, digits or - _ . @"))
		}
	}
	if body.CreatedFrom != nil {
		request.filter.CreatedFrom = *body.CreatedFrom
	}
	if body.CreatedBefore != nil {
		request.filter.CreatedBefore = *body.CreatedBefore
	}
	if body.Cursor != nil {
		cursor, ok := openCursor(*body.Cursor, tenant, request.filter)
		if request.cursor = cursor; !ok {
			v.add(problem.Body("/cursor", "must be the next of a call with the same selection"))
		}
	}
	return request, v.err()
}

// named checks a request that names its jobs.
func (v *validation) named(body api.RedriveRequest) {
	if len(body.Jobs) == 0 || len(body.Jobs) > jobs.MaxLimit {
		v.add(problem.Body("/jobs", fmt.Sprintf("must be 1 to %d ids", jobs.MaxLimit)))
	}
	for i, id := range body.Jobs {
		if !jobs.ValidID(id) {
			v.add(problem.Body(fmt.Sprintf("/jobs/%d", i), "must be the id of a job"))
		}
	}
	if body.States != nil || body.Worker != nil || body.CreatedFrom != nil || body.CreatedBefore != nil || body.Cursor != nil {
		v.add(problem.Body("/jobs", "cannot be given beside a selection"))
	}
}

func (v *validation) redriveStates(given []api.RedriveState) []jobs.State {
	var states []jobs.State
	for i, state := range given {
		if !state.Valid() {
			v.add(problem.Body(fmt.Sprintf("/states/%d", i), "must be failed, cancelled or expired"))
		}
		states = append(states, jobs.State(state))
	}
	if len(given) == 0 || len(given) > 3 {
		v.add(problem.Body("/states", "must be 1 to 3 states"))
	}
	slices.Sort(states)
	return slices.Compact(states)
}

// redriveNamed puts jobs back that are named, all of them or none: what is wrong
// with any is found before the first is written.
func (j *jobAPI) redriveNamed(ctx context.Context, tenant string, ids []string, dryRun bool) ([]jobs.Job, error) {
	v := &validation{status: http.StatusUnprocessableEntity}
	var found []jobs.Job
	for i, id := range ids {
		job, err := j.options.Jobs.Get(ctx, tenant, id)
		switch {
		case errors.Is(err, jobs.ErrNotFound):
			v.refuse(problem.Body(fmt.Sprintf("/jobs/%d", i), "is no job of yours"))
		case err != nil:
			return nil, err
		case !job.State.Terminal() || job.State == jobs.Succeeded:
			v.refuse(problem.Body(fmt.Sprintf("/jobs/%d", i), "is "+string(job.State)+": only failed, cancelled and expired jobs go back into the queue"))
		default:
			found = append(found, job)
		}
	}
	if err := v.err(); err != nil || dryRun {
		return found, err
	}
	var redriven []jobs.Job
	for _, job := range found {
		job, err := j.options.Jobs.RedriveOne(ctx, tenant, job.ID)
		switch {
		case errors.Is(err, jobs.ErrConflict):
			// Somebody else put it back meanwhile, or it was named twice.
		case err != nil:
			return nil, err
		default:
			redriven = append(redriven, job)
		}
	}
	return redriven, nil
}

// wake tells the waker of each worker that has jobs again.
func (j *jobAPI) wake(ctx context.Context, redriven []jobs.Job) {
	if j.options.Waker == nil {
		return
	}
	woken := map[string]bool{}
	for _, job := range redriven {
		if !woken[job.Worker] {
			woken[job.Worker] = true
			j.options.Waker.Wake(ctx, job.Worker)
		}
	}
}
