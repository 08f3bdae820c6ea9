package localapi

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"time"

	"tandem/runtime/jobs"
)

// description is what GET /v1/job answers.
type description struct {
	ID          string            `json:"id"`
	Attempt     int64             `json:"attempt"`
	Tenant      string            `json:"tenant"`
	Worker      string            `json:"worker"`
	ContentType string            `json:"contentType"`
	Metadata    map[string]string `json:"metadata,omitempty"`
	Submitted   time.Time         `json:"submitted"`
	Resumed     bool              `json:"resumed"`
	Deadline    time.Time         `json:"deadline"`
	SecondsLeft float64           `json:"secondsLeft"`
	DrainBy     *time.Time        `json:"drainBy,omitempty"`
	Stop        *stopAnswer       `json:"stop,omitempty"`
}

type stopAnswer struct {
	Reason      Reason    `json:"reason"`
	Resumes     bool      `json:"resumes"`
	By          time.Time `json:"by"`
	SecondsLeft float64   `json:"secondsLeft"`
}

func (s *Session) describe(w http.ResponseWriter, _ *http.Request) error {
	answer := description{
		ID: s.held.ID, Attempt: s.held.Fence, Tenant: s.job.Tenant, Worker: s.job.Worker,
		ContentType: s.job.Input.ContentType, Metadata: s.job.Metadata, Submitted: s.job.Created,
		Resumed: s.held.Fence > 1, Deadline: s.options.Cut.UTC(), SecondsLeft: seconds(s.options.Cut),
		Stop: s.stopAnswer(),
	}
	s.mutex.Lock()
	if !s.drainBy.IsZero() {
		by := s.drainBy.UTC()
		answer.DrainBy = &by
	}
	s.mutex.Unlock()
	if answer.Stop != nil {
		answer.SecondsLeft = min(answer.SecondsLeft, answer.Stop.SecondsLeft)
	}
	writeJSON(w, http.StatusOK, "application/json", answer)
	return nil
}

func (s *Session) stopAnswer() *stopAnswer {
	stop, stopped := s.Stopped()
	if !stopped {
		return nil
	}
	return &stopAnswer{Reason: stop.Reason, Resumes: stop.Reason.Resumes(), By: stop.By.UTC(), SecondsLeft: seconds(stop.By)}
}

// maxWait bounds ?wait= of GET /v1/stop.
const maxWait = time.Minute

func (s *Session) waitForStop(w http.ResponseWriter, r *http.Request) error {
	wait := 0.0
	if raw := r.URL.Query().Get("wait"); raw != "" {
		var err error
		if wait, err = strconv.ParseFloat(raw, 64); err != nil || !(wait >= 0 && wait <= maxWait.Seconds()) {
			return &jobs.InvalidError{Field: "wait", Reason: "must be a number of seconds from 0 to 60"}
		}
	}
	timer := time.NewTimer(time.Duration(wait * float64(time.Second)))
	defer timer.Stop()
	select {
	case <-s.stopping:
	case <-timer.C:
	case <-r.Context().Done():
		return jobs.ErrLeaseLost
	}
	if answer := s.stopAnswer(); answer != nil {
		writeJSON(w, http.StatusOK, "application/json", answer)
		return nil
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *Session) putProgress(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		Percent *float64 `json:"percent"`
		Message string   `json:"message"`
	}
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 4<<10))
	if err == nil {
		err = json.Unmarshal(raw, &body)
	}
	switch {
	case err != nil:
		return problem{Status: http.StatusBadRequest, Detail: `the progress must be JSON such as {"percent": 12.5, "message": "frame 300 of 2400"}`}
	case body.Percent == nil || *body.Percent < 0 || *body.Percent > 100:
		return &jobs.InvalidError{Field: "percent", Reason: "must be a number from 0 to 100"}
	}
	s.mutex.Lock()
	s.progress = &jobs.Progress{Percent: *body.Percent, Message: body.Message}
	s.mutex.Unlock()
	w.WriteHeader(http.StatusNoContent)
	return nil
}
