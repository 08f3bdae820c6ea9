package measure

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"time"

	"tandem/prices"
	"tandem/runtime/httpapi"
	"tandem/runtime/httpapi/auth"
	"tandem/runtime/httpapi/modelsapi"
	"tandem/runtime/httpapi/ratelimit"
	"tandem/runtime/keys"
	keymemory "tandem/runtime/keys/memory"
	"tandem/runtime/models"
	"tandem/runtime/models/emf"
	"tandem/runtime/models/openai"
	"tandem/runtime/models/tokenprices"
	"tandem/runtime/models/upstream"
	"tandem/runtime/settings"
)

// tandemRole is the process of Tandem's API as it is deployed: bearer keys,
// rate limits, access log and metrics included.
const tandemRole = "tandem"

// Roles are what this program is in its other processes, by their first argument.
func Roles() map[string]func(ctx context.Context, argument string, told io.Writer) error {
	return map[string]func(context.Context, string, io.Writer) error{providerRole: serveProvider, tandemRole: serveTandem}
}

// modelFor is the name by which clients ask for a pace.
func modelFor(p pace) string {
	return fmt.Sprintf("m-%d-%d-%d", p.think.Milliseconds(), p.chunks, p.pause.Milliseconds())
}

// newRouter makes a router with a model for each pace.
func newRouter(provider string, paces ...pace) (*models.Router, error) {
	table, err := prices.LoadTokens()
	if err != nil {
		return nil, err
	}
	routes := settings.Routes{}
	for _, p := range paces {
		routes[modelFor(p)] = settings.ModelRoutes{Routes: []settings.Route{{Name: "fake", Type: "openai", Model: "gpt-4o-mini", BaseURL: p.base(provider), Secret: "key"}}}
	}
	return models.New(models.Options{
		Routes: routes, Connect: map[string]models.Connect{"openai": openai.Connect(upstream.NewClient())}, Keys: oneKey{},
		Prices: tokenprices.Prices{Table: table},
		Meter:  emf.New(emf.Options{Writer: io.Discard, Application: "tandem", Environment: "bench"}),
	})
}

type oneKey struct{}

func (oneKey) Get(context.Context, string) (string, error)             { return "sk-fake", nil }
func (oneKey) Refresh(context.Context, string, string) (string, error) { return "sk-fake", nil }

func serveTandem(ctx context.Context, provider string, told io.Writer) error {
	router, err := newRouter(provider, allPaces...)
	if err != nil {
		return err
	}
	stored := &keymemory.Store{}
	token, _, err := keys.Issue(ctx, stored, keys.Request{Tenant: "acme"}, time.Now(), rand.Reader)
	if err != nil {
		return fmt.Errorf("making a key: %w", err)
	}
	log := slog.New(slog.NewJSONHandler(io.Discard, nil))
	handler := httpapi.New(httpapi.Options{
		Authenticator: auth.Bearer{Tokens: keys.Authenticator{Keys: stored}},
		Limiter:       ratelimit.New(ratelimit.Options{Rate: 1 << 30, Burst: 1 << 30}), Log: log,
	}, modelsapi.Routes(modelsapi.Options{Router: router, Log: log})...)
	return listen(ctx, told, token.Reveal(), handler)
}
