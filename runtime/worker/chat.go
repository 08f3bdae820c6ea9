package worker

import (
	"bytes"
	"fmt"
	"io"
	"time"

	"tandem/runtime/chatjob"
	"tandem/runtime/jobs"
	"tandem/runtime/worker/container"
)

// asCompletion makes of the answer to a chat request the completion that the
// client would have had; any other answer stays as it is.
func asCompletion(job jobs.Job, answer container.Answer) (container.Answer, error) {
	if !chatjob.Marked(job.Input.ContentType) {
		return answer, nil
	}
	defer answer.Body.Close()
	output, err := io.ReadAll(io.LimitReader(answer.Body, chatjob.MaxResult+1))
	if err != nil {
		return container.Answer{}, err
	}
	if len(output) > chatjob.MaxResult {
		return container.Answer{}, &container.Failure{What: "POST /invocations answered", Status: 200,
			Text: fmt.Sprintf("more than the %d bytes that a chat completion may have", chatjob.MaxResult)}
	}
	described := chatjob.Job{ID: job.ID, Model: job.Metadata[chatjob.ModelKey], Created: time.Now()}
	made, err := chatjob.Completion(described, answer.ContentType, output)
	if err != nil {
		return container.Answer{}, &container.Failure{What: "POST /invocations answered", Status: 200, Text: err.Error()}
	}
	return container.Answer{ContentType: "application/json", Size: int64(len(made)), Body: io.NopCloser(bytes.NewReader(made))}, nil
}
