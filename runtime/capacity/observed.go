package capacity

import "time"

// Observed is what is known of a fleet at one moment. What could not be read
// keeps its zero value; what could not be read and must not be taken for zero
// makes the run fail before it decides.
type Observed struct {
	// At is the moment. Required.
	At time.Time
	// Workers in any order, each once.
	Workers []WorkerObserved
	// Groups of instances in any order, each once.
	Groups []GroupObserved
	// Memory is what the last decision handed on; its zero value is a first run.
	Memory Memory
}

// WorkerObserved is one worker: its queues, its jobs and its tasks.
type WorkerObserved struct {
	Name string
	// Waiting jobs, in all priorities, those with a delayed message included.
	Waiting int
	// Running jobs.
	Running int
	// Oldest is how long the job that waits longest has waited; 0 where unknown or none waits.
	Oldest time.Duration
	// Deadlines of jobs that have one, queued or running. Jobs without are not listed.
	Deadlines []Deadline
	// Duration of a job of this worker, learned from those that ended.
	Duration Estimate
	// ArrivalRate in jobs a second, learned; 0 where unknown.
	ArrivalRate float64
	// ColdStart from asking for an instance to the first job running, learned; 0 where unknown.
	ColdStart time.Duration
	// Spot and OnDemand are the tasks of the two services.
	Spot, OnDemand Tasks
}

// Tasks of one service, by state. Running includes Busy; tasks of an earlier
// deploy, which still drain, are not counted.
type Tasks struct {
	// Desired is the service's desired count.
	Desired int
	// Pending tasks have been placed or wait for an instance, and do not run yet.
	Pending int
	// Running tasks.
	Running int
	// Busy tasks run at least one job: they are protected from scale-in.
	Busy int
}

// Deadline is one job that must end in time.
type Deadline struct {
	// At is when the job must have ended.
	At time.Time
	// Remaining is how long it still has to run, by what was learned or by its checkpoint.
	Remaining time.Duration
	// Running jobs hold a slot; others wait.
	Running bool
	// OnDemand says that a running job does so on on-demand capacity.
	OnDemand bool
}

// Estimate of a duration, from its quantiles. Count 0 is no estimate.
type Estimate struct {
	Mean, P50, P95 time.Duration
	Count          int
}

// GroupObserved is one capacity group: a spot and an on-demand Auto Scaling group.
type GroupObserved struct {
	Name           string
	Spot, OnDemand Instances
	// Trouble of the last hour, oldest first: interruptions and failed launches.
	Trouble []Trouble
}

// Instances of one Auto Scaling group.
type Instances struct {
	// Desired capacity of the group.
	Desired int
	// InService instances, Impaired and Draining ones included.
	InService int
	// Pending instances have been launched and take no tasks yet.
	Pending int
	// Impaired instances have a sick GPU and take no tasks.
	Impaired int
	// Draining instances take no further tasks.
	Draining int
}

// TroubleKind is what went wrong with an instance.
type TroubleKind string

// Kinds of trouble.
const (
	// Interruption is a spot instance that EC2 took back.
	Interruption TroubleKind = "interruption"
	// LaunchFailure is an instance that could not be had.
	LaunchFailure TroubleKind = "launch_failure"
)

// Trouble with an instance, or with having one.
type Trouble struct {
	Kind TroubleKind
	At   time.Time
	// Spot or on-demand.
	Spot bool
	// Zone and Type where known, such as us-east-1a and g5.xlarge.
	Zone, Type string
	// Reason in EC2's words, such as InsufficientInstanceCapacity or VcpuLimitExceeded.
	Reason string
}
