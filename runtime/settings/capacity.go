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
	// FleetFile beside the program holds what may be scaled, and within which
	// bounds, as JSON: with a dozen workers that is more than the 4 KB that
	// environment variables may have in all.
	FleetFile string `env:"TANDEM_FLEET_FILE" envDefault:"fleet.json"`
	// FleetNames are the names in it, which are known only once it is deployed.
	FleetNames FleetNames `env:"TANDEM_FLEET_NAMES,required"`
}

// FleetNames are the spot and the on-demand service of each worker, and the
// spot and the on-demand Auto Scaling group of each group; a name is empty
// where there is none. It travels as JSON.
type FleetNames struct {
	Workers map[string][2]string `json:"w"`
	Groups  map[string][2]string `json:"g"`
}

// Split parts a fleet into its names and the file with everything else.
func (f Fleet) Split() (names FleetNames, file []byte) {
	names = FleetNames{Workers: map[string][2]string{}, Groups: map[string][2]string{}}
	bounds := Fleet{Workers: map[string]FleetWorker{}, Groups: map[string]FleetGroup{}, MaximumGPUs: f.MaximumGPUs}
	for name, worker := range f.Workers {
		names.Workers[name] = [2]string{worker.Spot, worker.OnDemand}
		worker.Spot, worker.OnDemand = "", ""
		bounds.Workers[name] = worker
	}
	for name, group := range f.Groups {
		names.Groups[name] = [2]string{group.Spot, group.OnDemand}
		group.Spot, group.OnDemand = "", ""
		bounds.Groups[name] = group
	}
	// A struct of strings, numbers and maps is always written.
	file, _ = json.Marshal(bounds)
	return names, file
}

// Join puts a fleet together again from its file and its names.
func (n FleetNames) Join(file []byte) (Fleet, error) {
	var fleet Fleet
	if err := json.Unmarshal(file, &fleet); err != nil {
		return fleet, fmt.Errorf("reading the fleet: %w", err)
	}
	for name, worker := range fleet.Workers {
		worker.Spot, worker.OnDemand = n.Workers[name][0], n.Workers[name][1]
		fleet.Workers[name] = worker
	}
	for name, group := range fleet.Groups {
		group.Spot, group.OnDemand = n.Groups[name][0], n.Groups[name][1]
		fleet.Groups[name] = group
	}
	return fleet, nil
}

// MarshalText renders the names as JSON.
func (n FleetNames) MarshalText() ([]byte, error) {
	type plain FleetNames
	return json.Marshal(plain(n))
}

// UnmarshalText reads what MarshalText wrote.
func (n *FleetNames) UnmarshalText(raw []byte) error {
	type plain FleetNames
	if err := json.Unmarshal(raw, (*plain)(n)); err != nil {
		return fmt.Errorf("reading the names of the fleet: %w", err)
	}
	return nil
}

// Fleet is the workers' services and the groups under them.
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
	// SpotShare is the price of spot as a share of that of on-demand; 0 where it is not known.
	SpotShare float64 `json:"spotShare,omitempty"`
}

// EmptyGroups is what the custom resource that empties Auto Scaling groups before their deletion reads.
type EmptyGroups struct {
	Log
	// Limit is how long tasks may take to drain.
	Limit time.Duration `env:"TANDEM_EMPTY_LIMIT" envDefault:"10m"`
}
