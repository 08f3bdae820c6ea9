package config

// Config is one environment, merged and checked. Every tier is optional:
// a tier that is not configured leaves no stack.
type Config struct {
	// Name of the application, part of every stack's name. Lower-case letters, digits and hyphens, 2 to 24 characters.
	Name string `yaml:"name" jsonschema:"required,pattern=^[a-z][a-z0-9-]{1\\,23}$"`
	// AWS says where this environment is deployed.
	AWS AWS `yaml:"aws" jsonschema:"required"`
	// Network is the VPC that the GPU tiers live in.
	Network Network `yaml:"network,omitempty"`
	// API is the door that clients see.
	API API `yaml:"api,omitempty"`
	// Providers are external LLM APIs (tier 1), by a name that models refer to.
	Providers map[string]Provider `yaml:"providers,omitempty"`
	// Models are the names that clients ask for, each with an ordered list of routes.
	Models map[string]Model `yaml:"models,omitempty"`
	// Workers run jobs (tier 2): minutes to days of work, started by a queue.
	Workers map[string]Worker `yaml:"workers,omitempty"`
	// Services are own models that are served all day (tier 3).
	Services map[string]Service `yaml:"services,omitempty"`
	// Documents are S3 prefixes whose uploads are analysed (the event tier).
	Documents map[string]Document `yaml:"documents,omitempty"`
	// Capacity are the groups of GPU instances that workers and services share.
	Capacity Capacity `yaml:"capacity,omitempty"`
	// State is what must outlive a redeploy: tables, buckets, keys.
	State State `yaml:"state,omitempty"`
	// Agent is the GPU health agent, one container a GPU instance.
	Agent Agent `yaml:"agent,omitempty"`
	// Observability sets logs, dashboards and alarms.
	Observability Observability `yaml:"observability,omitempty"`
	// Budget is the monthly limit that alerts are sent for.
	Budget Budget `yaml:"budget,omitempty"`
	// Tags are put on every resource beside name, environment and tier.
	Tags map[string]string `yaml:"tags,omitempty"`
}

// AWS is the account, region and zones of one environment.
type AWS struct {
	// Account id, 12 digits. Default: - whichever account the credentials at deploy time belong to.
	Account string `yaml:"account,omitempty" jsonschema:"pattern=^[0-9]{12}$"`
	// Region, such as us-east-1.
	Region string `yaml:"region" jsonschema:"required,pattern=^[a-z]{2}(-[a-z]+)+-[0-9]$"`
	// Zones are the availability zones to use, named because synth never looks anything up. 1 to 6.
	Zones []string `yaml:"zones" jsonschema:"required,minItems=1,maxItems=6,uniqueItems=true,pattern=^[a-z]{2}(-[a-z]+)+-[0-9][a-z]$"`
	// Quotas are this account's granted service quotas; the checks at synth use them. Default: - AWS's own defaults.
	Quotas Quotas `yaml:"quotas,omitempty"`
}

// Quotas are account quotas that differ from AWS's defaults.
type Quotas struct {
	// GVCPUs is 'Running On-Demand G and VT instances' and its spot twin, in vCPUs. Default: - not checked.
	GVCPUs int `yaml:"gVcpus,omitempty" jsonschema:"minimum=0"`
	// PVCPUs is 'Running On-Demand P instances' and its spot twin, in vCPUs. Default: - not checked.
	PVCPUs int `yaml:"pVcpus,omitempty" jsonschema:"minimum=0"`
	// LambdaConcurrency is the account's concurrent executions. Default: 1000.
	LambdaConcurrency int `yaml:"lambdaConcurrency,omitempty" jsonschema:"minimum=10,default=1000"`
}

