// Package smoke proves a deployed environment: it makes a key, submits jobs as
// a user would, lets them run, fetches a result, cancels one, and takes away
// all that it made. It is the same on AWS and on an emulator.
package smoke

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"tandem/cmd/tandem/internal/apiclient"
	"tandem/runtime/keys"
)

// Keys makes keys and takes them away again.
type Keys interface {
	// Issue makes a key of a tenant and returns it with its id.
	Issue(ctx context.Context, request keys.Request) (key, id string, err error)
	// RemoveKey takes a key away without a trace.
	RemoveKey(ctx context.Context, id string) error
}

// Remover takes jobs away.
type Remover interface {
	// RemoveJob takes a job that is over away without a trace.
	RemoveJob(ctx context.Context, id string) error
	// RemovePayloads deletes all inputs and results of a tenant.
	RemovePayloads(ctx context.Context, tenant string) error
}

// Options of a run.
type Options struct {
	// Client makes a client of the API with a key. Required.
	Client func(key string) (*apiclient.Client, error)
	// Keys makes the run's own key. Required, unless Key is set.
	Keys Keys
	// Key of a tenant that exists already; then payloads stay until their time is over.
	Key string
	// Remover takes jobs away. Required.
	Remover Remover
	// Environment that /healthz must name. Required.
	Environment string
	// Worker that runs the jobs. Required.
	Worker string
	// Input of the jobs. Required.
	Input json.RawMessage
	// Timeout of one job, from its submission to its end. Defaults to 20 min: a
	// GPU instance may have to start and a model to load.
	Timeout time.Duration
	// Tenant is a name that nobody else has. Required, unless Key is set.
	Tenant string
	// Now defaults to time.Now.
	Now func() time.Time
	// Begin is told what begins. Defaults to nobody.
	Begin func(step string)
	// Note is told how something under way comes along. Defaults to nobody.
	Note func(string)
	// End is told how a step ended. Defaults to nobody.
	End func(Step)
}

// Step is one thing that was proven, or not.
type Step struct {
	Name string `json:"step"`
	// OK is whether it went well.
	OK bool `json:"ok"`
	// Found in words.
	Found string `json:"found"`
	// Seconds that it took.
	Seconds float64 `json:"seconds"`
}

// ErrFailed says that a step failed; its Step tells why.
var ErrFailed = errors.New("the environment is not proven")

// run is one smoke test under way.
type run struct {
	Options
	client *apiclient.Client
	keyID  string
	result string
	steps  []Step

	mu   sync.Mutex
	jobs []string
}

// Run proves an environment. What it made is taken away also after a step has
// failed and after the context has ended.
func Run(ctx context.Context, options Options) ([]Step, error) {
	r := &run{Options: options.withDefaults()}
	ok := true
	for _, step := range []struct {
		name string
		do   func(context.Context) (string, error)
	}{
		{"api", r.api}, {"key", r.key}, {"run", r.runOne}, {"result", r.fetch}, {"upload", r.upload}, {"cancel", r.cancel},
	} {
		if ok = r.step(ctx, step.name, step.do); !ok {
			break
		}
	}
	cleaned := true
	if r.keyID != "" || len(r.jobs) > 0 {
		limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Minute)
		defer cancel()
		cleaned = r.step(limit, "clean up", r.cleanUp)
	}
	switch {
	case ctx.Err() != nil:
		return r.steps, ctx.Err()
	case !ok, !cleaned:
		return r.steps, ErrFailed
	default:
		return r.steps, nil
	}
}

func (o Options) withDefaults() Options {
	if o.Timeout == 0 {
		o.Timeout = 20 * time.Minute
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Begin == nil {
		o.Begin = func(string) {}
	}
	if o.Note == nil {
		o.Note = func(string) {}
	}
	if o.End == nil {
		o.End = func(Step) {}
	}
	return o
}

func (r *run) step(ctx context.Context, name string, do func(context.Context) (string, error)) bool {
	r.Begin(name)
	began := r.Now()
	found, err := do(ctx)
	step := Step{Name: name, OK: err == nil, Found: found, Seconds: r.Now().Sub(began).Seconds()}
	if err != nil {
		step.Found = err.Error()
	}
	r.steps = append(r.steps, step)
	r.End(step)
	return err == nil
}

func (r *run) api(ctx context.Context) (string, error) {
	client, err := r.Client("")
	if err != nil {
		return "", err
	}
	health, err := client.Health(ctx)
	if err != nil {
		return "", err
	}
	if health.Environment != r.Environment {
		return "", fmt.Errorf("%s says that it is the environment %q", client.URL(), health.Environment)
	}
	return client.URL(), nil
}

// keyLife ends a key that a run could not take away.
const keyLife = 24 * time.Hour

func (r *run) key(ctx context.Context) (string, error) {
	var err error
	if r.Key != "" {
		r.client, err = r.Client(r.Key)
		return "the one that was given", err
	}
	key, id, err := r.Keys.Issue(ctx, keys.Request{Tenant: r.Tenant, Name: "smoke test", Rate: 100, Burst: 200,
		Scopes: []keys.Scope{keys.ScopeJobsRead, keys.ScopeJobsWrite}, ExpiresAt: r.Now().Add(keyLife)})
	if err != nil {
		return "", err
	}
	r.keyID = id
	r.client, err = r.Client(key)
	return fmt.Sprintf("%s of the tenant %s", id, r.Tenant), err
}
