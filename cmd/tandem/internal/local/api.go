package local

import (
	"context"
	"crypto/rand"
	"net/http"
	"slices"
	"time"

	"tandem/runtime/httpapi"
	"tandem/runtime/httpapi/api"
	"tandem/runtime/httpapi/auth"
	"tandem/runtime/httpapi/modelsapi"
	"tandem/runtime/httpapi/ratelimit"
	"tandem/runtime/jobs"
	"tandem/runtime/keys"
	"tandem/runtime/webhooks"
	"tandem/runtime/webhooks/target"
)

// anywhere lets webhooks go to this machine too, which is what one tries first.
var anywhere = target.Policy{AllowPrivate: true}

// credentials makes the key and the webhook secret that are printed.
func (d *deployment) credentials(ctx context.Context) (Ready, error) {
	request := keys.Request{Tenant: Tenant, Name: "printed by tandem local"}
	token, _, err := keys.Issue(ctx, d.keys, request, time.Now(), rand.Reader)
	if err != nil {
		return Ready{}, err
	}
	d.master = rand.Text()
	names := make([]string, len(d.Workers))
	for i, worker := range d.Workers {
		names[i] = worker.Name
	}
	var models []string
	for _, model := range d.Router.Models() {
		models = append(models, model.Name)
	}
	return Ready{URL: d.url, Key: token.Reveal(), Workers: names, Models: models, WebhookSecret: webhooks.Secret(d.master, Tenant)}, nil
}

// handler is the API as it is deployed, with the blobs' links beside it.
func (d *deployment) handler() http.Handler {
	service := jobs.NewService(jobs.ServiceOptions{Store: d.store, Queue: d.queue, Blobs: d.blobs, Lanes: d.lanes, Log: d.Log})
	routes := slices.Concat(
		httpapi.ServiceRoutes(api.Health{Application: d.Application, Environment: d.Environment}),
		httpapi.JobRoutes(httpapi.JobOptions{
			Jobs: service, Lanes: d.lanes, CheckWebhook: anywhere.Check, PollEvery: 200 * time.Millisecond, Log: d.Log,
		}),
		modelsapi.Routes(modelsapi.Options{Router: d.Router, Jobs: service, Timeout: d.ModelTimeout, Log: d.Log}))
	mux := http.NewServeMux()
	mux.Handle("/blobs/", d.blobs)
	mux.Handle("/", httpapi.New(httpapi.Options{
		Authenticator: auth.Bearer{Tokens: keys.Authenticator{Keys: d.keys}},
		Limiter:       ratelimit.New(ratelimit.Options{Rate: 10_000, Burst: 20_000}),
		Log:           d.Log,
	}, routes...))
	return mux
}
