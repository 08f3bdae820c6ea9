package jobstest

import (
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/jobs"
)

var readTests = []contractTest{
	{"another tenant's job, a malformed id and an unknown one are all not found", func(r *rig) {
		job := r.submit(nil)
		for _, who := range [][2]string{{"globex", job.ID}, {tenant, newID()}, {tenant, "../" + job.ID}, {tenant, ""}} {
			_, err := r.service.Get(r.Context(), who[0], who[1])
			require.ErrorIs(r, err, jobs.ErrNotFound, who)
			_, err = r.service.Cancel(r.Context(), who[0], who[1])
			require.ErrorIs(r, err, jobs.ErrNotFound, who)
			_, err = r.service.RedriveOne(r.Context(), who[0], who[1])
			require.ErrorIs(r, err, jobs.ErrNotFound, who)
			_, err = r.service.Steps(r.Context(), who[0], who[1], "", 10)
			require.ErrorIs(r, err, jobs.ErrNotFound, who)
			_, err = r.service.Events(r.Context(), who[0], who[1], jobs.EventPosition{}, 10)
			require.ErrorIs(r, err, jobs.ErrNotFound, who)
		}
		require.Equal(r, jobs.Queued, r.get(job).State)
	}},
	{"a finished job is kept for its time and no longer", func(r *rig) {
		job := r.running(nil)
		_, err := r.runner.Succeed(r.Context(), job.Held(), jobs.Bytes("text/plain", []byte("42")))
		require.NoError(r, err)
		r.clock.Advance(keep - time.Second)
		r.get(job)
		r.clock.Advance(time.Second)
		_, err = r.service.Get(r.Context(), tenant, job.ID)
		require.ErrorIs(r, err, jobs.ErrNotFound)
		page, err := r.service.List(r.Context(), tenant, jobs.Filter{}, "", 0)
		require.NoError(r, err)
		require.Empty(r, page.Jobs)
	}},
	{"a list is filtered and paged, newest first", func(r *rig) {
		var want []string
		start := r.clock.Now()
		for i := range 25 {
			r.clock.Advance(time.Second)
			job := r.submit(nil)
			if i%2 == 0 {
				_, err := r.service.Cancel(r.Context(), tenant, job.ID)
				require.NoError(r, err)
				want = append(want, job.ID)
			}
		}
		slices.Reverse(want)
		cancelled := jobs.Filter{States: []jobs.State{jobs.Cancelled}}
		require.Equal(r, want, r.list(cancelled, 4))
		require.Equal(r, want, r.list(cancelled, 100))
		require.Len(r, r.list(jobs.Filter{}, 10), 25)
		require.Len(r, r.list(jobs.Filter{Worker: QueueLane.Worker}, 0), 25)
		require.Empty(r, r.list(jobs.Filter{Worker: "nobody"}, 0))
		cancelled.CreatedFrom, cancelled.CreatedBefore = start.Add(3*time.Second), start.Add(7*time.Second)
		require.Equal(r, []string{want[10], want[11]}, r.list(cancelled, 0))
	}},
	{"wrong limits, states and cursors are refused", func(r *rig) {
		for _, limit := range []int{-1, 101} {
			_, err := r.service.List(r.Context(), tenant, jobs.Filter{}, "", limit)
			require.ErrorContains(r, err, "limit")
		}
		_, err := r.service.List(r.Context(), tenant, jobs.Filter{States: []jobs.State{"done"}}, "", 0)
		require.ErrorContains(r, err, "state")
		for _, cursor := range []string{"x", "AAAA", "////////////////////////////////", "\xff"} {
			_, err := r.service.List(r.Context(), tenant, jobs.Filter{}, cursor, 0)
			require.ErrorIs(r, err, jobs.ErrBadCursor, cursor)
		}
	}},
	{"steps and partial output are read by the tenant", func(r *rig) {
		job := r.running(nil)
		_, _, err := r.runner.PutStep(r.Context(), job.Held(), "plan", jobs.Bytes("text/plain", []byte("a")))
		require.NoError(r, err)
		require.NoError(r, r.runner.Append(r.Context(), job.Held(), 1, []byte("Hel"), []byte("lo")))
		require.NoError(r, r.runner.Append(r.Context(), job.Held(), 3))
		steps, err := r.service.Steps(r.Context(), tenant, job.ID, "", 10)
		require.NoError(r, err)
		require.Len(r, steps, 1)
		require.Equal(r, "plan", steps[0].Key)
		events, err := r.service.Events(r.Context(), tenant, job.ID, jobs.EventPosition{}, 10)
		require.NoError(r, err)
		require.Len(r, events, 2)
		require.Equal(r, "Hello", string(events[0].Data)+string(events[1].Data))
		events, err = r.service.Events(r.Context(), tenant, job.ID, events[0].EventPosition, 10)
		require.NoError(r, err)
		require.Len(r, events, 1)
	}},
	{"a payload in a blob has a link, an inline one has none", func(r *rig) {
		job := r.submit(func(s *jobs.Submission) { s.Input = make([]byte, 5000) })
		link, err := r.service.Link(r.Context(), job.Input)
		require.NoError(r, err)
		require.Equal(r, 200, follow(r.T, link, ""))
		_, err = r.service.Link(r.Context(), jobs.Bytes("text/plain", nil))
		require.ErrorIs(r, err, jobs.ErrNoBlob)
	}},
}

// list reads all pages.
func (r *rig) list(filter jobs.Filter, limit int) []string {
	r.Helper()
	var got []string
	for cursor := ""; ; {
		page, err := r.service.List(r.Context(), tenant, filter, cursor, limit)
		require.NoError(r, err)
		got = append(got, ids(page.Jobs)...)
		if cursor = page.Cursor; cursor == "" {
			return got
		}
	}
}
