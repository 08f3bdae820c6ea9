package jobs

import (
	"fmt"
	"net/url"
	"time"
	"unicode/utf8"
)

// Submission is what a caller asks for.
type Submission struct {
	// Tenant of the caller.
	Tenant string
	// IdempotencyKey, up to [MaxIdempotencyKey] bytes; empty makes every call a new job.
	IdempotencyKey string
	// Worker that is to run the job.
	Worker string
	// Priority. Defaults to Normal.
	Priority Priority
	// Input up to [MaxSubmitInput] bytes, unless Upload is set.
	Input []byte
	// ContentType of the input. Defaults to application/json, or with Upload to the upload's own.
	ContentType string
	// Upload is the id of an upload slot that holds the input.
	Upload string
	// Deadline after which the job is expired; zero for none.
	Deadline time.Time
	// Webhook to call when the job is over; empty for none.
	Webhook string
	// Metadata that is given back with the job.
	Metadata map[string]string
}

func (s Submission) withDefaults() Submission {
	if s.Priority == "" {
		s.Priority = Normal
	}
	if s.ContentType == "" && s.Upload == "" {
		s.ContentType = "application/json"
	}
	return s
}

// validate returns an *InvalidError for the first field that is wrong.
func (s Submission) validate(now time.Time) error {
	invalid := func(field, format string, values ...any) error {
		return &InvalidError{Field: field, Reason: fmt.Sprintf(format, values...)}
	}
	switch {
	case !validTenant(s.Tenant):
		return invalid("tenant", "must be 1 to %d letters, digits or - _ . @", MaxTenant)
	case !ValidWorker(s.Worker):
		return invalid("worker", "must be 1 to %d letters, digits or - _ . @", MaxWorker)
	case !s.Priority.Valid():
		return invalid("priority", "must be high, normal or low")
	case len(s.IdempotencyKey) > MaxIdempotencyKey:
		return invalid("Idempotency-Key", "must be at most %d bytes", MaxIdempotencyKey)
	case len(s.Input) > MaxSubmitInput:
		return invalid("input", "must be at most %d bytes; upload larger ones", MaxSubmitInput)
	case len(s.Input) > 0 && s.Upload != "":
		return invalid("input", "must be given either inline or as an upload")
	case s.Upload != "" && !ValidID(s.Upload):
		return invalid("upload", "must be the id of an upload slot")
	case len(s.ContentType) > MaxContentType || !utf8.ValidString(s.ContentType):
		return invalid("contentType", "must be UTF-8 of at most %d bytes", MaxContentType)
	case !s.Deadline.IsZero() && !s.Deadline.After(now):
		return invalid("deadline", "must be in the future")
	case s.Deadline.After(now.Add(MaxDeadline)):
		return invalid("deadline", "must be within a year")
	case metadataSize(s.Metadata) > MaxMetadata || !validMetadata(s.Metadata):
		return invalid("metadata", "keys and values must be UTF-8 of at most %d bytes together, and no key empty", MaxMetadata)
	}
	return validateWebhook(s.Webhook)
}

func validateWebhook(raw string) error {
	if raw == "" {
		return nil
	}
	parsed, err := url.Parse(raw)
	switch {
	case len(raw) > MaxWebhookURL || !utf8.ValidString(raw):
		return &InvalidError{Field: "webhook", Reason: fmt.Sprintf("must be UTF-8 of at most %d bytes", MaxWebhookURL)}
	case err != nil, parsed.Scheme != "https" && parsed.Scheme != "http", parsed.Host == "":
		return &InvalidError{Field: "webhook", Reason: "must be an http or https URL"}
	default:
		return nil
	}
}

func validMetadata(metadata map[string]string) bool {
	for key, value := range metadata {
		if key == "" || !utf8.ValidString(key) || !utf8.ValidString(value) {
			return false
		}
	}
	return true
}

func metadataSize(metadata map[string]string) int {
	size := 0
	for key, value := range metadata {
		size += len(key) + len(value)
	}
	return size
}
