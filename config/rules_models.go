package config

import "fmt"

func modelRules() []rule {
	return []rule{
		{"route-one-target", "A route names a provider or a service, and not both.", checkRouteTargets},
		{"route-target-exists", "A route's provider or service is configured.", checkRouteReferences},
		{"route-model-named", "A route to a provider says what the model is called there.", checkRouteModels},
		{"routes-differ", "A model's routes differ: trying the same place again is no fallback.", checkRoutesDiffer},
		{"model-overflow-exists", "The worker that takes a model's overflow is configured.", checkModelOverflow},
	}
}

func (j *judge) eachRoute(do func(p path, r Route)) {
	for _, name := range sortedKeys(j.Models) {
		for i, route := range j.Models[name].Routes {
			do(at("models", name, "routes").index(i), route)
		}
	}
}

func checkRouteTargets(j *judge) {
	j.eachRoute(func(p path, r Route) {
		switch {
		case r.Provider != "" && r.Service != "":
			j.report(p.key("service"), "a route leads to a provider or to a service, not to both", "make two routes of it", p.key("provider"))
		case r.Provider == "" && r.Service == "":
			j.report(p, "the route leads nowhere", "name a provider or a service", p.key("provider"), p.key("service"))
		}
	})
}

func checkRouteReferences(j *judge) {
	j.eachRoute(func(p path, r Route) {
		if _, ok := j.Providers[r.Provider]; r.Provider != "" && !ok {
			if _, isService := j.Services[r.Provider]; isService {
				j.reportKey(p.key("provider"), fmt.Sprintf("%s is a service, not a provider", quote(r.Provider)), "write service: "+r.Provider)
			} else {
				j.unknown(p.key("provider"), "provider", r.Provider, at("providers"), sortedKeys(j.Providers))
			}
		}
		if _, ok := j.Services[r.Service]; r.Service != "" && !ok {
			if _, isProvider := j.Providers[r.Service]; isProvider {
				j.reportKey(p.key("service"), fmt.Sprintf("%s is a provider, not a service", quote(r.Service)), "write provider: "+r.Service)
			} else {
				j.unknown(p.key("service"), "service", r.Service, at("services"), sortedKeys(j.Services))
			}
		}
	})
}

func checkRouteModels(j *judge) {
	j.eachRoute(func(p path, r Route) {
		if r.Provider != "" && r.Service == "" && r.Model == "" {
			j.report(p, fmt.Sprintf("the route to %s does not say what the model is called there", r.Provider), "add model: <its name at the provider>", p.key("model"))
		}
	})
}

func checkRoutesDiffer(j *judge) {
	for _, name := range sortedKeys(j.Models) {
		seen := map[Route]bool{}
		for i, route := range j.Models[name].Routes {
			if seen[route] {
				j.report(at("models", name, "routes").index(i), fmt.Sprintf("model %s has this route already", name), "remove one of them")
			}
			seen[route] = true
		}
	}
}

func checkModelOverflow(j *judge) {
	for _, name := range sortedKeys(j.Models) {
		worker := j.Models[name].Overflow
		if _, ok := j.Workers[worker]; worker != "" && !ok {
			j.unknown(at("models", name, "overflow"), "worker", worker, at("workers"), sortedKeys(j.Workers))
		}
	}
}
