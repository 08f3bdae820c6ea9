package httpapi

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"tandem/runtime/httpapi/api"
	"tandem/runtime/httpapi/auth"
	"tandem/runtime/httpapi/problem"
	"tandem/runtime/httpapi/view"
	"tandem/runtime/jobs"
	"tandem/runtime/keys"
)

// Submitter accepts jobs and inputs.
type Submitter interface {
	Submit(ctx context.Context, submission jobs.Submission) (jobs.Job, bool, error)
	OpenUpload(ctx context.Context, tenant, contentType string, size int64) (jobs.Upload, error)
	Cancel(ctx context.Context, tenant, id string) (jobs.Job, error)
	Redrive(ctx context.Context, tenant string, filter jobs.Filter, cursor string) (jobs.Redriven, error)
	RedriveOne(ctx context.Context, tenant, id string) (jobs.Job, error)
}

// Reader shows jobs.
type Reader interface {
	view.Links
	Get(ctx context.Context, tenant, id string) (jobs.Job, error)
	List(ctx context.Context, tenant string, filter jobs.Filter, cursor string, limit int) (jobs.Page, error)
	Steps(ctx context.Context, tenant, id, after string, limit int) ([]jobs.Step, error)
	Events(ctx context.Context, tenant, id string, after jobs.EventPosition, limit int) ([]jobs.Event, error)
}

// Jobs is what the API asks of jobs.Service.
type Jobs interface {
	Submitter
	Reader
}

// Waker tells the capacity controller that a job may have met an idle fleet.
// It must be quick, and its failure is its own to log.
type Waker interface {
	Wake(ctx context.Context, worker string)
}

// JobOptions configure the routes below /v1/jobs, /v1/uploads and /v1/redrives.
type JobOptions struct {
	// Jobs is required.
	Jobs Jobs
	// Lanes that jobs may be submitted to, for errors that name them. Required.
	Lanes []jobs.Lane
	// Waker is told of accepted jobs. Defaults to nobody.
	Waker Waker
	// CheckWebhook judges a webhook's URL; see webhooks/target. Required.
	CheckWebhook func(url string) error
	// MaxWait bounds what Prefer: wait=N can ask for. Defaults to 25 s.
	MaxWait time.Duration
	// StreamFor bounds one stream of events. Defaults to 14 min 30 s, as API
	// Gateway cuts after 15 min.
	StreamFor time.Duration
	// PollEvery is how often a watched job is read. Defaults to 1 s.
	PollEvery time.Duration
	// KeepAlive is how often a silent stream says that it lives. Defaults to 15 s.
	KeepAlive time.Duration
	// Log. Defaults to slog.Default.
	Log *slog.Logger
}

