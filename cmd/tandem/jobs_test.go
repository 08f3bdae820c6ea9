package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/cmd/tandem/internal/apitest"
	"tandem/cmd/tandem/internal/exit"
	"tandem/runtime/httpapi/api"
	"tandem/runtime/jobs"
)

// caller is a console with a key of the tenant acme.
func caller(t *testing.T) *console {
	t.Helper()
	c := newConsole(t, apitest.Options{})
	t.Setenv("TANDEM_API_KEY", c.Key(t, "acme"))
	t.Setenv("TANDEM_URL", c.Server.URL)
	return c
}

func (c *console) submit(args ...string) string {
	c.t.Helper()
	return strings.TrimSpace(c.succeed(append([]string{"jobs", "submit", "--worker=analyser"}, args...)...))
}

func (c *console) job(id string) (job api.Job) {
	c.t.Helper()
	require.NoError(c.t, json.Unmarshal([]byte(c.succeed("jobs", "get", id, "--json")), &job))
	return job
}

func TestAJobIsSubmittedWatchedAndFetched(t *testing.T) {
	c := caller(t)
	c.Work(t, apitest.Echo)
	id := c.submit(`--data={"page": 1}`)
	require.True(t, jobs.ValidID(id), "the id alone, for $(...): %q", id)

	code, out, talk := c.run("jobs", "watch", id)
	require.Equal(t, exit.OK, code, talk)
	require.Empty(t, out)
	require.Regexp(t, `succeeded in \d+s: 10 B of application/json \('tandem jobs result `+id+`'\)\n$`, talk)
	require.Equal(t, `{"page":1}`, c.succeed("jobs", "result", id))
	require.Equal(t, api.JobStateSucceeded, c.job(id).State)
}

func TestEverythingThatASubmissionCanSayArrives(t *testing.T) {
	c := caller(t)
	c.now = time.Now().UTC().Truncate(time.Second)
	args := []string{"--priority=high", "--deadline=2h", "--webhook=https://example.com/hook", "-m", "case=4", "-m", "note=a;b,c", "--idempotency-key=once"}
	id := c.submit(args...)
	job := c.job(id)
	require.Equal(t, api.High, job.Priority)
	require.Equal(t, c.now.Add(2*time.Hour), job.Deadline.UTC())
	require.Equal(t, "https://example.com/hook", job.Webhook.URL)
	require.Equal(t, map[string]string{"case": "4", "note": "a;b,c"}, job.Metadata)
	require.Equal(t, id, c.submit(args...), "one job for one idempotency key")
	require.NotEqual(t, c.submit(), c.submit(), "and a new one without")
}

func TestALargeFileIsUploadedAndItsResultWrittenToAFile(t *testing.T) {
	c := caller(t)
	c.Work(t, apitest.Echo)
	folder := t.TempDir()
	content := make([]byte, 1<<20)
	_, _ = rand.Read(content)
	file, result := filepath.Join(folder, "scan.pdf"), filepath.Join(folder, "result.pdf")
	require.NoError(t, os.WriteFile(file, content, 0o600))
	code, out, talk := c.run("jobs", "submit", "--worker=analyser", "--input="+file, "--watch", "--json")
	require.Equal(t, exit.OK, code, talk)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	var last struct {
		Event string
		Data  api.Job
	}
	require.NoError(t, json.Unmarshal([]byte(lines[len(lines)-1]), &last))
	require.Equal(t, "state", last.Event)
	require.Equal(t, "application/pdf", last.Data.Result.ContentType)

	code, out, talk = c.run("jobs", "result", last.Data.ID, "--output="+result)
	require.Equal(t, exit.OK, code, talk)
	require.Empty(t, out)
	require.Equal(t, result+": 1.0 MiB of application/pdf\n", talk)
	read, err := os.ReadFile(result)
	require.NoError(t, err)
	require.True(t, bytes.Equal(content, read))
	left, err := os.ReadDir(folder)
	require.NoError(t, err)
	require.Len(t, left, 2, "nothing half written is left")
}

