package doctor

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tandem/cmd/tandem/internal/deployed"
	"tandem/runtime/jobs"
)

// put stores a job of document-analyser that is queued or running since a while.
func (a *account) put(t *testing.T, state jobs.State, since time.Duration) {
	t.Helper()
	job := jobs.Job{ID: uuid.NewString(), Tenant: "acme", Worker: "document-analyser", Priority: jobs.Normal, State: state,
		Revision: 1, Created: now.Add(-since), QueuedAt: now.Add(-since), Updated: now.Add(-since)}
	if state == jobs.Running {
		job.Started, job.Lease = job.Created, jobs.Lease{Owner: "task", Until: now.Add(20 * time.Second)}
	}
	require.NoError(t, a.store.Create(t.Context(), job))
}

func (a *account) stack(name string) *deployed.Stack {
	for i := range a.stacks {
		if a.stacks[i].Name == name {
			return &a.stacks[i]
		}
	}
	return nil
}

func TestAfterADeployWhatIsWrongIsNamedWithWhatToDo(t *testing.T) {
	tasks := func(a *account, desired, running int) {
		a.services["arn:doc-spot"] = Service{ID: "arn:doc-spot", Desired: desired, Running: running}
	}
	failed := func(ago time.Duration, message string) Activity {
		return Activity{At: now.Add(-ago), Failed: true, Message: message}
	}
	for name, test := range map[string]struct {
		check string
		set   []string
		do    func(*testing.T, *account)
		want  string
	}{
		"the stacks are whole": {check: "stacks", want: "ok: 4 stacks"},
		"a stack that rolled back": {check: "stacks", do: func(_ *testing.T, a *account) {
			a.stack("tandem-dev-api").Status, a.stack("tandem-dev-api").Reason = "UPDATE_ROLLBACK_COMPLETE", "no such certificate"
		}, want: "fail: tandem-dev-api is UPDATE_ROLLBACK_COMPLETE: no such certificate -> its events name the cause: aws cloudformation describe-stack-events --stack-name tandem-dev-api"},
		"a stack that never came up": {check: "stacks", do: func(_ *testing.T, a *account) { a.stack("tandem-dev-api").Status = "ROLLBACK_COMPLETE" },
			want: "fail: tandem-dev-api is ROLLBACK_COMPLETE -> its first deploy failed; delete it (aws cloudformation delete-stack --stack-name tandem-dev-api) and deploy again"},
		"a stack that is being updated": {check: "stacks", do: func(_ *testing.T, a *account) { a.stack("tandem-dev-api").Status = "UPDATE_IN_PROGRESS" },
			want: "warn: tandem-dev-api is UPDATE_IN_PROGRESS -> wait for it, and look again"},

		"all is synthesised": {check: "leftovers", want: "ok: all 4 are in testdata/cdk.out"},
		"a stack is left behind": {check: "leftovers", do: func(_ *testing.T, a *account) {
			a.stacks = append(a.stacks, deployed.Stack{Name: "tandem-dev-services", Status: "CREATE_COMPLETE"})
		}, want: "warn: tandem-dev-services is deployed, costs what it costs, and is not in testdata/cdk.out -> delete it if it is not missed: aws cloudformation delete-stack --stack-name tandem-dev-services"},

		"the API answers": {check: "api", want: "ok: https://api/"},

		"nothing waits": {check: "workers", want: "ok: nothing waits longer than it should"},
		"a job that has just come waits for its instance": {check: "workers", do: func(t *testing.T, a *account) { a.put(t, jobs.Queued, 10*time.Minute) },
			want: "ok: nothing waits longer than it should"},
		"jobs wait and nothing is wanted": {check: "workers", do: func(t *testing.T, a *account) { a.put(t, jobs.Queued, time.Hour); a.put(t, jobs.Queued, time.Minute) },
			want: "fail: document-analyser: 2 jobs wait, the oldest for 1h, and no task is wanted -> see the checks 'functions' and 'wakes', and the log of the capacity controller"},
		"jobs wait and no task comes": {check: "workers", do: func(t *testing.T, a *account) { a.put(t, jobs.Queued, time.Hour); tasks(a, 3, 0) },
			want: "fail: document-analyser: 1 jobs wait, the oldest for 1h, and none of 3 wanted tasks runs -> see the check 'wakes', and the events of its ECS services"},
		"jobs wait and the tasks take none": {check: "workers", do: func(t *testing.T, a *account) { a.put(t, jobs.Queued, time.Hour); tasks(a, 2, 2) },
			want: "fail: document-analyser: 1 jobs wait, the oldest for 1h, and 2 tasks run but take none -> look at the tasks' logs: does the container answer /ping, and can the worker reach its queue?"},
		"jobs wait behind others": {check: "workers", do: func(t *testing.T, a *account) { a.put(t, jobs.Queued, time.Hour); a.put(t, jobs.Running, time.Hour) },
			want: "warn: document-analyser: 1 jobs run, and 1 wait, the oldest for 1h -> raise workers.document-analyser.scale.maximum or its group's maximum, if it is to be faster"},
		"a short backlog is none": {check: "workers", do: func(t *testing.T, a *account) {
			a.put(t, jobs.Queued, 20*time.Minute)
			a.put(t, jobs.Running, time.Hour)
		}, want: "ok: nothing waits longer than it should"},
		"a worker that was removed": {check: "workers", set: []string{"workers.video-agent=null"},
			want: "warn: worker video-agent is deployed and no longer configured -> make deploy ENV=dev"},
		"a worker that was added": {check: "workers", set: []string{"workers.new={image: {build: x}, gpu: 0, timeout: 1h}"},
			want: "warn: worker new is configured and not deployed -> make deploy ENV=dev"},

		"leases are held": {check: "leases", do: func(t *testing.T, a *account) { a.put(t, jobs.Running, time.Hour) }, want: "ok: 1 jobs run, each with a lease"},
		"a lease has ended": {check: "leases", do: func(t *testing.T, a *account) {
			require.NoError(t, a.store.Create(t.Context(), jobs.Job{ID: "01a20c55-0000-7000-8000-000000000001", Tenant: "acme", Worker: "w", Priority: jobs.Low,
				State: jobs.Running, Revision: 1, Started: now.Add(-time.Hour), Lease: jobs.Lease{Owner: "task", Until: now.Add(-10 * time.Minute)}}))
		}, want: "fail: 1 jobs hold leases that have ended, 01a20c55-0000-7000-8000-000000000001 since 10m -> the sweeper runs each minute and should have found them: see the check 'functions' and its log"},

		"no dead letters": {check: "dead-letters", want: "ok: 1 dead-letter queues"},
		"dead letters": {check: "dead-letters", do: func(_ *testing.T, a *account) {
			a.queues["https://sqs/dn-dead"] = Queue{ARN: "arn:dn-dead", Messages: 4}
		},
			want: "warn: 4 messages of DocumentAnalyserNormalQueue12345678 could not be read by anybody; the jobs themselves are in the state table -> read one: aws sqs receive-message --queue-url https://sqs/dn-dead"},

		"no launch failed": {check: "wakes", want: "ok: no launch has failed in the last 6h"},
		"a launch failed for the quota": {check: "wakes", do: func(_ *testing.T, a *account) {
			a.activities["single-spot"] = []Activity{failed(2*time.Minute, "MaxSpotInstanceCountExceeded: Max spot instance count exceeded")}
		}, want: "fail: single-spot: the quota of spot vCPUs is used up, 2m ago: MaxSpotInstanceCountExceeded: Max spot instance count exceeded -> ask for more: see the check 'gpu-quota-spot'"},
		"a launch failed and a later one did not": {check: "wakes", do: func(_ *testing.T, a *account) {
			a.activities["single-spot"] = []Activity{{At: now.Add(-time.Minute)}, failed(time.Hour, "UnfulfillableCapacity")}
		}, want: "warn: single-spot: AWS has no such instance free, 1h ago: UnfulfillableCapacity"},
		"a launch failed long ago": {check: "wakes", do: func(_ *testing.T, a *account) { a.activities["single-spot"] = []Activity{failed(7*time.Hour, "x")} },
			want: "ok: no launch has failed in the last 6h"},
		"a launch failed for a reason that is not known": {check: "wakes", do: func(_ *testing.T, a *account) { a.activities["single-spot"] = []Activity{failed(time.Minute, "odd")} },
			want: "fail: single-spot: a launch failed, 1m ago: odd -> the message names the cause"},

		"no function failed": {check: "functions", want: "ok: 1 functions, no error in the last hour"},
		"a function fails now and then": {check: "functions", do: func(_ *testing.T, a *account) { a.calls["sweeper"] = [2]int{60, 3} },
			want: "warn: SweeperFunction12345678 failed in 3 of 60 calls in the last hour -> aws logs tail --since 1h --filter-pattern ERROR sweeper-logs"},
		"a function fails always": {check: "functions", do: func(_ *testing.T, a *account) { a.calls["sweeper"] = [2]int{60, 60} },
			want: "fail: SweeperFunction12345678 failed in 60 of 60 calls in the last hour -> aws logs tail --since 1h --filter-pattern ERROR sweeper-logs"},
	} {
		t.Run(name, func(t *testing.T) {
			a := healthy(t)
			if test.do != nil {
				test.do(t, a)
			}
			require.Equal(t, test.want, run(t, After(a, deployment(t, a, test.set...)), test.check))
		})
	}
}

