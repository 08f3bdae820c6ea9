package settings

// CapacityNamespace of the metrics that the capacity controller writes into its
// log. They have two dimensions, Application and Environment, and none by
// worker: each is billed by its name and dimensions (0.30 USD a month,
// https://aws.amazon.com/cloudwatch/pricing, 2026-11-24), and the log tells
// workers apart. One that is zero is not written.
const CapacityNamespace = "Tandem/Capacity"

// The metrics of the capacity controller.
const (
	// MetricFallbackSeconds is how long on-demand has stood in for spot, the longest of all workers.
	MetricFallbackSeconds = "FallbackSeconds"
	// MetricLateSeconds is by how much the longest waiting job is above its worker's target wait.
	MetricLateSeconds = "LateSeconds"
	// MetricLimitedWorkers are workers that a maximum keeps from what they want.
	MetricLimitedWorkers = "LimitedWorkers"
	// MetricLaunchFailures are instances that could not be had, for want of capacity or quota.
	MetricLaunchFailures = "LaunchFailures"
	// MetricInterruptions are spot instances that EC2 takes back.
	MetricInterruptions = "Interruptions"
	// MetricWakeSeconds from a job that met an idle fleet to the services' new count.
	MetricWakeSeconds = "WakeSeconds"
	// MetricInstanceSeconds a task that has started had waited for its instance.
	MetricInstanceSeconds = "InstanceSeconds"
	// MetricPullSeconds it pulled images.
	MetricPullSeconds = "PullSeconds"
	// MetricStartSeconds from there until it ran: weights, and the model's own start.
	MetricStartSeconds = "StartSeconds"
)