// Network is a new VPC, or an existing one where VPCID is set.
type Network struct {
	// CIDR of the new VPC. Default: 10.40.0.0/16.
	CIDR string `yaml:"cidr,omitempty" jsonschema:"pattern=^[0-9.]+/[0-9]+$,default=10.40.0.0/16"`
	// Egress is how private subnets reach AWS and the internet. Default: nat-gateway.
	Egress Egress `yaml:"egress,omitempty" jsonschema:"enum=nat-gateway,enum=nat-instance,enum=endpoints,default=nat-gateway"`
	// NATGateways, one a zone at most. Default: 1.
	NATGateways int `yaml:"natGateways,omitempty" jsonschema:"minimum=1,maximum=6,default=1"`
	// FlowLogs records rejected traffic in CloudWatch Logs. Default: true.
	FlowLogs *bool `yaml:"flowLogs,omitempty" jsonschema:"default=true"`
	// VPCID of an existing VPC to use; its subnets are listed beside it.
	VPCID string `yaml:"vpcId,omitempty" jsonschema:"pattern=^vpc-[0-9a-f]+$"`
	// PrivateSubnetIDs of the existing VPC, one for each of aws.zones, in that order.
	PrivateSubnetIDs []string `yaml:"privateSubnetIds,omitempty" jsonschema:"uniqueItems=true,pattern=^subnet-[0-9a-f]+$"`
	// PublicSubnetIDs of the existing VPC, one for each of aws.zones, in that order. Default: - none.
	PublicSubnetIDs []string `yaml:"publicSubnetIds,omitempty" jsonschema:"uniqueItems=true,pattern=^subnet-[0-9a-f]+$"`
}

// Egress is how private subnets reach what is outside the VPC.
type Egress string

// The egress choices, dearest first when idle.
const (
	EgressNATGateway  Egress = "nat-gateway"
	EgressNATInstance Egress = "nat-instance"
	EgressEndpoints   Egress = "endpoints"
)

// API is the HTTP API in front of all tiers.
type API struct {
	// Auth is how callers prove who they are.
	Auth Auth `yaml:"auth,omitempty"`
	// Throttle is the limit for all callers together. Default: rate 100, burst 200.
	Throttle Throttle `yaml:"throttle,omitempty"`
	// TenantRate is the limit of one tenant, unless its key says otherwise. Default: rate 10, burst 20.
	TenantRate Throttle `yaml:"tenantRate,omitempty"`
	// Timeout of a synchronous request. Above 29 s the integration streams. Default: 29s.
	Timeout Duration `yaml:"timeout,omitempty" jsonschema:"default=29s" jsonschema_extras:"x-minimum=1s,x-maximum=15m"`
	// Memory of the API's functions. Default: 512MiB.
	Memory Size `yaml:"memory,omitempty" jsonschema:"default=512MiB" jsonschema_extras:"x-minimum=128MiB,x-maximum=10240MiB"`
	// Domain serves the API under a name of your own. Default: - the generated execute-api name.
	Domain *Domain `yaml:"domain,omitempty"`
	// WAF puts AWS's managed rules and a rate limit by address before the API. Default: false.
	WAF bool `yaml:"waf,omitempty" jsonschema:"default=false"`
}

// Auth chooses the authorizer.
type Auth struct {
	// Type: keys (bearer keys kept by Tandem), iam (SigV4) or jwt. Default: keys.
	Type AuthType `yaml:"type,omitempty" jsonschema:"enum=keys,enum=iam,enum=jwt,default=keys"`
	// JWT is required when the type is jwt.
	JWT *JWT `yaml:"jwt,omitempty"`
}

// AuthType is how callers prove who they are.
type AuthType string

// The kinds of authorizer.
const (
	AuthKeys AuthType = "keys"
	AuthIAM  AuthType = "iam"
	AuthJWT  AuthType = "jwt"
)

// JWT names the issuer whose tokens are accepted.
type JWT struct {
	// Issuer, an https URL whose OpenID configuration names the keys.
	Issuer string `yaml:"issuer" jsonschema:"required,pattern=^https://"`
	// Audience that a token must carry.
	Audience string `yaml:"audience" jsonschema:"required"`
	// TenantClaim is the claim that holds the tenant. Default: sub.
	TenantClaim string `yaml:"tenantClaim,omitempty" jsonschema:"default=sub"`
}

