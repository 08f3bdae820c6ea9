package httpapi

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"tandem/runtime/httpapi/api"
	"tandem/runtime/httpapi/auth"
	"tandem/runtime/httpapi/problem"
	"tandem/runtime/httpapi/request"
	"tandem/runtime/httpapi/view"
	"tandem/runtime/jobs"
)

// eventPosition is what the id of an event says: how far its reader has come.
type eventPosition struct {
	revision int64
	output   jobs.EventPosition
}

func (p eventPosition) String() string {
	return fmt.Sprintf("%d.%d.%d", p.revision, p.output.Fence, p.output.Sequence)
}

// parseEventID reads what String wrote; the zero position for an empty id.
func parseEventID(id string) (eventPosition, bool) {
	if id == "" {
		return eventPosition{}, true
	}
	parts := strings.Split(id, ".")
	if len(parts) != 3 {
		return eventPosition{}, false
	}
	var numbers [3]int64
	for i, part := range parts {
		number, err := strconv.ParseUint(part, 10, 63)
		if err != nil || len(part) > 1 && part[0] == '0' {
			return eventPosition{}, false
		}
		numbers[i] = int64(number)
	}
	return eventPosition{numbers[0], jobs.EventPosition{Fence: numbers[1], Sequence: numbers[2]}}, true
}

func (j *jobAPI) events(w http.ResponseWriter, r *http.Request) error {
	position, ok := parseEventID(r.Header.Get("Last-Event-ID"))
	if !ok {
		return problem.Invalid(http.StatusBadRequest, problem.Header("Last-Event-ID", "must be the id of an event of this stream"))
	}
	job, err := j.options.Jobs.Get(r.Context(), auth.From(r.Context()).Tenant, r.PathValue("id"))
	if err != nil {
		return j.problem(err)
	}
	if job.State.Terminal() && job.Revision == position.revision {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no")
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		return nil
	}
	if position.output.Fence == 0 {
		// The output of earlier attempts is void.
		position.output = jobs.EventPosition{Fence: max(0, job.Fence-1), Sequence: math.MaxInt64}
	}
	ctx, cancel := context.WithTimeout(r.Context(), j.streamFor(r.Context()))
	defer cancel()
	stream := &eventStream{jobAPI: j, out: w, flush: http.NewResponseController(w).Flush, position: position}
	return stream.run(ctx, job)
}

// streamFor leaves the platform time to see the end of the stream.
func (j *jobAPI) streamFor(ctx context.Context) time.Duration {
	limit := j.options.StreamFor
	if deadline := request.From(ctx).Deadline; !deadline.IsZero() {
		limit = min(limit, time.Until(deadline)-5*time.Second)
	}
	return max(limit, 0)
}

// eventStream writes server-sent events about one job
// (https://html.spec.whatwg.org/multipage/server-sent-events.html).
type eventStream struct {
	*jobAPI
	out      http.ResponseWriter
	flush    func() error
	position eventPosition
	shown    jobs.Job
}

// run writes until the job is over, the reader has gone or time is up. The
// reader then reconnects, so an error ends the stream as well.
func (s *eventStream) run(ctx context.Context, job jobs.Job) error {
	keepAlive := time.NewTicker(s.options.KeepAlive)
	defer keepAlive.Stop()
	poll := time.NewTicker(s.options.PollEvery)
	defer poll.Stop()
	if err := s.write("retry: 1000\n\n"); err != nil {
		return nil
	}
	for {
		// The job was read before its output: when it is over, all of it is there.
		if err := s.show(ctx, job); err != nil {
			return s.cut(ctx, job, err)
		}
		if job.State.Terminal() {
			return nil
		}
		for waiting := true; waiting; {
			select {
			case <-ctx.Done():
				return nil
			case <-keepAlive.C:
				if err := s.write(": still here\n\n"); err != nil {
					return nil
				}
			case <-poll.C:
				waiting = false
			}
		}
		next, err := s.options.Jobs.Get(ctx, job.Tenant, job.ID)
		if err != nil {
			return s.cut(ctx, job, err)
		}
		job = next
	}
}

// cut ends the stream after an error, which its reader would not understand.
func (s *eventStream) cut(ctx context.Context, job jobs.Job, err error) error {
	if ctx.Err() == nil {
		s.options.Log.WarnContext(ctx, "event stream cut", "job", job.ID, "tenant", job.Tenant, "error", err)
	}
	return nil
}

func (s *eventStream) show(ctx context.Context, job jobs.Job) error {
	if job.Fence > 0 {
		if err := s.output(ctx, job); err != nil {
			return err
		}
	}
	kind := s.changed(job)
	s.shown, s.position.revision = job, job.Revision
	if kind == "" {
		return nil
	}
	shown, err := view.WithResult(ctx, job, s.options.Jobs)
	if err != nil {
		return err
	}
	return s.event(kind, shown)
}

// changed tells what kind of event a job as it is now is worth, if any. A
// renewed lease is none.
func (s *eventStream) changed(job jobs.Job) string {
	switch before := s.shown; {
	case job.Revision == s.position.revision:
		return ""
	case before.ID == "", before.State != job.State, before.Fence != job.Fence, before.Attempts != job.Attempts,
		before.Interruptions != job.Interruptions, before.CancelRequested != job.CancelRequested:
		return "state"
	case before.Progress != job.Progress:
		return "progress"
	default:
		return ""
	}
}

const outputPage = 100

func (s *eventStream) output(ctx context.Context, job jobs.Job) error {
	for {
		pieces, err := s.options.Jobs.Events(ctx, job.Tenant, job.ID, s.position.output, outputPage)
		if err != nil {
			return err
		}
		for _, piece := range pieces {
			s.position.output = piece.EventPosition
			shown := api.Output{Attempt: piece.Fence, Sequence: piece.Sequence}
			if utf8.Valid(piece.Data) {
				shown.Text = string(piece.Data)
			} else {
				shown.Base64 = piece.Data
			}
			if err := s.event("output", shown); err != nil {
				return err
			}
		}
		if len(pieces) < outputPage {
			return nil
		}
	}
}

func (s *eventStream) event(kind string, data any) error {
	encoded, err := json.Marshal(data) // without newlines, so one data line takes it
	if err != nil {
		return fmt.Errorf("encoding a %s event: %w", kind, err)
	}
	return s.write("event: " + kind + "\nid: " + s.position.String() + "\ndata: " + string(encoded) + "\n\n")
}

func (s *eventStream) write(text string) error {
	if _, err := s.out.Write([]byte(text)); err != nil {
		return err
	}
	return s.flush()
}
