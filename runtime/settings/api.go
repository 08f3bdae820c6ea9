package settings

import "time"

// JobsAPI is what the function behind /v1/jobs and /v1/uploads reads.
type JobsAPI struct {
	State
	Log
	Release
	WebhookTargets
	// Queues to which submitted jobs are announced.
	Queues Queues `env:"TANDEM_QUEUES,required"`
	// WebhookQueueURL takes the webhook of a job that is cancelled while it waits; empty leaves it to the sweeper.
	WebhookQueueURL string `env:"TANDEM_WEBHOOK_QUEUE_URL"`
	// CapacityFunction is invoked when a job meets an idle fleet; empty where there is no controller.
	CapacityFunction string `env:"TANDEM_CAPACITY_FUNCTION"`
	// Auth is keys, iam or jwt: whose context the authorizer leaves.
	Auth string `env:"TANDEM_AUTH" envDefault:"keys"`
	// TenantRate is how many requests a second a tenant may make, unless its key says otherwise.
	TenantRate int `env:"TANDEM_TENANT_RATE" envDefault:"50"`
	// TenantBurst is how many requests a tenant may make at once.
	TenantBurst int `env:"TANDEM_TENANT_BURST" envDefault:"100"`
	// Timeout of a synchronous request.
	Timeout time.Duration `env:"TANDEM_API_TIMEOUT" envDefault:"29s"`
	// KeepJobs is how long a finished job stays readable.
	KeepJobs time.Duration `env:"TANDEM_KEEP_JOBS" envDefault:"720h"`
}

// WebhookTargets says where webhooks may go. What submits and what delivers must agree.
type WebhookTargets struct {
	// AllowPrivate allows plain http and private addresses, for tests against an
	// emulator. No construct sets it: callers could reach what only the functions can.
	AllowPrivate bool `env:"TANDEM_WEBHOOK_ALLOW_PRIVATE"`
}

// Authorizer is what the Lambda authorizer reads.
type Authorizer struct {
	Log
	// Table is the name of the state table, which holds the hashed keys.
	Table string `env:"TANDEM_STATE_TABLE,required,notEmpty"`
	// JWTIssuer is set when tokens rather than keys are accepted.
	JWTIssuer string `env:"TANDEM_JWT_ISSUER"`
	// JWTAudience that a token must carry.
	JWTAudience string `env:"TANDEM_JWT_AUDIENCE"`
	// JWTTenantClaim names the claim that holds the tenant.
	JWTTenantClaim string `env:"TANDEM_JWT_TENANT_CLAIM" envDefault:"sub"`
}

// Sweeper is what the function that finds stranded jobs reads.
type Sweeper struct {
	State
	Log
	Release
	// Queues to which stranded jobs are announced again.
	Queues Queues `env:"TANDEM_QUEUES,required"`
	// WebhookQueueURL takes deliveries that are still pending.
	WebhookQueueURL string `env:"TANDEM_WEBHOOK_QUEUE_URL,required,notEmpty"`
}

// Webhooks is what the function that delivers webhooks reads.
type Webhooks struct {
	State
	Log
	Release
	WebhookTargets
	// QueueURL is the delivery queue, for retries with a longer delay.
	QueueURL string `env:"TANDEM_WEBHOOK_QUEUE_URL,required,notEmpty"`
	// SigningSecret is the name of the Secrets Manager secret from which each tenant's signing key is derived.
	SigningSecret string `env:"TANDEM_WEBHOOK_SECRET,required,notEmpty"`
}
