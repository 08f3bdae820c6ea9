package stacks

import (
	"tandem/config"
	"tandem/runtime/settings"
)

// routes is the table by which programs find who answers for a model.
func (p *Props) routes(services *Services, models ...string) settings.Routes {
	table := settings.Routes{}
	for _, name := range models {
		model := p.Config.Models[name]
		entry := settings.ModelRoutes{Overflow: model.Overflow}
		for _, route := range model.Routes {
			entry.Routes = append(entry.Routes, p.route(route, services))
		}
		table[name] = entry
	}
	return table
}

func (p *Props) route(route config.Route, services *Services) settings.Route {
	if route.Service != "" {
		model := route.Model
		if model == "" {
			model = p.Config.Services[route.Service].Model
		}
		target := settings.Route{Name: route.Service, Type: "service", Model: model, BaseURL: services.Services[route.Service].URL()}
		if p.sleeps(route.Service) {
			target.ColdStart = int(p.Config.Services[route.Service].ColdStart.Seconds())
		}
		return target
	}
	provider := p.Config.Providers[route.Provider]
	region := provider.Region
	if region == "" && provider.Type == config.ProviderBedrock {
		region = p.Config.AWS.Region
	}
	return settings.Route{
		Name: route.Provider, Type: string(provider.Type), Model: route.Model, BaseURL: provider.BaseURL,
		Secret: provider.Secret, Region: region, Concurrency: provider.Concurrency,
	}
}

// providerSecrets are the secrets that a table of routes needs, each once.
func providerSecrets(table settings.Routes) []string {
	seen := map[string]bool{}
	for _, model := range table {
		for _, route := range model.Routes {
			if route.Secret != "" {
				seen[route.Secret] = true
			}
		}
	}
	return sorted(seen)
}
