package dynamostore

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tandem/runtime/jobs"
	"tandem/runtime/jobs/jobstest"
	"tandem/runtime/jobs/memory"
)

// itemSize is what DynamoDB bills an item by
// (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html, 2026-11-24).
func itemSize(of item) int {
	size := 0
	for name, value := range of {
		size += len(name) + valueSize(value)
	}
	return size
}

func valueSize(value types.AttributeValue) int {
	switch value := value.(type) {
	case *types.AttributeValueMemberS:
		return len(value.Value)
	case *types.AttributeValueMemberB:
		return len(value.Value)
	case *types.AttributeValueMemberN:
		digits := strings.Trim(strings.ReplaceAll(value.Value, ".", ""), "0")
		return (len(digits)+1)/2 + 1
	case *types.AttributeValueMemberBOOL:
		return 1
	case *types.AttributeValueMemberM:
		size := 3
		for name, member := range value.Value {
			size += 1 + len(name) + valueSize(member)
		}
		return size
	default:
		panic("an attribute of a kind that jobs do not have")
	}
}

// Whatever a caller submits, however attempts fail and whatever they tell, the
// item that is written with each renewal costs one write unit.
func TestAJobThatIsNotOverStaysWithinOneWriteUnit(t *testing.T) {
	largest := 0
	rapid.Check(t, func(r *rapid.T) {
		clock, store, queue := jobstest.NewClock(), memory.NewStore(), memory.NewQueue()
		length := func(label string, least, most int) string {
			// Both ends are as likely as all between.
			n := rapid.OneOf(rapid.Just(least), rapid.Just(most), rapid.IntRange(least, most)).Draw(r, label)
			return strings.Repeat("x", n)
		}
		service := jobs.NewService(jobs.ServiceOptions{Store: store, Queue: queue, Blobs: memory.NewBlobs(""), Clock: clock})
		runner := jobs.NewRunner(jobs.RunnerOptions{Store: store, Queue: queue, Clock: clock, MaxAttempts: 100, MaxInterruptions: 10_000,
			Backoff: jobs.Backoff{Random: func() float64 { return 0.9 }}})
		submission := jobs.Submission{Tenant: length("tenant", 1, jobs.MaxTenant), Worker: length("worker", 1, jobs.MaxWorker),
			IdempotencyKey: length("key", 0, 20), ContentType: length("type", 1, jobs.MaxContentType), Input: []byte(length("input", 0, 900)),
			Metadata: map[string]string{length("name", 1, 50): length("value", 0, 250)}, Priority: jobs.Normal}
		if rapid.Bool().Draw(r, "has webhook") {
			submission.Webhook = "https://example.com/" + length("webhook", 0, 250)
		}
		if rapid.Bool().Draw(r, "has deadline") {
			submission.Deadline = clock.Now().Add(time.Hour)
		}
		job, _, err := service.Submit(r.Context(), submission)
		require.NoError(r, err)
		check := func() {
			job, err = store.Get(r.Context(), job.ID)
			require.NoError(r, err)
			size := itemSize(encodeJob(job))
			largest = max(largest, size)
			require.LessOrEqual(r, size, jobs.ItemSize, "%+v", job)
		}
		check()
		for range 3 {
			_, err = runner.Claim(r.Context(), job.ID, length("owner", 1, jobs.MaxOwner))
			require.NoError(r, err)
			_, err = jobs.Drain(r.Context(), store, clock, func(string) bool { return true }, clock.Now().Add(time.Hour))
			require.NoError(r, err)
			check()
			_, err = runner.Renew(r.Context(), job.Held(), &jobs.Progress{Percent: 99.99, Message: length("progress", 0, 2*jobs.MaxProgressMessage)})
			require.NoError(r, err)
			check()
			job, err = runner.Fail(r.Context(), job.Held(), jobs.Failure{Code: length("code", 1, 2*jobs.MaxFailureCode), Message: length("message", 0, 2*jobs.MaxRetryMessage)}, false)
			require.NoError(r, err)
			check()
			clock.Advance(job.NotBefore.Sub(clock.Now()))
		}
		_, err = runner.Claim(r.Context(), job.ID, "task")
		require.NoError(r, err)
		_, err = service.Cancel(r.Context(), job.Tenant, job.ID)
		require.NoError(r, err)
		check()
	})
	t.Logf("the largest item took %d of %d bytes", largest, jobs.ItemSize)
	require.Greater(t, largest, jobs.ItemSize*8/10, "the room is not used: fixedSize is too large")
}

// What a short job looks like decides what it costs: it must have room for an
// input of some length.
func TestAShortJobHasRoomForItsInput(t *testing.T) {
	store, queue := memory.NewStore(), memory.NewQueue()
	service := jobs.NewService(jobs.ServiceOptions{Store: store, Queue: queue, Blobs: memory.NewBlobs("")})
	for length, inline := range map[int]bool{400: true, 800: false} {
		job, _, err := service.Submit(t.Context(), jobs.Submission{Tenant: "acme", Worker: "analyse", Input: make([]byte, length)})
		require.NoError(t, err)
		require.Equal(t, inline, job.Input.BlobKey == "", "%d bytes", length)
	}
}