func TestInputComesFromStandardInput(t *testing.T) {
	c := caller(t)
	c.Work(t, apitest.Echo)
	c.stdin = strings.NewReader(`{"from": "stdin"}`)
	id := c.submit("--input=-", "--watch", "--json")
	require.Contains(t, id, `{"from":"stdin"}`)
}

func TestPartialOutputGoesToStandardOutputAndTheRestIsTalk(t *testing.T) {
	c := caller(t)
	c.Work(t, func(ctx context.Context, a apitest.Attempt) (jobs.Payload, error) {
		for i := range 3 {
			if err := a.Runner.Append(ctx, a.Held, int64(i+1), fmt.Appendf(nil, "line %d\n", i)); err != nil {
				return jobs.Payload{}, err
			}
		}
		return jobs.Bytes("text/plain", []byte("all")), nil
	})
	code, out, talk := c.run("jobs", "submit", "--worker=analyser", "--watch")
	require.Equal(t, exit.OK, code, talk)
	require.Equal(t, "line 0\nline 1\nline 2\n", out)
	require.Regexp(t, `^job [0-9a-f-]{36}\n(queued\n)?(running\n)?succeeded in `, talk)
}

func TestAJobThatFailedChoosesTheExitCode(t *testing.T) {
	c := caller(t)
	c.Work(t, func(context.Context, apitest.Attempt) (jobs.Payload, error) {
		return jobs.Payload{}, errors.New("out of\x1b[1m memory")
	})
	code, out, talk := c.run("jobs", "submit", "--worker=analyser", "--watch")
	require.Equal(t, exit.Unsuccessful, code, talk)
	require.Empty(t, out)
	require.Contains(t, talk, "is failed: container_failed: out of [1m memory\n")
	id := strings.Fields(talk)[1]
	for _, command := range []string{"watch", "result"} {
		code, _, talk = c.run("jobs", command, id)
		require.Equal(t, exit.Unsuccessful, code, command)
		require.Contains(t, talk, "out of")
	}
	require.Contains(t, c.succeed("jobs", "get", id), "container_failed")
}

func TestJobsAreShownToPeople(t *testing.T) {
	c := caller(t)
	c.now = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	created := c.now.Add(-90 * time.Minute)
	for _, job := range []jobs.Job{
		{ID: "01a20c55-0000-7000-8000-000000000001", State: jobs.Succeeded, Priority: jobs.Normal, Created: created, Started: created.Add(time.Minute),
			Finished: created.Add(4 * time.Minute), Attempts: 1, Interruptions: 2, Fence: 3, Result: jobs.Bytes("text/plain", []byte("hello")), Metadata: map[string]string{"b": "2", "a": "1"}},
		{ID: "01a20c55-0000-7000-8000-000000000002", State: jobs.Running, Priority: jobs.High, Created: created.Add(time.Second), Started: created.Add(time.Minute),
			Attempts: 2, Progress: jobs.Progress{Percent: 40, Message: "page 4 of 10"}, CancelRequested: true,
			Webhook: jobs.Webhook{URL: "https://example.com", State: jobs.DeliveryPending, Attempts: 3, LastError: "the receiver answered 500"}},
	} {
		job.Tenant, job.Worker, job.Revision, job.Updated = "acme", apitest.Worker, 1, created
		require.NoError(t, c.Store.Create(t.Context(), job))
	}
	require.Equal(t, `ID                                    WORKER    STATE                  PRIORITY  CREATED    TOOK  ATTEMPTS  PROGRESS
01a20c55-0000-7000-8000-000000000002  analyser  running, told to stop  high      1h29m ago        2         40% page 4 of 10
01a20c55-0000-7000-8000-000000000001  analyser  succeeded              normal    1h30m ago  3m    1
`, c.succeed("jobs", "list"))
	require.Equal(t, `id             01a20c55-0000-7000-8000-000000000001
state          succeeded
worker         analyser
priority       normal
created        2026-11-24 10:30:00Z, 1h30m ago
started        2026-11-24 10:31:00Z, 1h29m ago
ended          2026-11-24 10:34:00Z, 1h26m ago
attempts       1
interruptions  2
result         5 B of text/plain
metadata       a=1, b=2
`, c.succeed("jobs", "get", "01a20c55-0000-7000-8000-000000000001"))
	require.Contains(t, c.succeed("jobs", "get", "01a20c55-0000-7000-8000-000000000002"),
		"webhook   https://example.com, pending after 3 attempts: the receiver answered 500")
	require.NotContains(t, c.succeed("jobs", "list", "--state=running", "--worker=analyser"), "succeeded")
	require.Len(t, strings.Split(c.succeed("jobs", "list", "-n", "1"), "\n"), 3)
}

