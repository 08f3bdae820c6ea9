package settings

import "time"

// Worker is what the program beside a model container reads.
type Worker struct {
	State
	Log
	Release
	Host
	// Name of the worker in the configuration.
	Name string `env:"TANDEM_WORKER_NAME,required,notEmpty"`
	// Queues of this worker alone; Queues.Workers has one entry.
	Queues Queues `env:"TANDEM_QUEUES,required"`
	// Priorities, highest first, separated by commas.
	Priorities string `env:"TANDEM_WORKER_PRIORITIES" envDefault:"high,normal,low"`
	// WebhookQueueURL takes deliveries when a job with a webhook ends.
	WebhookQueueURL string `env:"TANDEM_WEBHOOK_QUEUE_URL"`
	// Mode is server or exec.
	Mode string `env:"TANDEM_WORKER_MODE" envDefault:"server"`
	// Endpoint of the model container, in server mode.
	Endpoint string `env:"TANDEM_WORKER_ENDPOINT" envDefault:"http://127.0.0.1:8080"`
	// Command as a JSON array, in exec mode.
	Command string `env:"TANDEM_WORKER_COMMAND"`
	// Concurrency is how many jobs run at once.
	Concurrency int `env:"TANDEM_WORKER_CONCURRENCY" envDefault:"1"`
	// PollWait is how long one receive waits for a message, at most 20s. A worker
	// that drains waits for the receives that are under way.
	PollWait time.Duration `env:"TANDEM_WORKER_POLL_WAIT" envDefault:"20s"`
	// Timeout ends an attempt.
	Timeout time.Duration `env:"TANDEM_WORKER_TIMEOUT,required"`
	// StopTimeout is the time for a last checkpoint after SIGTERM.
	StopTimeout time.Duration `env:"TANDEM_WORKER_STOP_TIMEOUT" envDefault:"85s"`
	// MaxAttempts counts failures.
	MaxAttempts int `env:"TANDEM_WORKER_MAX_ATTEMPTS" envDefault:"3"`
	// MaxInterruptions guards against crash loops.
	MaxInterruptions int `env:"TANDEM_WORKER_MAX_INTERRUPTIONS" envDefault:"100"`
	// DeployDrain is how long a task of an old revision may finish its jobs.
	DeployDrain time.Duration `env:"TANDEM_WORKER_DEPLOY_DRAIN" envDefault:"1h"`
	// KeepJobs is how long a finished job stays readable.
	KeepJobs time.Duration `env:"TANDEM_KEEP_JOBS" envDefault:"720h"`
	// LocalAddress is where the local API listens.
	LocalAddress string `env:"TANDEM_WORKER_LOCAL_ADDRESS" envDefault:"127.0.0.1:9410"`
	// MetricsAddress is where /metrics and /healthz listen; empty turns them off.
	MetricsAddress string `env:"TANDEM_WORKER_METRICS_ADDRESS" envDefault:":9411"`
	// NodeStatusFile is written by the health agent of the host; empty where there is none.
	NodeStatusFile string `env:"TANDEM_NODE_STATUS_FILE"`
	// TaskProtection takes ECS scale-in protection while busy.
	TaskProtection bool `env:"TANDEM_TASK_PROTECTION"`
}

// Host is what ECS itself tells a container; no construct sets it.
type Host struct {
	// AgentURI is where the ECS agent takes task protection; empty outside ECS.
	AgentURI string `env:"ECS_AGENT_URI"`
	// MetadataURI is where the ECS agent describes the task; empty outside ECS.
	MetadataURI string `env:"ECS_CONTAINER_METADATA_URI_V4"`
	// VisibleDevices are the UUIDs of the container's GPUs, separated by commas;
	// empty in a container without a GPU of its own.
	VisibleDevices string `env:"NVIDIA_VISIBLE_DEVICES"`
}

// Job is what the worker tells a command, in exec mode.
type Job struct {
	// ID of the job.
	ID string `env:"TANDEM_JOB_ID"`
	// Attempt is the fence: it grows each time that the job is started.
	Attempt int64 `env:"TANDEM_ATTEMPT"`
	// Tenant on whose behalf the job runs.
	Tenant string `env:"TANDEM_TENANT"`
	// API is the base URL of the local API.
	API string `env:"TANDEM_API"`
	// Deadline is when the attempt will be cut, by RFC 3339.
	Deadline string `env:"TANDEM_DEADLINE"`
	// ContentType of the input.
	ContentType string `env:"TANDEM_CONTENT_TYPE"`
	// Dir is a folder of the job's own, removed afterwards.
	Dir string `env:"TANDEM_JOB_DIR"`
}

// Fetch is what 'worker fetch' reads: weights from S3 into a cache on the host.
type Fetch struct {
	Log
	// URI is an S3 prefix.
	URI string `env:"TANDEM_WEIGHTS_URI,required,notEmpty"`
	// Path of the cache.
	Path string `env:"TANDEM_WEIGHTS_PATH,required,notEmpty"`
	// Connections that download at once. S3 gives one connection about 85 to 90 MB/s
	// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance-design-patterns.html, 2026-11-24).
	Connections int `env:"TANDEM_WEIGHTS_CONNECTIONS" envDefault:"32"`
}

// WarmPort is where 'worker warm' answers health checks.
const WarmPort = 9412

// Warm is what 'worker warm' reads: a model server that gets one request before
// its users'.
type Warm struct {
	Log
	// Endpoint of the model server.
	Endpoint string `env:"TANDEM_WARM_ENDPOINT,required,notEmpty"`
	// HealthPath of the model server answers 200 once the model is loaded.
	HealthPath string `env:"TANDEM_WARM_HEALTH_PATH,required,notEmpty"`
	// Path takes the warm-up request.
	Path string `env:"TANDEM_WARM_PATH,required,notEmpty"`
	// Body of the request, JSON.
	Body string `env:"TANDEM_WARM_BODY,required,notEmpty"`
	// Timeout of one request.
	Timeout time.Duration `env:"TANDEM_WARM_TIMEOUT" envDefault:"2m"`
	// Address is where health checks are answered, on any path: [WarmPort] by default.
	Address string `env:"TANDEM_WARM_ADDRESS" envDefault:":9412"`
}
