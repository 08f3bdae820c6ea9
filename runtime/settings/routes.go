package settings

import (
	"encoding/json"
	"fmt"
)

// Routes maps the name that a client asks for to the places that can answer,
// in the order in which they are tried. It travels as JSON.
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
	Model string `json:"model"`
	// BaseURL of the API; empty is the provider's own.
	BaseURL string `json:"baseUrl,omitempty"`
	// Secret is the name of the Secrets Manager secret that holds the key; empty where IAM decides.
	Secret string `json:"secret,omitempty"`
	// Region of bedrock.
	Region string `json:"region,omitempty"`
	// Concurrency is how many requests may be under way at once; 0 is no limit.
	Concurrency int `json:"concurrency,omitempty"`
}

// MarshalText renders the routes as JSON.
func (r Routes) MarshalText() ([]byte, error) {
	type plain Routes
	return json.Marshal(plain(r))
}

// UnmarshalText reads what MarshalText wrote.
func (r *Routes) UnmarshalText(raw []byte) error {
	type plain Routes
	if err := json.Unmarshal(raw, (*plain)(r)); err != nil {
		return fmt.Errorf("reading the routes of the models: %w", err)
	}
	return nil
}