func TestQueuedAndRunningJobsAreCancelled(t *testing.T) {
	c := caller(t)
	queued := c.submit()
	code, out, talk := c.run("jobs", "cancel", queued, "--json")
	require.Equal(t, exit.OK, code, talk)
	require.Contains(t, out, `"state": "cancelled"`)

	c.Work(t, apitest.UntilCancelled)
	running := c.submit()
	require.Eventually(t, func() bool { return c.job(running).State == api.JobStateRunning }, 5*time.Second, 5*time.Millisecond)
	_, _, talk = c.run("jobs", "cancel", running)
	require.Equal(t, "job "+running+": told to stop; 'tandem jobs watch' shows when it has\n", talk)
	code, _, talk = c.run("jobs", "watch", running)
	require.Equal(t, exit.Unsuccessful, code)
	require.Contains(t, talk, "job "+running+" is cancelled")
}

func TestJobsAreRedrivenByIDOrByFilter(t *testing.T) {
	c := caller(t)
	var ids []string
	for range 3 {
		ids = append(ids, c.submit())
	}
	for _, id := range ids[:2] {
		c.succeed("jobs", "cancel", id)
	}
	code, out, talk := c.run("jobs", "redrive", "--env=dev", "--tenant=acme", "--state=cancelled", "--dry-run")
	require.Equal(t, exit.OK, code, talk)
	require.Equal(t, ids[1]+"\n"+ids[0]+"\n", out)
	require.Equal(t, "2 jobs would be put back into the queue\n", talk)
	require.Equal(t, api.JobStateCancelled, c.job(ids[0]).State)

	require.Equal(t, ids[0]+"\n", c.succeed("jobs", "redrive", "--env=dev", "--tenant=acme", ids[0]))
	require.Equal(t, api.JobStateQueued, c.job(ids[0]).State)
	require.JSONEq(t, `{"jobs": ["`+ids[1]+`"]}`, c.succeed("jobs", "redrive", "--env=dev", "--tenant=acme", "--state=cancelled", "--since=1h", "--json"))

	for name, test := range map[string]struct {
		args []string
		code int
		says string
	}{
		"a job that runs or waits": {[]string{"--tenant=acme", ids[2]}, exit.Failed, "is queued: only failed, cancelled and expired jobs"},
		"another tenant's job":     {[]string{"--tenant=globex", ids[2]}, exit.NotFound, "tenant globex has no job"},
		"ids and a filter":         {[]string{"--tenant=acme", "--state=failed", ids[2]}, exit.Usage, "not both"},
		"a state that is not over": {[]string{"--tenant=acme", "--state=running"}, exit.Failed, "must be failed, cancelled or expired"},
		"a bad time":               {[]string{"--tenant=acme", "--since=once"}, exit.Usage, "--since"},
	} {
		t.Run(name, func(t *testing.T) {
			code, _, talk := c.run(append([]string{"jobs", "redrive", "--env=dev"}, test.args...)...)
			require.Equal(t, test.code, code, talk)
			require.Contains(t, talk, test.says)
		})
	}
}

