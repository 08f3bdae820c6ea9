package settings

import (
	"encoding/json"
	"fmt"
	"time"
)

// Capacity is what the capacity controller reads.
type Capacity struct {
	State
	Log
	Release
	// Cluster is the name of the ECS cluster.
	Cluster string `env:"TANDEM_CLUSTER,required,notEmpty"`
	// Queues of the workers.
	Queues Queues `env:"TANDEM_QUEUES,required"`
	// Fleet is what may be scaled, and within which bounds.
	Fleet Fleet `env:"TANDEM_FLEET,required"`
}

// Fleet is the workers' services and the groups under them. It travels as JSON.
type Fleet struct {
	// Workers by name.
	Workers map[string]FleetWorker `json:"workers"`
	// Groups by name.
	Groups map[string]FleetGroup `json:"groups"`
	// MaximumGPUs of the environment; 0 is no limit.
	MaximumGPUs int `json:"maximumGpus,omitempty"`
}

// FleetWorker is one worker's services and bounds.
type FleetWorker struct {
	// Spot is the name of the service on spot capacity; empty where there is none.
	Spot string `json:"spot,omitempty"`
	// OnDemand is the name of the service on on-demand capacity; empty where there is none.
	OnDemand string `json:"onDemand,omitempty"`
	// Group that the services run on; empty on Fargate.
	Group string `json:"group,omitempty"`
	// GPUs that one task reserves.
	GPUs int `json:"gpus"`
	// Slots is how many jobs one task runs at once.
	Slots int `json:"slots"`
	// Minimum and Maximum tasks.
	Minimum int `json:"min,omitempty"`
	Maximum int `json:"max"`
	// OnDemandBase tasks run on-demand always.
	OnDemandBase int `json:"base,omitempty"`
	// TargetBacklog is how many waiting jobs one slot should have.
	TargetBacklog float64 `json:"backlog"`
	// TargetWait in seconds; 0 lets TargetBacklog decide.
	TargetWait float64 `json:"wait,omitempty"`
	// FallbackAfter in seconds.
	FallbackAfter float64 `json:"fallback"`
	// IdleFor in seconds.
	IdleFor float64 `json:"idle"`
	// DeployDrain in seconds.
	DeployDrain float64 `json:"drain,omitempty"`
	// Schedule raises the minimum in windows of time.
	Schedule []FleetWindow `json:"schedule,omitempty"`
}

// FleetWindow is a span of the week in which a minimum holds.
type FleetWindow struct {
	Days     []string `json:"days,omitempty"`
	From     string   `json:"from"`
	To       string   `json:"to"`
	TimeZone string   `json:"tz,omitempty"`
	Minimum  int      `json:"min"`
}

// FleetGroup is one capacity group's two Auto Scaling groups.
type FleetGroup struct {
	// Spot is the name of the spot Auto Scaling group; empty where there is none.
	Spot string `json:"spot,omitempty"`
	// OnDemand is the name of the on-demand Auto Scaling group; empty where there is none.
	OnDemand string `json:"onDemand,omitempty"`
	// GPUs of one instance.
	GPUs int `json:"gpus"`
	// SpotMaximum and OnDemandMaximum instances.
	SpotMaximum     int `json:"spotMax,omitempty"`
	OnDemandMaximum int `json:"onDemandMax,omitempty"`
}

// MarshalText renders the fleet as JSON.
func (f Fleet) MarshalText() ([]byte, error) {
	type plain Fleet
	return json.Marshal(plain(f))
}

// UnmarshalText reads what MarshalText wrote.
func (f *Fleet) UnmarshalText(raw []byte) error {
	type plain Fleet
	if err := json.Unmarshal(raw, (*plain)(f)); err != nil {
		return fmt.Errorf("reading the fleet: %w", err)
	}
	return nil
}

// EmptyGroups is what the custom resource that empties Auto Scaling groups before their deletion reads.
type EmptyGroups struct {
	Log
	// Limit is how long tasks may take to drain.
	Limit time.Duration `env:"TANDEM_EMPTY_LIMIT" envDefault:"10m"`
}
