// Package jobview shows jobs to people: one in detail, many in a table, and
// one as it goes on.
package jobview

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"tandem/cmd/tandem/internal/display"
	"tandem/runtime/httpapi/api"
)

// Detail shows one job.
func Detail(w io.Writer, job api.Job, now time.Time) error {
	return display.Fields(w,
		display.Field{Name: "id", Value: job.ID},
		display.Field{Name: "state", Value: state(job)},
		display.Field{Name: "worker", Value: job.Worker},
		display.Field{Name: "priority", Value: string(job.Priority)},
		display.Field{Name: "created", Value: at(job.CreatedAt, now)},
		display.Field{Name: "started", Value: at(job.StartedAt, now)},
		display.Field{Name: "ended", Value: at(job.EndedAt, now)},
		display.Field{Name: "deadline", Value: display.Time(job.Deadline)},
		display.Field{Name: "progress", Value: progress(job.Progress)},
		display.Field{Name: "attempts", Value: strconv.Itoa(job.Attempts)},
		display.Field{Name: "interruptions", Value: count(job.Interruptions)},
		display.Field{Name: "steps", Value: count(len(job.Steps))},
		display.Field{Name: "result", Value: result(job)},
		display.Field{Name: "error", Value: failure(job.Error)},
		display.Field{Name: "webhook", Value: webhook(job.Webhook)},
		display.Field{Name: "metadata", Value: metadata(job.Metadata)},
	)
}

// List shows jobs in a table.
func List(w io.Writer, jobs []api.Job, now time.Time) error {
	rows := make([][]string, len(jobs))
	for i, job := range jobs {
		rows[i] = []string{job.ID, job.Worker, state(job), string(job.Priority), display.Ago(job.CreatedAt, now),
			took(job), strconv.Itoa(job.Attempts), progress(job.Progress)}
	}
	return display.Table(w, []string{"ID", "WORKER", "STATE", "PRIORITY", "CREATED", "TOOK", "ATTEMPTS", "PROGRESS"}, rows)
}

func state(job api.Job) string {
	if job.CancelRequested {
		return string(job.State) + ", told to stop"
	}
	return string(job.State)
}

func at(moment, now time.Time) string {
	if moment.IsZero() {
		return ""
	}
	return display.Time(moment) + ", " + display.Ago(moment, now)
}

// took is how long the last attempt ran, of a job that is over.
func took(job api.Job) string {
	if job.StartedAt.IsZero() || job.EndedAt.IsZero() {
		return ""
	}
	return display.Span(job.EndedAt.Sub(job.StartedAt))
}

func progress(p api.Progress) string {
	return strings.TrimSpace(display.Percent(p.Percent) + " " + p.Message)
}

func count(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func result(job api.Job) string {
	if job.State != api.JobStateSucceeded {
		return ""
	}
	return fmt.Sprintf("%s of %s", display.Size(job.Result.Size), job.Result.ContentType)
}

func failure(e api.JobError) string {
	if e.Code == "" {
		return e.Message
	}
	return e.Code + ": " + e.Message
}

func webhook(w api.Webhook) string {
	switch {
	case w.URL == "":
		return ""
	case w.LastError != "":
		return fmt.Sprintf("%s, %s after %d attempts: %s", w.URL, w.State, w.Attempts, w.LastError)
	default:
		return w.URL + ", " + string(w.State)
	}
}

func metadata(pairs map[string]string) string {
	var all []string
	for _, key := range slices.Sorted(maps.Keys(pairs)) {
		all = append(all, key+"="+pairs[key])
	}
	return strings.Join(all, ", ")
}