// Throttle is a token bucket.
type Throttle struct {
	// Rate in requests a second.
	Rate int `yaml:"rate,omitempty" jsonschema:"minimum=1"`
	// Burst in requests.
	Burst int `yaml:"burst,omitempty" jsonschema:"minimum=1"`
}

// Domain is a custom domain name of the API.
type Domain struct {
	// Name, such as api.example.com.
	Name string `yaml:"name" jsonschema:"required,pattern=^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2\\,}$"`
	// CertificateARN of an ACM certificate in the same region.
	CertificateARN string `yaml:"certificateArn" jsonschema:"required,pattern=^arn:aws[a-z-]*:acm:[a-z0-9-]+:[0-9]{12}:certificate/.+$"`
	// HostedZoneID to write the alias record into. Default: - you create the record.
	HostedZoneID string `yaml:"hostedZoneId,omitempty" jsonschema:"pattern=^Z[A-Z0-9]+$"`
}

// Provider is an external LLM API.
type Provider struct {
	// Type of the API: openai (and everything compatible with it), anthropic or bedrock.
	Type ProviderType `yaml:"type" jsonschema:"required,enum=openai,enum=anthropic,enum=bedrock"`
	// BaseURL of an OpenAI-compatible API. Default: - the provider's own.
	BaseURL string `yaml:"baseUrl,omitempty" jsonschema:"pattern=^https?://"`
	// Secret is the name of the Secrets Manager secret that holds the key. Required, but for bedrock, which uses IAM.
	Secret string `yaml:"secret,omitempty"`
	// Region of bedrock. Default: - aws.region.
	Region string `yaml:"region,omitempty" jsonschema:"pattern=^[a-z]{2}(-[a-z]+)+-[0-9]$"`
	// Concurrency is how many requests may be under way at once, in one function instance. Default: - no limit.
	Concurrency int `yaml:"concurrency,omitempty" jsonschema:"minimum=1"`
}

// ProviderType is the wire protocol of a provider.
type ProviderType string

// The provider types.
const (
	ProviderOpenAI    ProviderType = "openai"
	ProviderAnthropic ProviderType = "anthropic"
	ProviderBedrock   ProviderType = "bedrock"
)

// Model is a name that clients ask for.
type Model struct {
	// Routes in the order in which they are tried.
	Routes []Route `yaml:"routes" jsonschema:"required,minItems=1"`
	// Overflow is the worker that takes the request as a job when it can't finish in time. Default: - none.
	Overflow string `yaml:"overflow,omitempty"`
}

// Route is one place that can answer for a model: a provider or a service.
type Route struct {
	// Provider, a key of providers. Either this or service.
	Provider string `yaml:"provider,omitempty"`
	// Service, a key of services. Either this or provider.
	Service string `yaml:"service,omitempty"`
	// Model is the name that the route itself uses. Required with a provider. Default: - the name of the service's model.
	Model string `yaml:"model,omitempty"`
}

// Image is a container image: built from a folder, or pulled.
type Image struct {
	// Build is a folder with a Dockerfile, relative to the project's root. Either this or uri.
	Build string `yaml:"build,omitempty"`
	// URI of an image in a registry, by tag or digest. Either this or build.
	URI string `yaml:"uri,omitempty"`
	// Target is the stage of the Dockerfile to build. Default: - the last.
	Target string `yaml:"target,omitempty"`
	// Args are build arguments.
	Args map[string]string `yaml:"args,omitempty"`
}

