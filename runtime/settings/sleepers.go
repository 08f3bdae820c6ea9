package settings

import (
	"encoding/json"
	"fmt"
)

// Wake is what the function reads that wakes own services.
type Wake struct {
	Log
	// Sleepers are the services that it may wake.
	Sleepers Sleepers `env:"TANDEM_SLEEPERS,required"`
}

// Sleepers are the own services that sleep when nobody asks, by their names in
// the configuration. It travels as JSON.
type Sleepers map[string]Sleeper

// Sleeper is how one service is woken.
type Sleeper struct {
	// Cluster and Service are their names in ECS.
	Cluster string `json:"cluster"`
	Service string `json:"service"`
	// Group is the Auto Scaling group that the first task runs on; empty leaves it
	// to ECS to bring an instance.
	Group string `json:"group,omitempty"`
}

// MarshalText renders the services as JSON.
func (s Sleepers) MarshalText() ([]byte, error) {
	type plain Sleepers
	return json.Marshal(plain(s))
}

// UnmarshalText reads what MarshalText wrote.
func (s *Sleepers) UnmarshalText(raw []byte) error {
	type plain Sleepers
	if err := json.Unmarshal(raw, (*plain)(s)); err != nil {
		return fmt.Errorf("reading the services that sleep: %w", err)
	}
	return nil
}
