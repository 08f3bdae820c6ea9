package advise

// Spans in seconds; a month is 730 hours, as AWS's calculators count.
const (
	day   = 24 * 3600.0
	month = 730 * 3600.0
)

// Assumptions, where neither the workload nor AWS says anything. Each is told
// in the advice that rests on it.
const (
	// instanceStart until a GPU instance has booted and pulled its image.
	instanceStart = 180.0
	// fargateStart until a task runs.
	fargateStart = 60.0
	// sagemakerStart until an endpoint that was scaled to zero answers.
	sagemakerStart = 360.0
	// functionStart is Lambda's cold start without a model.
	functionStart = 1.0
	// idleFor is how long an instance is billed past its last job: the default of
	// workers.*.scale.idleFor, two minutes, and what it takes until it is gone.
	idleFor = 300.0
	// weightsRate is how fast weights come from S3 to a container, in MiB/s.
	weightsRate = 300.0
	// servedLoad is how full a service that is always on is kept.
	servedLoad = 0.7
	// simpler is what a simpler way may cost more: so much a month, or a fifth.
	simplerUSD   = 25.0
	simplerShare = 0.2
	// tolerated is the share of tasks that may hit a limit before it counts.
	tolerated = 0.001
)

// Limits that config has no constant for.
const (
	// sagemakerTimeout of an asynchronous invocation
	// (https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference.html, 2026-11-24).
	sagemakerTimeout = 3600.0
	// managedInstances is the fewest that Lambda keeps for a function on managed instances.
	managedInstances = 3
	// lambdaVCPU is how many MB of memory bring one vCPU
	// (https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html, 2026-11-24).
	lambdaVCPU = 1769.0
)