// Weights are model files that are brought onto the host before the container starts.
type Weights struct {
	// URI is an S3 prefix, such as s3://bucket/models/llama-8b/.
	URI string `yaml:"uri" jsonschema:"required,pattern=^s3://[a-z0-9][a-z0-9.-]+[a-z0-9]/.+$"`
	// Path at which the container sees them, read-only. Default: /models.
	Path string `yaml:"path,omitempty" jsonschema:"default=/models,pattern=^(/[A-Za-z0-9._-]+)+/?$"`
}

// Worker runs one kind of job in one kind of container.
type Worker struct {
	// Image of the model container.
	Image Image `yaml:"image" jsonschema:"required"`
	// Capacity is the group that it runs on, a key of capacity.groups. Required when gpu is above 0.
	Capacity string `yaml:"capacity,omitempty"`
	// GPU is how many GPUs one task reserves; 0 runs on Fargate. Default: - all GPUs of the group's instance type.
	GPU *int `yaml:"gpu,omitempty" jsonschema:"minimum=0,maximum=16"`
	// CPU of the model container in vCPUs; on Fargate, of the whole task. Default: - its share of the smallest instance type; 1 on Fargate.
	CPU float64 `yaml:"cpu,omitempty" jsonschema:"minimum=0.25"`
	// Memory of the model container; on Fargate, of the whole task. Default: - its share of what the smallest instance type registers; 4GiB on Fargate.
	Memory Size `yaml:"memory,omitempty" jsonschema_extras:"x-minimum=64MiB"`
	// Mode: server keeps the container running and calls it over HTTP, exec runs its command once a job. Default: server.
	Mode WorkerMode `yaml:"mode,omitempty" jsonschema:"enum=server,enum=exec,default=server"`
	// Command of the container. Required in exec mode. Default: - the image's own.
	Command []string `yaml:"command,omitempty"`
	// Port of the model server. Default: 8080.
	Port int `yaml:"port,omitempty" jsonschema:"minimum=1,maximum=65535,default=8080"`
	// Environment variables of the model container; no secrets here.
	Environment map[string]string `yaml:"environment,omitempty"`
	// Secrets are environment variables, each with the name of the Secrets Manager secret that it is filled from.
	Secrets map[string]string `yaml:"secrets,omitempty"`
	// Weights are fetched into a cache on the host that all tasks share. Default: - none.
	Weights *Weights `yaml:"weights,omitempty"`
	// Concurrency is how many jobs one container takes at once, 1 to 64. Default: 1.
	Concurrency int `yaml:"concurrency,omitempty" jsonschema:"minimum=1,maximum=64,default=1"`
	// Timeout ends an attempt that has run this long, 1s to 14d; required, so that a job that hangs does not bill for ever.
	Timeout Duration `yaml:"timeout" jsonschema:"required" jsonschema_extras:"x-minimum=1s,x-maximum=14d"`
	// StopTimeout is the time for a last checkpoint after a spot notice, up to 90s: the worker needs 20s after it. Default: 85s.
	StopTimeout Duration `yaml:"stopTimeout,omitempty" jsonschema:"default=85s" jsonschema_extras:"x-minimum=5s,x-maximum=2m"`
	// MaxAttempts counts failures, 1 to 100; interruptions do not count. Default: 3.
	MaxAttempts int `yaml:"maxAttempts,omitempty" jsonschema:"minimum=1,maximum=100,default=3"`
	// MaxInterruptions guards against crash loops, 1 to 10000. Default: 100.
	MaxInterruptions int `yaml:"maxInterruptions,omitempty" jsonschema:"minimum=1,maximum=10000,default=100"`
	// Priorities, highest first, each a queue. Default: [high, normal, low].
	Priorities []Priority `yaml:"priorities,omitempty" jsonschema:"minItems=1,maxItems=3,enum=high,enum=normal,enum=low,uniqueItems=true,default=high,default=normal,default=low"`
	// DeployDrain is how long a task of an old revision may finish its jobs, under 3h. Default: 1h.
	DeployDrain Duration `yaml:"deployDrain,omitempty" jsonschema:"default=1h" jsonschema_extras:"x-minimum=1m,x-maximum=2h50m"`
	// Scale is how many tasks run.
	Scale WorkerScale `yaml:"scale,omitempty"`
}

