package jobview_test

import (
	"errors"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/cmd/tandem/internal/apiclient"
	"tandem/cmd/tandem/internal/exit"
	"tandem/cmd/tandem/internal/jobview"
	"tandem/runtime/httpapi/api"
)

func events(err error, all ...apiclient.Event) iter.Seq2[apiclient.Event, error] {
	return func(yield func(apiclient.Event, error) bool) {
		for _, event := range all {
			if !yield(event, nil) {
				return
			}
		}
		if err != nil {
			yield(apiclient.Event{}, err)
		}
	}
}

func state(job api.Job) apiclient.Event { return apiclient.Event{Kind: "state", Job: job} }

func output(attempt int64, text string) apiclient.Event {
	return apiclient.Event{Kind: "output", Output: api.Output{Attempt: attempt, Text: text}}
}

func TestAJobThatHasAHardTimeIsFollowedToItsEnd(t *testing.T) {
	began := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	var out, talk strings.Builder
	follower := jobview.Follower{Out: &out, Talk: &talk}
	err := follower.Follow("j", events(nil,
		state(api.Job{ID: "j", State: api.JobStateQueued}),
		state(api.Job{ID: "j", State: api.JobStateRunning, Attempts: 1}),
		output(1, "half a "),
		state(api.Job{ID: "j", State: api.JobStateQueued, Interruptions: 1}),
		state(api.Job{ID: "j", State: api.JobStateRunning, Attempts: 1, Interruptions: 1}),
		apiclient.Event{Kind: "progress", Job: api.Job{ID: "j", State: api.JobStateRunning, Progress: api.Progress{Percent: 50, Message: "half"}}},
		state(api.Job{ID: "j", State: api.JobStateQueued, Attempts: 1, Error: api.JobError{Code: "container_failed", Message: "out of\nmemory"}}),
		state(api.Job{ID: "j", State: api.JobStateRunning, Attempts: 2}),
		output(3, "whole"),
		apiclient.Event{Kind: "output", Output: api.Output{Attempt: 3, Base64: []byte("\xff")}},
		state(api.Job{ID: "j", State: api.JobStateSucceeded, StartedAt: began, EndedAt: began.Add(90 * time.Second), Result: api.Result{ContentType: "text/plain", Size: 5}}),
	))
	require.NoError(t, err)
	require.Equal(t, "half a whole\xff", out.String())
	require.Equal(t, `queued
running
queued again after 1 interruptions
running
queued again after attempt 1 failed: container_failed: out of memory
running, attempt 2
a new attempt: what was written before is void
succeeded in 1m30s: 5 B of text/plain ('tandem jobs result j')
`, talk.String())
}

func TestTheEndOfAJobIsAVerdict(t *testing.T) {
	for job, says := range map[api.JobState]string{api.JobStateFailed: "job j is failed: c: m", api.JobStateCancelled: "is cancelled", api.JobStateExpired: "is expired"} {
		err := jobview.Verdict(api.Job{ID: "j", State: job, Error: api.JobError{Code: "c", Message: "m"}})
		require.Equal(t, exit.Unsuccessful, exit.Code(err))
		require.ErrorContains(t, err, says)
	}
	require.NoError(t, jobview.Verdict(api.Job{State: api.JobStateSucceeded}))
	require.NoError(t, jobview.Verdict(api.Job{State: api.JobStateRunning}))
}

func TestWhatBreaksAFollowIsReturned(t *testing.T) {
	broken := errors.New("broken")
	follower := jobview.Follower{Out: failing{broken}, Talk: &strings.Builder{}}
	require.ErrorIs(t, follower.Follow("j", events(broken)), broken)
	require.ErrorIs(t, follower.Follow("j", events(nil, output(1, "x"))), broken)
	follower.JSON = true
	require.ErrorIs(t, follower.Follow("j", events(nil, state(api.Job{}))), broken)
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }
