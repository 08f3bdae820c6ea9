package webhooks

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"tandem/runtime/httpapi/api"
	"tandem/runtime/httpapi/view"
	"tandem/runtime/jobs"
)

// Message is the body of a webhook.
type Message struct {
	// Type is job.succeeded, job.failed, job.cancelled or job.expired.
	Type string `json:"type"`
	// Timestamp is when the job ended.
	Timestamp time.Time `json:"timestamp"`
	// Data is the job, with a small result in it. A large one is fetched from the API.
	Data api.Job `json:"data"`
}

// messageID is the same for every delivery of one end of a job, and another
// after a redrive.
func messageID(job jobs.Job) string {
	return "msg_" + job.ID + "_" + strconv.FormatInt(job.Finished.UnixMilli(), 10)
}

func body(job jobs.Job) ([]byte, error) {
	shown := view.WithInlineResult(job)
	shown.Webhook = api.Webhook{} // how the delivery goes is no news to its receiver
	encoded, err := json.Marshal(Message{Type: "job." + string(job.State), Timestamp: job.Finished, Data: shown})
	if err != nil {
		return nil, fmt.Errorf("encoding the webhook of job %s: %w", job.ID, err)
	}
	return encoded, nil
}