func TestAnAPIThatIsDownMissingOrAnothersIsAFault(t *testing.T) {
	a := healthy(t)
	d := deployment(t, a)
	for want, client := range map[string]API{
		"fail: there is no stack with an API -> make deploy ENV=dev":                                   nil,
		"fail: 503 -> look at the log of the function behind it, and at the API's access log":          api{err: errors.New("503")},
		`fail: it says that it is the environment "prod" -> look for two deployments under one domain`: api{environment: "prod"},
	} {
		d.API = client
		require.Equal(t, want, run(t, After(a, d), "api"))
	}
}

func TestWhatIsNotDeployedIsNotLookedAt(t *testing.T) {
	a := healthy(t)
	a.stacks = nil
	checks := After(a, deployment(t, a))
	require.Len(t, checks, 1)
	require.Equal(t, "skipped: tandem dev is not deployed in this account and region -> make deploy ENV=dev", run(t, checks, "stacks"))
}

func TestLeftoversNeedWhatWasSynthesised(t *testing.T) {
	a := healthy(t)
	d := deployment(t, a)
	d.Assembly = t.TempDir()
	require.Contains(t, run(t, After(a, d), "leftovers"), "skipped: ")
	_, err := Synthesised("testdata", "tandem-dev-")
	require.NoError(t, err)
}

