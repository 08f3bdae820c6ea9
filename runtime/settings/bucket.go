package settings

// The data bucket holds payloads below these prefixes, each followed by the
// tenant, so that no key of one tenant is below another's. Lifecycle rules and
// permissions are by prefix.
const (
	// InputPrefix holds inputs that are too large for the state table.
	InputPrefix = "inputs/"
	// UploadPrefix holds what clients put into upload slots.
	UploadPrefix = "uploads/"
	// ResultPrefix holds results.
	ResultPrefix = "results/"
	// CheckpointPrefix holds checkpoints.
	CheckpointPrefix = "checkpoints/"
	// StepPrefix holds the results of memoised steps.
	StepPrefix = "steps/"
)