// WorkerMode is how the worker runs the model container.
type WorkerMode string

// The worker modes.
const (
	ModeServer WorkerMode = "server"
	ModeExec   WorkerMode = "exec"
)

// Priority is one of a worker's queues.
type Priority string

// The priorities, highest first.
const (
	PriorityHigh   Priority = "high"
	PriorityNormal Priority = "normal"
	PriorityLow    Priority = "low"
)

// WorkerScale bounds and steers the capacity policy.
type WorkerScale struct {
	// Minimum tasks. Default: 0.
	Minimum int `yaml:"minimum,omitempty" jsonschema:"minimum=0,default=0,maximum=5000"`
	// Maximum tasks. Default: 10.
	Maximum int `yaml:"maximum,omitempty" jsonschema:"minimum=1,maximum=5000,default=10"`
	// TargetBacklog is how many waiting jobs one slot should have before another task is added. Default: 1.
	TargetBacklog float64 `yaml:"targetBacklog,omitempty" jsonschema:"minimum=0,default=1"`
	// TargetWait is how long a job should wait at most. Default: - targetBacklog decides.
	TargetWait Duration `yaml:"targetWait,omitempty" jsonschema_extras:"x-minimum=1s,x-maximum=14d"`
	// FallbackAfter is how long spot may fail to come before on-demand is used. Default: 1m.
	FallbackAfter Duration `yaml:"fallbackAfter,omitempty" jsonschema:"default=1m" jsonschema_extras:"x-minimum=1m,x-maximum=1d"`
	// IdleFor is how long a task stays warm with nothing to do. Default: 2m.
	IdleFor Duration `yaml:"idleFor,omitempty" jsonschema:"default=2m" jsonschema_extras:"x-maximum=1d"`
	// OnDemandBase tasks run on-demand always. Default: 0.
	OnDemandBase int `yaml:"onDemandBase,omitempty" jsonschema:"minimum=0,default=0"`
	// Schedule raises the minimum in windows of time. Default: - none.
	Schedule []Window `yaml:"schedule,omitempty"`
}

// Window is a span of the week in which a minimum holds.
type Window struct {
	// Days, such as [mon, tue, wed, thu, fri]. Default: - every day.
	Days []string `yaml:"days,omitempty" jsonschema:"minItems=1,maxItems=7,uniqueItems=true,enum=mon,enum=tue,enum=wed,enum=thu,enum=fri,enum=sat,enum=sun,default=mon,default=tue,default=wed,default=thu,default=fri,default=sat,default=sun"`
	// From, as 08:00, in TimeZone.
	From string `yaml:"from" jsonschema:"required,pattern=^([01][0-9]|2[0-3]):[0-5][0-9]$"`
	// To, as 18:00, in TimeZone.
	To string `yaml:"to" jsonschema:"required,pattern=^([01][0-9]|2[0-3]):[0-5][0-9]$"`
	// TimeZone, an IANA name. Default: UTC.
	TimeZone string `yaml:"timeZone,omitempty" jsonschema:"default=UTC"`
	// Minimum tasks in the window.
	Minimum int `yaml:"minimum" jsonschema:"required,minimum=1"`
}

