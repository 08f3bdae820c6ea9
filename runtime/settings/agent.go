package settings

// Agent is what the GPU health agent reads.
type Agent struct {
	Log
	// Mode is observe or protect.
	Mode string `env:"TANDEM_AGENT_MODE" envDefault:"observe"`
	// Cluster is the name of the ECS cluster; empty outside ECS.
	Cluster string `env:"TANDEM_CLUSTER"`
	// Table is the name of the state table, for the semaphore; empty counts instead.
	Table string `env:"TANDEM_STATE_TABLE"`
	// NodeStatusFile is what workers on the host read.
	NodeStatusFile string `env:"TANDEM_NODE_STATUS_FILE" envDefault:"/var/lib/tandem/node-status.json"`
	// Address of /metrics, /healthz and /v1/health.
	Address string `env:"TANDEM_AGENT_ADDRESS" envDefault:":9400"`
	// XIDs overrides the policy of single codes, as JSON: {"63":"ignore"}.
	XIDs string `env:"TANDEM_AGENT_XIDS"`
}
