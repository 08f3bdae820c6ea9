package settings

// AgentNamespace of the metrics that the GPU health agent writes into its log, one
// line a minute, and AgentDimension, which holds the cluster's name.
const (
	AgentNamespace = "Tandem/GPU"
	AgentDimension = "Cluster"
)

// The metrics of the GPU health agents, each a count that is to be summed over the
// instances of a cluster; alarms are raised on them.
const (
	// MetricImpairedInstances and MetricImpairedGPUs are sick.
	MetricImpairedInstances = "ImpairedInstances"
	MetricImpairedGPUs      = "ImpairedGPUs"
	// MetricBlindInstances are those whose agent cannot judge.
	MetricBlindInstances = "BlindInstances"
	// MetricSpotNotices are instances that EC2 takes back.
	MetricSpotNotices = "SpotNotices"
	// MetricXidErrors happened since the line before.
	MetricXidErrors = "XidErrors"
	// MetricWatchedInstances is one each: a fleet without any is not watched.
	MetricWatchedInstances = "WatchedInstances"
)

// AgentMetrics are all of them, in the order in which they are written.
func AgentMetrics() []string {
	return []string{
		MetricImpairedInstances, MetricImpairedGPUs, MetricBlindInstances, MetricSpotNotices, MetricXidErrors, MetricWatchedInstances,
	}
}