func TestATenantRedrivesItsOwnJobsThroughTheAPI(t *testing.T) {
	c := caller(t)
	var ids []string
	for range 120 {
		ids = append(ids, c.submit())
		_, err := c.Server.Service.Cancel(t.Context(), "acme", ids[len(ids)-1])
		require.NoError(t, err)
	}
	code, out, talk := c.run("jobs", "redrive", "--state=cancelled", "--worker=analyser", "--since=1h", "--dry-run")
	require.Equal(t, exit.OK, code, talk)
	require.Len(t, strings.Fields(out), 120, "page after page")
	require.Equal(t, "120 jobs would be put back into the queue\n", talk)
	require.Equal(t, api.JobStateCancelled, c.job(ids[0]).State)

	require.Equal(t, ids[0]+"\n", c.succeed("jobs", "redrive", ids[0]))
	require.Equal(t, api.JobStateQueued, c.job(ids[0]).State)
	require.Empty(t, c.succeed("jobs", "redrive"), "none has failed")
	require.Len(t, strings.Fields(c.succeed("jobs", "redrive", "--state=cancelled")), 119)

	code, _, talk = c.run("jobs", "redrive", ids[0])
	require.Equal(t, exit.Failed, code)
	require.Contains(t, talk, "/jobs/0: is queued: only failed, cancelled and expired jobs")
	t.Setenv("TANDEM_API_KEY", c.Key(t, "globex"))
	require.Empty(t, c.succeed("jobs", "redrive", "--state=cancelled"))
}

func TestTheAPIIsFoundByURLOrByEnvironment(t *testing.T) {
	c := newConsole(t, apitest.Options{})
	key := c.Key(t, "acme")
	c.succeed("jobs", "list", "--env=dev", "--key="+key)
	c.succeed("jobs", "list", "--url="+c.Server.URL, "--key="+key)
	for name, test := range map[string]struct {
		args []string
		code int
		says string
	}{
		"no key":         {[]string{"--env=dev"}, exit.Usage, "TANDEM_API_KEY"},
		"no API":         {[]string{"--key=x"}, exit.Usage, "TANDEM_URL"},
		"not an API":     {[]string{"--key=x", "--url=nowhere"}, exit.Failed, "is not of the form"},
		"not deployed":   {[]string{"--key=x", "--env=staging"}, exit.NotFound, "tandem staging is not deployed"},
		"a wrong key":    {[]string{"--key=x", "--env=dev"}, exit.Refused, "401"},
		"an unknown job": {[]string{"--key=" + key, "--env=dev"}, exit.NotFound, "404"},
	} {
		t.Run(name, func(t *testing.T) {
			code, _, talk := c.run(append([]string{"jobs", "get", "01a20c55-0000-7000-8000-000000000001"}, test.args...)...)
			require.Equal(t, test.code, code, talk)
			require.Contains(t, talk, test.says)
			require.NotContains(t, talk, key)
		})
	}
}

func TestAResultThatIsNotThereYetIsSaid(t *testing.T) {
	c := caller(t)
	id := c.submit()
	code, out, talk := c.run("jobs", "result", id)
	require.Equal(t, exit.Failed, code)
	require.Empty(t, out)
	require.Contains(t, talk, "is queued; 'tandem jobs watch "+id+"' waits")
	c.succeed("jobs", "cancel", id)
	code, _, _ = c.run("jobs", "result", id)
	require.Equal(t, exit.Unsuccessful, code)
}

func TestAResultThatCannotBeWrittenLeavesNothing(t *testing.T) {
	c := caller(t)
	c.Work(t, apitest.Echo)
	c.succeed("jobs", "submit", "--worker=analyser", "--idempotency-key=k", "--watch")
	id := c.submit("--idempotency-key=k")
	code, _, talk := c.run("jobs", "result", id, "--output="+filepath.Join(t.TempDir(), "absent", "result"))
	require.Equal(t, exit.Failed, code)
	require.Contains(t, talk, "no such file")
	folder := t.TempDir()
	code, _, _ = c.run("jobs", "result", id, "--output="+folder)
	require.Equal(t, exit.Failed, code)
	require.NoFileExists(t, filepath.Join(folder, "result"))
}