func (o JobOptions) withDefaults() JobOptions {
	if o.MaxWait == 0 {
		o.MaxWait = 25 * time.Second
	}
	if o.StreamFor == 0 {
		o.StreamFor = 14*time.Minute + 30*time.Second
	}
	if o.PollEvery == 0 {
		o.PollEvery = time.Second
	}
	if o.KeepAlive == 0 {
		o.KeepAlive = 15 * time.Second
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	return o
}

// Bounds of bodies, in bytes.
const (
	// maxSubmitBody is the largest inline input and 64 KiB for all else.
	maxSubmitBody = jobs.MaxSubmitInput + 64<<10
	maxUploadBody = 4 << 10
	// maxRedriveBody is a hundred ids, and twice the room for how they are written.
	maxRedriveBody = 8 << 10
)

// WaitMargin is what a synchronous answer takes beside the wait; MaxWait is so
// much below the platform's timeout.
const WaitMargin = 2 * time.Second

// EventsPath is the path of the route that streams.
const EventsPath = "/v1/jobs/{id}/events"

// JobRoutes are the routes below /v1/jobs, /v1/uploads and /v1/redrives.
func JobRoutes(options JobOptions) []Route {
	j := &jobAPI{options.withDefaults()}
	return []Route{
		{Method: http.MethodPost, Path: "/v1/jobs", Scope: keys.ScopeJobsWrite, MaxBody: maxSubmitBody, Serve: j.submit},
		{Method: http.MethodGet, Path: "/v1/jobs", Scope: keys.ScopeJobsRead, Serve: j.list},
		{Method: http.MethodGet, Path: "/v1/jobs/{id}", Scope: keys.ScopeJobsRead, Serve: j.get},
		{Method: http.MethodDelete, Path: "/v1/jobs/{id}", Scope: keys.ScopeJobsWrite, Serve: j.cancel},
		{Method: http.MethodGet, Path: EventsPath, Scope: keys.ScopeJobsRead, Serve: j.events},
		{Method: http.MethodPost, Path: "/v1/uploads", Scope: keys.ScopeJobsWrite, MaxBody: maxUploadBody, Serve: j.upload},
		{Method: http.MethodPost, Path: "/v1/redrives", Scope: keys.ScopeJobsWrite, MaxBody: maxRedriveBody, Serve: j.redrive},
	}
}

// jobAPI answers for jobs. Every call of Jobs takes the caller's tenant.
type jobAPI struct{ options JobOptions }

func (j *jobAPI) get(w http.ResponseWriter, r *http.Request) error {
	ctx, tenant := r.Context(), auth.From(r.Context()).Tenant
	job, err := j.options.Jobs.Get(ctx, tenant, r.PathValue("id"))
	if err != nil {
		return j.problem(err)
	}
	if wait := parsePrefer(r.Header.Values("Prefer")).wait; wait > 0 {
		if job, err = j.wait(ctx, job, wait); err != nil {
			return j.problem(err)
		}
		w.Header().Set("Preference-Applied", "wait="+seconds(wait))
	}
	shown, err := view.WithResult(ctx, job, j.options.Jobs)
	if err != nil {
		return j.problem(err)
	}
	if job.Fence > 0 { // one that never ran has none
		steps, err := j.options.Jobs.Steps(ctx, tenant, job.ID, "", maxSteps)
		if err != nil {
			return j.problem(err)
		}
		shown.Steps = view.Steps(steps)
	}
	return writeJSON(w, http.StatusOK, shown)
}

const maxSteps = 100

func (j *jobAPI) cancel(w http.ResponseWriter, r *http.Request) error {
	job, err := j.options.Jobs.Cancel(r.Context(), auth.From(r.Context()).Tenant, r.PathValue("id"))
	if err != nil {
		return j.problem(err)
	}
	status := http.StatusAccepted
	if job.State.Terminal() {
		status = http.StatusOK
	}
	return writeJSON(w, status, view.Job(job))
}

func (j *jobAPI) list(w http.ResponseWriter, r *http.Request) error {
	tenant := auth.From(r.Context()).Tenant
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return problem.New(http.StatusBadRequest, "The query is malformed.")
	}
	request, err := parseList(query, tenant)
	if err != nil {
		return err
	}
	page, err := j.options.Jobs.List(r.Context(), tenant, request.filter, request.cursor, request.limit)
	if err != nil {
		return j.problem(err)
	}
	list := api.JobList{Jobs: make([]api.Job, len(page.Jobs)), Next: sealCursor(page.Cursor, tenant, request.filter)}
	for i, job := range page.Jobs {
		list.Jobs[i] = view.Job(job)
	}
	return writeJSON(w, http.StatusOK, list)
}

func (j *jobAPI) upload(w http.ResponseWriter, r *http.Request) error {
	request, err := decode[api.UploadRequest](r)
	if err != nil {
		return err
	}
	var contentType string
	if request.ContentType != nil {
		contentType = *request.ContentType
		if !validContentType(contentType) {
			return problem.Invalid(http.StatusBadRequest, problem.Body("/contentType", "must be a media type of 3 to 80 characters, such as application/pdf"))
		}
	}
	upload, err := j.options.Jobs.OpenUpload(r.Context(), auth.From(r.Context()).Tenant, contentType, request.Size)
	if err != nil {
		return j.problem(err)
	}
	headers := upload.Request.Headers
	if headers == nil {
		headers = map[string]string{}
	}
	return writeJSON(w, http.StatusCreated, api.Upload{
		ID: upload.ID, Method: api.UploadMethod(upload.Request.Method), URL: upload.Request.URL,
		Headers: headers, ExpiresAt: upload.Request.Expires.UTC(),
	})
}

func writeJSON(w http.ResponseWriter, status int, value any) error {
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(body) // the caller has gone, and nobody is left to tell
	return nil
}
