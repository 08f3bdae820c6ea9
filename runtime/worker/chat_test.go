package worker_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/chatjob"
	"tandem/runtime/jobs"
	"tandem/runtime/worker/container"
)

func TestTheAnswerToAChatRequestBecomesACompletion(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		b.start(does(func(context.Context, container.Call) (string, error) { return "It is so.", nil }))
		asked := jobs.Submission{Input: []byte(`{"messages": []}`), ContentType: chatjob.ContentType, Metadata: map[string]string{chatjob.ModelKey: "analyst"}}
		ids := b.submit(asked, jobs.Submission{Input: []byte(`{"messages": []}`)})
		after(time.Minute)
		result := b.job(ids[0]).Result
		require.Equal(t, "application/json", result.ContentType)
		require.Contains(t, string(result.Inline), `"object":"chat.completion"`)
		require.Contains(t, string(result.Inline), `"content":"It is so."`)
		require.Contains(t, string(result.Inline), `"model":"analyst"`)
		require.Equal(t, "It is so.", string(b.job(ids[1]).Result.Inline), "any other job's answer stays as it is")
	})
}

func TestAnAnswerThatCannotBeACompletionIsAFailure(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		b.start(does(func(context.Context, container.Call) (string, error) { return "\xff\xfe", nil }))
		id := b.submit(jobs.Submission{Input: []byte(`{}`), ContentType: chatjob.ContentType})[0]
		after(time.Hour)
		job := b.job(id)
		require.Equal(t, jobs.Failed, job.State)
		require.Contains(t, job.Failure.Message, "neither JSON nor text")
	})
}
