package jobview

import (
	"errors"
	"fmt"
	"io"
	"iter"

	"tandem/cmd/tandem/internal/apiclient"
	"tandem/cmd/tandem/internal/display"
	"tandem/cmd/tandem/internal/exit"
	"tandem/runtime/httpapi/api"
)

// Follower shows a job as it goes on.
type Follower struct {
	// Out takes the partial output.
	Out io.Writer
	// Talk takes what is said about it, and the bar on a terminal.
	Talk io.Writer
	// JSON makes Out take every event, one a line, and Talk nothing.
	JSON bool

	bar     *display.Bar
	said    string
	attempt int64
}

// Line is one event, for programs.
type Line struct {
	Event string `json:"event"`
	Data  any    `json:"data"`
}

// Follow shows events until they end. It fails with [exit.Unsuccessful] where
// the job did not succeed.
func (f *Follower) Follow(id string, events iter.Seq2[apiclient.Event, error]) error {
	f.bar = &display.Bar{}
	if !f.JSON {
		f.bar = display.Percents(f.Talk, "waiting")
	}
	defer f.bar.Done()
	var last api.Job
	for event, err := range events {
		if err != nil {
			return err
		}
		if event.Kind != "output" {
			last = event.Job
		}
		if err := f.show(event); err != nil {
			return fmt.Errorf("writing what happens to job %s: %w", id, err)
		}
	}
	f.bar.Done()
	return Verdict(last)
}

func (f *Follower) show(event apiclient.Event) error {
	if f.JSON {
		return display.JSONLine(f.Out, Line{Event: event.Kind, Data: event.Data})
	}
	switch event.Kind {
	case "output":
		return f.output(event.Output)
	case "progress":
		f.progress(event.Job)
	case "state":
		f.state(event.Job)
	}
	return nil
}

func (f *Follower) state(job api.Job) {
	words := state(job)
	switch {
	case job.State == api.JobStateSucceeded:
		words = fmt.Sprintf("succeeded in %s: %s ('tandem jobs result %s')", took(job), result(job), job.ID)
	case job.State == api.JobStateQueued && job.Interruptions > 0:
		words = fmt.Sprintf("queued again after %d interruptions", job.Interruptions)
	case job.State == api.JobStateQueued && job.Error.Message != "":
		words = "queued again after attempt " + fmt.Sprint(job.Attempts) + " failed: " + failure(job.Error)
	case job.State == api.JobStateRunning && job.Attempts > 1:
		words = fmt.Sprintf("running, attempt %d", job.Attempts)
	}
	if words != f.said && !(apiclient.Over(job) && job.State != api.JobStateSucceeded) {
		f.bar.Clear()
		fmt.Fprintln(f.Talk, display.Clean(words))
	}
	f.said = words
	if !apiclient.Over(job) {
		f.bar.Describe(string(job.State))
		f.progress(job)
	}
}

func (f *Follower) progress(job api.Job) {
	if job.Progress.Message != "" {
		f.bar.Describe(job.Progress.Message)
	}
	f.bar.Set(int64(job.Progress.Percent))
}

func (f *Follower) output(piece api.Output) error {
	f.bar.Clear()
	if f.attempt != 0 && piece.Attempt != f.attempt {
		fmt.Fprintln(f.Talk, "a new attempt: what was written before is void")
	}
	f.attempt = piece.Attempt
	if piece.Base64 != nil {
		_, err := f.Out.Write(piece.Base64)
		return err
	}
	_, err := io.WriteString(f.Out, piece.Text)
	return err
}

// Verdict fails for a job that has ended otherwise than in success.
func Verdict(job api.Job) error {
	if job.State == api.JobStateSucceeded || !apiclient.Over(job) {
		return nil
	}
	words := fmt.Sprintf("job %s is %s", job.ID, job.State)
	if job.Error.Message != "" {
		words += ": " + display.Clean(failure(job.Error))
	}
	return exit.With(exit.Unsuccessful, errors.New(words))
}
