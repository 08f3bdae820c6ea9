package fault

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	"tandem/test/fault/history"
	"tandem/test/fault/model"
	"tandem/test/fault/plan"
)

// shown is a job as the API shows it.
type shown struct {
	ID       string
	State    string
	Attempts int
	Error    struct{ Code, Message string }
	Result   struct {
		Value json.RawMessage
		URL   string
	}
}

// submitAll plays the callers, and returns when each has got an answer.
func (r *run) submitAll(ctx context.Context, submissions []plan.Submission) {
	var callers sync.WaitGroup
	// Lambda starts more instances when more is asked of it; here there are few.
	slots := make(chan struct{}, 4*r.APIs)
	for _, s := range submissions {
		sleep(ctx, time.Until(r.began.Add(s.At)))
		slots <- struct{}{}
		if ctx.Err() != nil {
			break
		}
		callers.Go(func() {
			r.submit(ctx, s, func() { <-slots })
		})
	}
	callers.Wait()
}

type request struct {
	Worker   string       `json:"worker"`
	Priority string       `json:"priority"`
	Input    model.Script `json:"input"`
	Deadline string       `json:"deadline,omitempty"`
}

func (r *run) submit(ctx context.Context, s plan.Submission, submitted func()) {
	body := request{Worker: workerName, Priority: s.Priority, Input: s.Script}
	if s.Deadline > 0 {
		// Of whole milliseconds, as a repeated request must be the same.
		body.Deadline = time.Now().Add(s.Deadline).UTC().Format("2006-01-02T15:04:05.000Z")
	}
	key := "job-" + strconv.Itoa(s.Number)
	var got reply
	if s.Once {
		got = r.call(ctx, s.Tenant, http.MethodPost, "/v1/jobs", "", "", body)
	} else {
		got = r.insist(ctx, s.Tenant, http.MethodPost, "/v1/jobs", "", key, body)
	}
	submitted()
	var job shown
	switch {
	case s.Once && got.passing():
		// Nobody was promised anything; what was written all the same must end.
		r.counts.add("callers who gave up", 1)
		return
	case s.Deadline > 0 && got.status == http.StatusUnprocessableEntity:
		r.counts.add("deadlines that passed before the job was accepted", 1)
		return
	case got.status != http.StatusAccepted && got.status != http.StatusOK || json.Unmarshal(got.body, &job) != nil:
		r.monitor.Violated("submitting job %d was answered with %d: %s", s.Number, got.status, got.body)
		return
	}
	r.accepted(s, job.ID)
	if s.Twice && !s.Once {
		r.submitAgain(ctx, s, key, body, job.ID)
	}
	if s.Cancel > 0 {
		sleep(ctx, s.Cancel)
		got := r.insist(ctx, s.Tenant, http.MethodDelete, "/v1/jobs/{id}", job.ID, "", nil)
		r.counts.add(fmt.Sprintf("cancellations answered %d", got.status), 1)
		if got.status != http.StatusOK && got.status != http.StatusAccepted && got.status != http.StatusConflict {
			r.monitor.Violated("cancelling job %s was answered with %d: %s", job.ID, got.status, got.body)
		}
	}
}

func (r *run) accepted(s plan.Submission, id string) {
	r.monitor.Accept(history.Accepted{ID: id, May: s.May, Fails: s.Script.Misbehaves == model.Fails})
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.jobs = append(r.jobs, owned{id: id, tenant: s.Tenant})
}

func (r *run) submitAgain(ctx context.Context, s plan.Submission, key string, body request, id string) {
	var again shown
	got := r.insist(ctx, s.Tenant, http.MethodPost, "/v1/jobs", "", key, body)
	if json.Unmarshal(got.body, &again) != nil || again.ID != id {
		r.monitor.Violated("submitting job %s again was answered with %d: %s", id, got.status, got.body)
	}
	r.counts.add("submissions repeated after they were accepted", 1)
}

// owned is an accepted job and whose it is.
type owned struct{ id, tenant string }

// readAll reads every accepted job as its caller does.
func (r *run) readAll(ctx context.Context) []history.Final {
	var (
		readers sync.WaitGroup
		mutex   sync.Mutex
		finals  []history.Final
	)
	work := make(chan owned)
	for range 2 * r.APIs {
		readers.Go(func() {
			for job := range work {
				final := r.read(ctx, job)
				mutex.Lock()
				finals = append(finals, final)
				mutex.Unlock()
			}
		})
	}
	for _, job := range r.jobs {
		work <- job
	}
	close(work)
	readers.Wait()
	return finals
}

func (r *run) read(ctx context.Context, job owned) history.Final {
	final := history.Final{ID: job.id}
	got := r.insist(ctx, job.tenant, http.MethodGet, "/v1/jobs/{id}", job.id, "", nil)
	var read shown
	if got.status != http.StatusOK || json.Unmarshal(got.body, &read) != nil {
		r.monitor.Violated("reading job %s was answered with %d: %s", job.id, got.status, got.body)
		return final
	}
	final.State, final.Code, final.Attempts = read.State, read.Error.Code, read.Attempts
	if read.State != "succeeded" {
		return final
	}
	content := []byte(read.Result.Value)
	if read.Result.URL != "" {
		var err error
		if content, err = download(ctx, read.Result.URL); err != nil {
			r.monitor.Violated("the result of job %s cannot be fetched: %v", job.id, err)
			return final
		}
		r.counts.add("results fetched by link", 1)
	}
	var result model.Result
	if err := json.Unmarshal(content, &result); err != nil || result.Job != job.id {
		r.monitor.Violated("the result of job %s is not its own: %.100s", job.id, content)
		return final
	}
	final.Answer, final.Fence, final.Steps = result.ID, result.Fence, result.Steps
	return final
}

func download(ctx context.Context, url string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, fmt.Errorf("fetching a result: %w", err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, fmt.Errorf("fetching a result: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("fetching a result was answered with %s", response.Status)
	}
	return io.ReadAll(response.Body)
}
