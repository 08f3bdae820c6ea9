package settings

import (
	"encoding/json"
	"time"
)

// ModelsAPI is what the function behind /v1/chat/completions and /v1/models reads.
type ModelsAPI struct {
	State
	Log
	Release
	// Models maps a model name to its routes.
	Models Routes `env:"TANDEM_MODELS,required"`
	// WakeFunction is invoked when a call finds a service asleep; empty where none sleeps.
	WakeFunction string `env:"TANDEM_WAKE_FUNCTION"`
	// Queues of the workers that take over what cannot finish in time.
	Queues Queues `env:"TANDEM_QUEUES"`
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

// Documents is what the function that analyses one kind of upload reads.
type Documents struct {
	State
	Log
	Release
	// Name of the trigger in the configuration.
	Name string `env:"TANDEM_DOCUMENTS_NAME,required,notEmpty"`
	// ResultPrefix under which analyses are written.
	ResultPrefix string `env:"TANDEM_DOCUMENTS_RESULT_PREFIX,required,notEmpty"`
	// Models maps a model name to its routes.
	Models Routes `env:"TANDEM_MODELS,required"`
	// WakeFunction is invoked when a call finds a service asleep; empty where none sleeps.
	WakeFunction string `env:"TANDEM_WAKE_FUNCTION"`
	// Model that analyses the document.
	Model string `env:"TANDEM_DOCUMENTS_MODEL,required,notEmpty"`
	// Definition is the file beside the program that holds a [DocumentDefinition]:
	// a prompt and a schema are too long for environment variables.
	Definition string `env:"TANDEM_DOCUMENTS_DEFINITION" envDefault:"document.json"`
	// OverflowWorker takes what is too large or too long, or is empty.
	OverflowWorker string `env:"TANDEM_DOCUMENTS_OVERFLOW_WORKER"`
	// OverflowAlways sends every document to the worker, such as work that needs a GPU.
	OverflowAlways bool `env:"TANDEM_DOCUMENTS_OVERFLOW_ALWAYS"`
	// OverflowAbove is the size in bytes above which the worker takes over.
	OverflowAbove int64 `env:"TANDEM_DOCUMENTS_OVERFLOW_ABOVE"`
	// OverflowLongerThan is the estimate above which the worker takes over.
	OverflowLongerThan time.Duration `env:"TANDEM_DOCUMENTS_OVERFLOW_LONGER_THAN"`
	// Queues of the workers.
	Queues Queues `env:"TANDEM_QUEUES"`
	// Timeout of the function.
	Timeout time.Duration `env:"TANDEM_DOCUMENTS_TIMEOUT" envDefault:"60s"`
}

// CollectSource is the source of the event by which the function of documents
// looks for jobs that have ended.
const CollectSource = "tandem.collect"

// DocumentsTenant is whom the jobs of documents belong to. Keys of this tenant
// see them.
const DocumentsTenant = "documents"

// DocumentDefinition is what a document is asked. It travels as a JSON file in
// the function's package.
type DocumentDefinition struct {
	// Prompt is the template of the request; {{.Text}} stands for the document.
	Prompt string `json:"prompt"`
	// Schema is the JSON Schema of the analysis, or null for free text.
	Schema json.RawMessage `json:"schema,omitempty"`
}
