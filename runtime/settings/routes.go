package settings

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// Routes maps the name that a client asks for to the places that can answer,
// in the order in which they are tried. Routes of one name and type lead to one
// place and differ in the model alone. It travels as JSON.
type Routes map[string]ModelRoutes

// ModelRoutes is one model.
type ModelRoutes struct {
	// Routes in order.
	Routes []Route `json:"routes"`
	// Overflow is the worker that takes over what cannot finish in time, or empty.
	Overflow string `json:"overflow,omitempty"`
}

// Route is one place that can answer.
type Route struct {
	// Name of the provider or service in the configuration.
	Name string `json:"name"`
	// Type is openai, anthropic, bedrock or service.
	Type string `json:"type"`
	// Model is the name that the place itself uses.
	Model string `json:"model,omitempty"`
	// BaseURL of the API; empty is the provider's own.
	BaseURL string `json:"baseUrl,omitempty"`
	// Secret is the name of the Secrets Manager secret that holds the key; empty where IAM decides.
	Secret string `json:"secret,omitempty"`
	// Region of bedrock.
	Region string `json:"region,omitempty"`
	// ColdStart is how many seconds a service that sleeps takes until it answers; 0
	// where it never sleeps, or is none.
	ColdStart int `json:"coldStart,omitempty"`
	// Concurrency is how many requests may be under way at once; 0 is no limit.
	Concurrency int `json:"concurrency,omitempty"`
}

// compactRoutes is how routes travel: each place once, because a Lambda function
// takes 4 KB of environment variables in all.
type compactRoutes struct {
	Places []Route                 `json:"places"`
	Models map[string]compactModel `json:"models"`
}

type compactModel struct {
	// Routes name a place by its number and the model there.
	Routes   []compactRoute `json:"routes"`
	Overflow string         `json:"overflow,omitempty"`
}

type compactRoute struct {
	Place int    `json:"at"`
	Model string `json:"as,omitempty"`
}

// MarshalText renders the routes as JSON, each place once.
func (r Routes) MarshalText() ([]byte, error) {
	compact := compactRoutes{Places: []Route{}, Models: map[string]compactModel{}}
	for _, name := range slices.Sorted(maps.Keys(r)) {
		model := compactModel{Routes: []compactRoute{}, Overflow: r[name].Overflow}
		for _, route := range r[name].Routes {
			at := slices.IndexFunc(compact.Places, func(place Route) bool { return place.Name == route.Name && place.Type == route.Type })
			if at < 0 {
				place := route
				place.Model = ""
				at, compact.Places = len(compact.Places), append(compact.Places, place)
			}
			model.Routes = append(model.Routes, compactRoute{Place: at, Model: route.Model})
		}
		compact.Models[name] = model
	}
	return json.Marshal(compact)
}

// UnmarshalText reads what MarshalText wrote.
func (r *Routes) UnmarshalText(raw []byte) error {
	var compact compactRoutes
	if err := json.Unmarshal(raw, &compact); err != nil {
		return fmt.Errorf("reading the routes of the models: %w", err)
	}
	*r = Routes{}
	for name, model := range compact.Models {
		entry := ModelRoutes{Overflow: model.Overflow}
		for _, route := range model.Routes {
			if route.Place < 0 || route.Place >= len(compact.Places) {
				return fmt.Errorf("reading the routes of the models: %s names place %d of %d", name, route.Place, len(compact.Places))
			}
			place := compact.Places[route.Place]
			place.Model = route.Model
			entry.Routes = append(entry.Routes, place)
		}
		(*r)[name] = entry
	}
	return nil
}
