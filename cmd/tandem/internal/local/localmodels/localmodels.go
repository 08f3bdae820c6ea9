// Package localmodels finds who answers for models in local mode: a provider outside
// where its key is at hand, else one that is built in and makes its answers up.
package localmodels

import (
	"context"
	"fmt"
	"slices"

	"tandem/config"
	"tandem/prices"
	"tandem/runtime/models"
	"tandem/runtime/models/anthropic"
	"tandem/runtime/models/fake"
	"tandem/runtime/models/openai"
	"tandem/runtime/models/tokenprices"
	"tandem/runtime/models/upstream"
	"tandem/runtime/settings"
)

// Keys of providers; empty where there is none.
type Keys struct {
	OpenAI, Anthropic string
	// OpenAIURL is the base URL of an API that speaks like OpenAI's. Defaults to OpenAI's own.
	OpenAIURL string
}

// Router makes the router.
func Router(routes settings.Routes, keys Keys) (*models.Router, error) {
	table, err := prices.LoadTokens()
	if err != nil {
		return nil, fmt.Errorf("reading the prices of tokens: %w", err)
	}
	client := upstream.NewClient()
	return models.New(models.Options{
		Routes: keys.apply(routes), Keys: keys, Prices: tokenprices.Prices{Table: table},
		Connect: map[string]models.Connect{
			"openai": openai.Connect(client), "anthropic": anthropic.Connect(client), typeFake: fake.Connect(fake.Options{}),
		},
	})
}

const typeFake = "fake"

// Get implements models.Keys: a secret is called as its type of provider.
func (k Keys) Get(_ context.Context, name string) (string, error) {
	switch name {
	case "openai":
		return k.OpenAI, nil
	default:
		return k.Anthropic, nil
	}
}

// Refresh implements models.Keys: there is no other key.
func (k Keys) Refresh(_ context.Context, _, stale string) (string, error) { return stale, nil }

// apply leaves of each model's routes those that can answer from here, or makes
// one of those that are made up. An answer is never made up where a real one failed.
func (k Keys) apply(routes settings.Routes) settings.Routes {
	applied := settings.Routes{}
	for name, model := range routes {
		var real []settings.Route
		for _, route := range model.Routes {
			if usable, ok := k.usable(route); ok {
				real = append(real, usable)
			}
		}
		if len(real) == 0 {
			real = []settings.Route{{Name: typeFake, Type: typeFake, Model: name}}
		}
		model.Routes = real
		applied[name] = model
	}
	return applied
}

func (k Keys) usable(route settings.Route) (settings.Route, bool) {
	// A key is sent to nobody but those that it was made for.
	switch {
	case route.Type == "openai" && route.BaseURL == "" && k.OpenAI != "":
		route.BaseURL = k.OpenAIURL
	case route.Type == "anthropic" && route.BaseURL == "" && k.Anthropic != "":
	default:
		return route, false
	}
	route.Secret = route.Type
	return route, true
}

// Default are the models where no environment names any.
func Default(overflow string) settings.Routes {
	chat := []settings.Route{
		{Name: "openai", Type: "openai", Model: "gpt-5-mini"},
		{Name: "anthropic", Type: "anthropic", Model: "claude-sonnet-4-5"},
	}
	return settings.Routes{
		"assistant": {Routes: chat},
		"analyst":   {Routes: slices.Clone(chat), Overflow: overflow},
		"embedder":  {Routes: []settings.Route{{Name: "openai", Type: "openai", Model: "text-embedding-3-small"}}},
	}
}

// Of are the models of a configuration. Own services run nowhere near here.
func Of(c *config.Config) settings.Routes {
	routes := settings.Routes{}
	for name, model := range c.Models {
		entry := settings.ModelRoutes{Overflow: model.Overflow}
		for _, route := range model.Routes {
			if route.Service != "" {
				entry.Routes = append(entry.Routes, settings.Route{Name: route.Service, Type: "service", Model: route.Model})
				continue
			}
			provider := c.Providers[route.Provider]
			entry.Routes = append(entry.Routes, settings.Route{
				Name: route.Provider, Type: string(provider.Type), Model: route.Model, BaseURL: provider.BaseURL, Concurrency: provider.Concurrency,
			})
		}
		routes[name] = entry
	}
	return routes
}
