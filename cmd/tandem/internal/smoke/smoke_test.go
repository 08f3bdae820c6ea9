package smoke_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/cmd/tandem/internal/apiclient"
	"tandem/cmd/tandem/internal/apitest"
	"tandem/cmd/tandem/internal/smoke"
	"tandem/runtime/jobs"
	"tandem/runtime/keys"
)

// ground is an environment with what a run is given, and what it took away.
type ground struct {
	*apitest.Server
	mu       sync.Mutex
	jobs     map[string]bool
	tenants  []string
	keys     []string
	refusing error
}

func newGround(t *testing.T, options apitest.Options) *ground {
	t.Helper()
	return &ground{Server: apitest.New(t, options), jobs: map[string]bool{}}
}

func (g *ground) Issue(ctx context.Context, request keys.Request) (string, string, error) {
	token, key, err := keys.Issue(ctx, g.Keys, request, time.Now(), rand.Reader)
	return token.Reveal(), key.ID, err
}

func (g *ground) RemoveKey(_ context.Context, id string) error {
	g.keys = append(g.keys, id)
	return g.refusing
}

func (g *ground) RemoveJob(ctx context.Context, id string) error {
	job, err := g.Store.Get(ctx, id)
	if err != nil {
		return err
	}
	if !job.State.Terminal() {
		return errors.New("the job is not over")
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.jobs[id] = true
	return g.refusing
}

func (g *ground) RemovePayloads(_ context.Context, tenant string) error {
	g.tenants = append(g.tenants, tenant)
	return g.refusing
}

// run proves the environment, and that nothing is left of it.
func (g *ground) run(t *testing.T, change func(*smoke.Options)) ([]smoke.Step, error) {
	t.Helper()
	options := smoke.Options{
		Client: func(key string) (*apiclient.Client, error) {
			return apiclient.New(apiclient.Options{URL: g.URL, Key: key, RetryWait: time.Millisecond})
		},
		Keys: g, Remover: g, Environment: "test", Worker: apitest.Worker, Input: json.RawMessage(`{"a":1}`), Timeout: 5 * time.Second, Tenant: "smoke-1",
	}
	if change != nil {
		change(&options)
	}
	steps, err := smoke.Run(t.Context(), options)
	all, _, listErr := g.Store.List(t.Context(), "smoke-1", nil, 1000)
	require.NoError(t, listErr)
	for _, job := range all {
		require.True(t, g.jobs[job.ID], "job %s is left over", job.ID)
	}
	return steps, err
}

func names(steps []smoke.Step) (all []string) {
	for _, step := range steps {
		all = append(all, step.Name)
	}
	return all
}

func TestAnEnvironmentIsProvenAndLeftAsItWas(t *testing.T) {
	g := newGround(t, apitest.Options{})
	g.Work(t, apitest.Echo)
	var begun []string
	steps, err := g.run(t, func(o *smoke.Options) { o.Begin = func(step string) { begun = append(begun, step) } })
	require.NoError(t, err, steps)
	require.Equal(t, []string{"api", "key", "run", "result", "upload", "cancel", "clean up"}, names(steps))
	require.Equal(t, names(steps), begun)
	for _, step := range steps {
		require.True(t, step.OK, step)
	}
	require.Equal(t, []string{"smoke-1"}, g.tenants)
	require.Len(t, g.keys, 1)
	require.GreaterOrEqual(t, len(g.jobs), 3)
	require.Equal(t, "7 B of application/json", steps[3].Found)
}

func TestAWorkerThatIsTooFastIsKeptBusyUntilAJobCanBeCancelled(t *testing.T) {
	g := newGround(t, apitest.Options{Wrap: func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodDelete {
				time.Sleep(30 * time.Millisecond)
			}
			next.ServeHTTP(w, r)
		})
	}})
	g.Work(t, func(ctx context.Context, a apitest.Attempt) (jobs.Payload, error) {
		time.Sleep(5 * time.Millisecond)
		return apitest.Echo(ctx, a)
	})
	steps, err := g.run(t, nil)
	require.NoError(t, err, steps)
	require.Regexp(t, `of (8|32) jobs were cancelled`, steps[5].Found)
}

func TestWhatFailsIsSaidAndStillCleanedUp(t *testing.T) {
	never := func(context.Context, apitest.Attempt) (jobs.Payload, error) {
		return jobs.Payload{}, errors.New("bad input")
	}
	for name, test := range map[string]struct {
		work   func(context.Context, apitest.Attempt) (jobs.Payload, error)
		change func(*smoke.Options)
		failed string
		says   string
	}{
		"no worker takes the job": {nil, func(o *smoke.Options) { o.Timeout = 300 * time.Millisecond }, "run", "is queued after"},
		"the container fails":     {never, nil, "run", "container_failed: bad input; if its container does not understand the input"},
		"the worker is unknown":   {apitest.Echo, func(o *smoke.Options) { o.Worker = "nobody" }, "run", "/worker: is not known"},
		"it is another environment": {apitest.Echo, func(o *smoke.Options) { o.Environment = "prod" }, "api",
			`it is the environment "test"`},
		"the key does not open it": {apitest.Echo, func(o *smoke.Options) { o.Key = "tdm_x" }, "run", "401"},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGround(t, apitest.Options{})
			if test.work != nil {
				g.Work(t, test.work)
			}
			steps, err := g.run(t, test.change)
			require.ErrorIs(t, err, smoke.ErrFailed)
			for _, step := range steps {
				require.Equal(t, step.Name != test.failed, step.OK, step)
				if !step.OK {
					require.Contains(t, step.Found, test.says)
				}
			}
		})
	}
}

func TestWithAKeyOfAnotherTenantOnlyItsJobsAreRemoved(t *testing.T) {
	g := newGround(t, apitest.Options{})
	g.Work(t, apitest.Echo)
	key := g.Key(t, "acme")
	steps, err := g.run(t, func(o *smoke.Options) { o.Key, o.Tenant = key, "" })
	require.NoError(t, err, steps)
	require.Empty(t, g.tenants)
	require.Empty(t, g.keys)
	require.GreaterOrEqual(t, len(g.jobs), 3)
	require.Contains(t, steps[len(steps)-1].Found, "payloads stay")
}

func TestWhatCannotBeRemovedIsNamed(t *testing.T) {
	g := newGround(t, apitest.Options{})
	g.Work(t, apitest.Echo)
	g.refusing = errors.New("denied")
	steps, err := g.run(t, nil)
	require.ErrorIs(t, err, smoke.ErrFailed)
	last := steps[len(steps)-1]
	require.Equal(t, "clean up", last.Name)
	require.Regexp(t, `(?s)job \S+ stays: denied.*payloads of the tenant smoke-1 stay.*key \S+ stays`, last.Found)
}

func TestAnInterruptedRunCleansUpToo(t *testing.T) {
	g := newGround(t, apitest.Options{})
	g.Work(t, apitest.UntilCancelled)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	steps, err := smoke.Run(ctx, smoke.Options{
		Client: func(key string) (*apiclient.Client, error) {
			return apiclient.New(apiclient.Options{URL: g.URL, Key: key, RetryWait: time.Millisecond})
		},
		Keys: g, Remover: g, Environment: "test", Worker: apitest.Worker, Input: json.RawMessage(`1`), Tenant: "smoke-1",
		Note: func(string) { cancel() },
	})
	require.ErrorIs(t, err, context.Canceled)
	require.True(t, steps[len(steps)-1].OK, steps)
	require.Len(t, g.keys, 1)
	require.Len(t, g.jobs, 1)
}