// Service is an own model behind an internal load balancer.
type Service struct {
	// Image of the model server, such as vLLM's.
	Image Image `yaml:"image" jsonschema:"required"`
	// Capacity is the group that it runs on, a key of capacity.groups.
	Capacity string `yaml:"capacity" jsonschema:"required"`
	// GPU is how many GPUs one task reserves. Default: - all GPUs of the group's instance type.
	GPU *int `yaml:"gpu,omitempty" jsonschema:"minimum=1,maximum=16"`
	// CPU in vCPUs. Default: - its share of the smallest instance type.
	CPU float64 `yaml:"cpu,omitempty" jsonschema:"minimum=0.25"`
	// Memory. Default: - its share of what the smallest instance type registers.
	Memory Size `yaml:"memory,omitempty" jsonschema_extras:"x-minimum=64MiB"`
	// Command, the server's arguments. Default: - the image's own.
	Command []string `yaml:"command,omitempty"`
	// Port of the server. Default: 8000.
	Port int `yaml:"port,omitempty" jsonschema:"minimum=1,maximum=65535,default=8000"`
	// HealthPath answers 200 when the model is loaded. Default: /health.
	HealthPath string `yaml:"healthPath,omitempty" jsonschema:"default=/health,pattern=^/"`
	// Model is the name by which the server knows its model. Default: - the service's own name.
	Model string `yaml:"model,omitempty"`
	// Environment variables; no secrets here.
	Environment map[string]string `yaml:"environment,omitempty"`
	// Secrets are environment variables, each with the name of the Secrets Manager secret that it is filled from.
	Secrets map[string]string `yaml:"secrets,omitempty"`
	// Weights are fetched into a cache on the host. Default: - none.
	Weights *Weights `yaml:"weights,omitempty"`
	// WarmUp is a request that each task serves before it gets any other, so that no user waits
	// while it compiles and fills its caches; {} is enough. Default: - none.
	WarmUp *WarmUp `yaml:"warmUp,omitempty"`
	// ColdStart is how long a task may take until it is healthy. Default: 10m.
	ColdStart Duration `yaml:"coldStart,omitempty" jsonschema:"default=10m" jsonschema_extras:"x-minimum=30s,x-maximum=2h"`
	// Scale is how many tasks run.
	Scale ServiceScale `yaml:"scale,omitempty"`
}

// ServiceScale bounds target tracking.
type ServiceScale struct {
	// Minimum tasks; 0 sleeps when idle and wakes on the first request. Default: 1.
	Minimum *int `yaml:"minimum,omitempty" jsonschema:"minimum=0,default=1"`
	// Maximum tasks. Default: 4.
	Maximum int `yaml:"maximum,omitempty" jsonschema:"minimum=1,default=4,maximum=5000"`
	// RequestsPerTask a minute, the target. Default: 60.
	RequestsPerTask int `yaml:"requestsPerTask,omitempty" jsonschema:"minimum=1,default=60"`
	// OnDemandBase tasks run on-demand, those above it on spot. Default: 1.
	OnDemandBase *int `yaml:"onDemandBase,omitempty" jsonschema:"minimum=0,default=1"`
}

// Document is one kind of upload and what is done with it.
type Document struct {
	// Prefix of the uploads in the inputs bucket, ending in a slash.
	Prefix string `yaml:"prefix" jsonschema:"required,pattern=^[^/].*/$"`
	// ResultPrefix, outside the prefix, ending in a slash. Default: - analysed/ and the name.
	ResultPrefix string `yaml:"resultPrefix,omitempty" jsonschema:"pattern=^[^/].*/$"`
	// Suffixes that are taken. Default: [.pdf, .txt, .md].
	Suffixes []string `yaml:"suffixes,omitempty" jsonschema:"minItems=1,pattern=^\\.?[A-Za-z0-9._-]+$,default=.pdf,default=.txt,default=.md"`
	// Model that analyses the document, a key of models.
	Model string `yaml:"model" jsonschema:"required"`
	// Prompt is the template; {{.Text}} stands for the document.
	Prompt string `yaml:"prompt" jsonschema:"required"`
	// Schema is the JSON Schema that the analysis must meet. Default: - free text.
	Schema map[string]any `yaml:"schema,omitempty"`
	// Timeout of the function. Default: 60s.
	Timeout Duration `yaml:"timeout,omitempty" jsonschema:"default=60s" jsonschema_extras:"x-minimum=1s,x-maximum=15m"`
	// Memory of the function. Default: 1GiB.
	Memory Size `yaml:"memory,omitempty" jsonschema:"default=1GiB" jsonschema_extras:"x-minimum=128MiB,x-maximum=10240MiB"`
	// Overflow sends what is too large or too long to tier 2. Default: - such uploads are listed as failed.
	Overflow *Overflow `yaml:"overflow,omitempty"`
}

