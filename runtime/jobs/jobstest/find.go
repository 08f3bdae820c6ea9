package jobstest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/jobs"
)

type find func(t *testing.T, page jobs.Scan) jobs.Found

var finderTests = []storeTest{
	{"queued jobs of a lane are found, deadlines first, then by age", func(t *testing.T, store jobs.Store) {
		now, lane, shard := NewClock().Now(), jobs.Lane{Worker: name("worker"), Priority: jobs.High}, 3
		add := func(age, deadline time.Duration) string {
			job := inShard(queuedJob(now), shard)
			job.Worker, job.Priority, job.QueuedAt = lane.Worker, lane.Priority, now.Add(-age)
			if deadline != 0 {
				job.Deadline = now.Add(deadline)
			}
			return create(t, store, job).ID
		}
		young, old := add(time.Second, 0), add(time.Hour, 0)
		late, soon, passed := add(0, time.Hour), add(0, time.Minute), add(0, -time.Minute)
		found := queuedIn(store, lane)
		require.Equal(t, []string{passed, soon, late, old, young}, ids(found(t, jobs.Scan{Shard: shard, Limit: 10}).Jobs))
		require.Empty(t, found(t, jobs.Scan{Shard: shard + 1, Limit: 10}).Jobs)
		require.Empty(t, queuedIn(store, jobs.Lane{Worker: lane.Worker, Priority: jobs.Low})(t, jobs.Scan{Shard: shard, Limit: 10}).Jobs)

		require.Equal(t, []string{passed}, ids(found(t, jobs.Scan{Shard: shard, Limit: 10, Overdue: now}).Jobs))
		require.Equal(t, []string{passed, soon}, ids(found(t, jobs.Scan{Shard: shard, Limit: 10, Overdue: now.Add(time.Minute)}).Jobs))
	}},
	{"a scan goes on page by page", func(t *testing.T, store jobs.Store) {
		now, lane, shard := NewClock().Now(), jobs.Lane{Worker: name("worker"), Priority: jobs.Normal}, 5
		var want []string
		for i := range 12 {
			job := inShard(queuedJob(now), shard)
			job.Worker, job.QueuedAt = lane.Worker, now.Add(time.Duration(i/5)*time.Second)
			want = append(want, create(t, store, job).ID)
		}
		var got []string
		page := jobs.Scan{Shard: shard, Limit: 5}
		for pages := 0; ; pages++ {
			require.Less(t, pages, 10)
			found := queuedIn(store, lane)(t, page)
			require.LessOrEqual(t, len(found.Jobs), 5)
			got = append(got, ids(found.Jobs)...)
			if page.After = found.Next; page.After == "" {
				break
			}
		}
		require.ElementsMatch(t, want, got)
	}},
	{"a job is found by what it waits for, and only there", func(t *testing.T, store jobs.Store) {
		now := NewClock().Now()
		job := queuedJob(now)
		job.Webhook.URL = "https://example.com/hook"
		create(t, store, job)
		requirePlaces(t, store, job, "queued")

		claimed, err := store.Claim(t.Context(), claimFor(job, now))
		require.NoError(t, err)
		requirePlaces(t, store, job, "running")

		renewed, err := store.Renew(t.Context(), jobs.Renewal{Held: claimed.Held(), Now: now, Until: now.Add(time.Hour)})
		require.NoError(t, err)
		requirePlaces(t, store, job, "running")

		done, err := store.Commit(t.Context(), jobs.Commit{Held: renewed.Held(), Token: "x", Now: now, ExpiresAt: now.Add(time.Hour)})
		require.NoError(t, err)
		requirePlaces(t, store, job, "webhook")

		done.Revision++
		done.Webhook.State = jobs.DeliverySent
		require.NoError(t, store.Replace(t.Context(), done))
		requirePlaces(t, store, job)
	}},
	{"a job that ends without a webhook is found nowhere", func(t *testing.T, store jobs.Store) {
		now := NewClock().Now()
		job := create(t, store, runningJob(now))
		requirePlaces(t, store, job, "running")
		_, err := store.Commit(t.Context(), jobs.Commit{Held: job.Held(), Token: "x", Now: now, ExpiresAt: now.Add(time.Hour)})
		require.NoError(t, err)
		requirePlaces(t, store, job)
	}},
	{"a job that is given back is queued again", func(t *testing.T, store jobs.Store) {
		now := NewClock().Now()
		job := create(t, store, runningJob(now))
		job.Revision++
		job.State, job.Lease = jobs.Queued, jobs.Lease{}
		require.NoError(t, store.Replace(t.Context(), job))
		requirePlaces(t, store, job, "queued")
	}},
}

func queuedIn(store jobs.Store, lane jobs.Lane) find {
	return func(t *testing.T, page jobs.Scan) jobs.Found {
		t.Helper()
		found, err := store.FindQueued(t.Context(), lane, page)
		require.NoError(t, err)
		return found
	}
}

// inShard gives the job an id of the shard.
func inShard(job jobs.Job, shard int) jobs.Job {
	for jobs.ShardOf(job.ID) != shard {
		job.ID = newID()
	}
	return job
}

// requirePlaces looks for the job in every index; others may be there too.
func requirePlaces(t *testing.T, store jobs.Store, job jobs.Job, want ...string) {
	t.Helper()
	finders := map[string]func(jobs.Scan) (jobs.Found, error){
		"queued":  func(page jobs.Scan) (jobs.Found, error) { return store.FindQueued(t.Context(), job.Lane(), page) },
		"running": func(page jobs.Scan) (jobs.Found, error) { return store.FindRunning(t.Context(), page) },
		"webhook": func(page jobs.Scan) (jobs.Found, error) { return store.FindPendingWebhooks(t.Context(), page) },
	}
	var got []string
	for place, look := range finders {
		for page := (jobs.Scan{Shard: jobs.ShardOf(job.ID), Limit: 100}); ; {
			found, err := look(page)
			require.NoError(t, err)
			for _, other := range found.Jobs {
				if other.ID == job.ID {
					got = append(got, place)
				}
			}
			if page.After = found.Next; page.After == "" {
				break
			}
		}
	}
	require.ElementsMatch(t, want, got)
}
