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
	// XIDs overrides the policy of single codes, as JSON: {"63": "ignore"}, with
	// ignore, observe or replace, or {"109": {"action": "RESET_GPU", "count": 3, "window": "10m"}}.
	XIDs string `env:"TANDEM_AGENT_XIDS"`
	// Metadata is the endpoint of the EC2 instance metadata, Introspection that of
	// the ECS agent, KernelLog the path of the kernel log. They are set for
	// rehearsals; empty ones are the host's own. A kernel log of one's own is
	// believed whoever writes to it.
	Metadata      string `env:"TANDEM_AGENT_METADATA"`
	Introspection string `env:"TANDEM_AGENT_INTROSPECTION"`
	KernelLog     string `env:"TANDEM_AGENT_KERNEL_LOG"`
}

// What the health agents keep in the state table; "agent#" begins their
// partition keys.
const (
	// AgentBreaker is the sort key of the item that holds the places of the
	// breaker: who drains which instance.
	AgentBreaker = "breaker"
	// AgentCapacity is the sort key of the item by which the capacity controller
	// tells agents that a recommendation to move away may be followed: the boolean
	// AgentSpare, true while what one instance runs could run elsewhere, and the
	// number AgentSpareUntil, milliseconds since 1970 after which it is void. No
	// item is no.
	AgentCapacity   = "capacity"
	AgentSpare      = "spare"
	AgentSpareUntil = "spareUntil"
)

// AgentPartition is the partition key of a cluster's agents.
func AgentPartition(cluster string) string { return "agent#" + cluster }