// Overflow is the rule that moves a document to tier 2.
type Overflow struct {
	// Worker that takes it, a key of workers.
	Worker string `yaml:"worker" jsonschema:"required"`
	// Above this size a document goes to the worker. Default: 5MiB.
	Above Size `yaml:"above,omitempty" jsonschema:"default=5MiB" jsonschema_extras:"x-minimum=1KiB"`
	// Always sends every document to the worker, such as work that needs a GPU. Default: false.
	Always bool `yaml:"always,omitempty" jsonschema:"default=false"`
	// LongerThan this estimate a document goes to the worker. Default: 60s.
	LongerThan Duration `yaml:"longerThan,omitempty" jsonschema:"default=60s" jsonschema_extras:"x-minimum=1s"`
}

// Capacity is the GPU fleet.
type Capacity struct {
	// Groups of instances, by a name that workers and services refer to.
	Groups map[string]Group `yaml:"groups,omitempty"`
	// MaximumGPUs of the whole environment. Default: - the sum of the groups' maximums.
	MaximumGPUs int `yaml:"maximumGpus,omitempty" jsonschema:"minimum=1"`
}

// Group is one kind of GPU instance, as a spot and an on-demand Auto Scaling group.
type Group struct {
	// InstanceTypes with the same number of GPUs, best first.
	InstanceTypes []string `yaml:"instanceTypes" jsonschema:"required,minItems=1,maxItems=40,uniqueItems=true,pattern=^[a-z][a-z0-9-]*\\.[a-z0-9-]+$"`
	// Spot instances. Default: - up to 10.
	Spot Purchase `yaml:"spot,omitempty"`
	// OnDemand instances. Default: - up to 2.
	OnDemand Purchase `yaml:"onDemand,omitempty"`
	// Reservations are capacity reservations (cr-...) that the on-demand group uses first. Default: - none.
	Reservations []string `yaml:"reservations,omitempty" jsonschema:"pattern=^cr-[0-9a-f]+$"`
	// Volume is the size of the encrypted gp3 root volume. Default: 100GiB.
	Volume Size `yaml:"volume,omitempty" jsonschema:"default=100GiB" jsonschema_extras:"x-minimum=40GiB,x-maximum=16TiB"`
	// Throughput of the volume in MiB/s, 125 to 1000. Default: 500.
	Throughput int `yaml:"throughput,omitempty" jsonschema:"minimum=125,maximum=1000,default=500"`
	// PrePull are images that a new instance pulls before it takes work. Default: - none.
	PrePull []string `yaml:"prePull,omitempty"`
}

// Purchase bounds one purchase option of a group.
type Purchase struct {
	// Maximum instances; 0 leaves the purchase option out. Default: - 10 for spot, 2 for on-demand.
	Maximum *int `yaml:"maximum,omitempty" jsonschema:"minimum=0"`
}