func TestAWorkerOwnsTheResourcesOfItsConstruct(t *testing.T) {
	workers := []string{"video", "video-worker", "a"}
	for id, want := range map[string]string{
		"VideoWorkerSpotService1": "video", "VideoWorkerWorkerSpotService1": "video-worker", "AWorkerOnDemand": "a", "OtherWorker": "", "Video": "",
	} {
		require.Equal(t, want, workerOf(id, workers), id)
	}
}

// Each check that asks the account says that it could not look, rather than that all is well.
func TestACheckThatCannotLookIsSkippedWithTheReason(t *testing.T) {
	a := healthy(t)
	d := deployment(t, a)
	a.put(t, jobs.Running, time.Hour)
	a.err = errors.New("access denied")
	checks := append(Before(a, load(t, "dev")), After(a, d)...)
	var calls atomic.Int32
	lines := Run(t.Context(), checks[:2], func() { calls.Add(1) }, func(err error) string { return "because " + err.Error() })
	require.EqualValues(t, 2, calls.Load())
	require.Equal(t, "could not look: because access denied", lines[0].Found)
	asking := 0
	for _, check := range checks {
		switch check.Name() {
		case "stacks", "leftovers", "api", "leases":
			continue
		}
		asking++
		_, err := check.Run(context.Background())
		require.ErrorContains(t, err, "access denied", check.Name())
	}
	require.Equal(t, 13, asking)
}

func TestAReportKeepsTheOrderOfTheChecks(t *testing.T) {
	a := healthy(t)
	checks := append(Before(a, load(t, "dev")), After(a, deployment(t, a))...)
	lines := Run(t.Context(), checks, func() {}, error.Error)
	var names, seen []string
	for _, line := range lines {
		names = append(names, line.Check)
	}
	for _, check := range checks {
		seen = append(seen, check.Name())
		require.NotEmpty(t, check.What())
	}
	require.Equal(t, seen, names)
	require.Equal(t, len(lines), Count(lines, OK), fmt.Sprint(lines))
	require.Zero(t, Count(lines, Fail))
}
