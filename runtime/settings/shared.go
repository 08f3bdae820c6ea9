package settings

// State is where jobs, keys and payloads are kept; every program that touches
// them embeds it.
type State struct {
	// Table is the name of the state table.
	Table string `env:"TANDEM_STATE_TABLE,required,notEmpty"`
	// Bucket is the name of the bucket for inputs, results and checkpoints.
	Bucket string `env:"TANDEM_DATA_BUCKET,required,notEmpty"`
}

// Log sets what a program writes.
type Log struct {
	// Level is debug, info, warn or error.
	Level string `env:"TANDEM_LOG_LEVEL" envDefault:"info"`
}

// Release identifies what runs, for logs, /healthz and metrics.
type Release struct {
	// Application is the configured name, such as tandem.
	Application string `env:"TANDEM_APPLICATION,required,notEmpty"`
	// Environment is dev, staging, prod or a name of the user's own.
	Environment string `env:"TANDEM_ENVIRONMENT,required,notEmpty"`
}