// State is how data is kept.
type State struct {
	// Removal: retain keeps tables, buckets and keys when a stack is deleted, destroy deletes them. Default: retain.
	Removal Removal `yaml:"removal,omitempty" jsonschema:"enum=retain,enum=destroy,default=retain"`
	// Protect turns on deletion and termination protection. Default: true.
	Protect *bool `yaml:"protect,omitempty" jsonschema:"default=true"`
	// PointInTimeRecovery of the state table. Default: true.
	PointInTimeRecovery *bool `yaml:"pointInTimeRecovery,omitempty" jsonschema:"default=true"`
	// CustomerKey encrypts tables, buckets and queues with a KMS key of the environment, in place of AWS-owned keys. Default: false.
	CustomerKey bool `yaml:"customerKey,omitempty" jsonschema:"default=false"`
	// KeepJobs is how long a finished job stays readable. Default: 30d.
	KeepJobs Duration `yaml:"keepJobs,omitempty" jsonschema:"default=30d" jsonschema_extras:"x-minimum=1d,x-maximum=3653d"`
	// KeepInputs is how long uploads stay. Default: 30d.
	KeepInputs Duration `yaml:"keepInputs,omitempty" jsonschema:"default=30d" jsonschema_extras:"x-minimum=1d,x-maximum=3653d"`
	// KeepResults is how long results stay. Default: 90d.
	KeepResults Duration `yaml:"keepResults,omitempty" jsonschema:"default=90d" jsonschema_extras:"x-minimum=1d,x-maximum=3653d"`
	// KeepCheckpoints is how long checkpoints stay. Default: 14d.
	KeepCheckpoints Duration `yaml:"keepCheckpoints,omitempty" jsonschema:"default=14d" jsonschema_extras:"x-minimum=1d,x-maximum=3653d"`
}

// Removal is what happens to data when its stack is deleted.
type Removal string

// The removal choices.
const (
	RemovalRetain  Removal = "retain"
	RemovalDestroy Removal = "destroy"
)

// Agent is the GPU health agent.
type Agent struct {
	// Enabled runs the agent on each GPU instance. Default: true.
	Enabled *bool `yaml:"enabled,omitempty" jsonschema:"default=true"`
	// Mode: observe says what it would do, protect does it. Default: observe.
	Mode AgentMode `yaml:"mode,omitempty" jsonschema:"enum=observe,enum=protect,default=observe"`
	// Image of the agent. Default: - built from gpuagent/.
	Image Image `yaml:"image,omitempty"`
	// XIDs overrides the policy of single Xid codes: ignore, observe or replace. Default: - the built-in table.
	XIDs map[string]string `yaml:"xids,omitempty"`
}

// AgentMode is whether the agent acts.
type AgentMode string

// The agent's modes.
const (
	AgentObserve AgentMode = "observe"
	AgentProtect AgentMode = "protect"
)

// Observability is what is recorded and who is told.
type Observability struct {
	// LogRetention of every log group, one of CloudWatch's steps from 1d to 3653d. Default: 30d.
	LogRetention Duration `yaml:"logRetention,omitempty" jsonschema:"default=30d" jsonschema_extras:"x-minimum=1d,x-maximum=3653d"`
	// Dashboards, one a tier. Default: true.
	Dashboards *bool `yaml:"dashboards,omitempty" jsonschema:"default=true"`
	// Alarms, a set a tier. Default: true.
	Alarms *bool `yaml:"alarms,omitempty" jsonschema:"default=true"`
	// Email that alarms are sent to. Default: - alarms are only shown.
	Email string `yaml:"email,omitempty" jsonschema:"format=email"`
	// Tracing records X-Ray traces of the functions. Default: false.
	Tracing bool `yaml:"tracing,omitempty" jsonschema:"default=false"`
	// OldestJob is the age of the oldest waiting job that raises an alarm. Default: 30m.
	OldestJob Duration `yaml:"oldestJob,omitempty" jsonschema:"default=30m" jsonschema_extras:"x-minimum=1m,x-maximum=14d"`
}

// Budget is the monthly limit.
type Budget struct {
	// MonthlyUSD, the limit. Default: - no budget.
	MonthlyUSD float64 `yaml:"monthlyUsd,omitempty" jsonschema:"minimum=1"`
	// AlertsAt are percentages of the limit. Default: [50, 80, 100].
	AlertsAt []float64 `yaml:"alertsAt,omitempty" jsonschema:"minItems=1"`
	// Email that alerts are sent to. Default: - observability.email.
	Email string `yaml:"email,omitempty" jsonschema:"format=email"`
}
