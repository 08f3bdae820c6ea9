package sqsqueue_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/stretchr/testify/require"

	"tandem/runtime/jobs"
	"tandem/runtime/jobs/jobstest"
	"tandem/runtime/jobs/sqsqueue"
)

// service is an SQS that remembers what it was asked and answers as it is told.
type service struct {
	sqsqueue.Client
	mu       sync.Mutex
	sent     []sqs.SendMessageInput
	received []sqs.ReceiveMessageInput
	hidden   []int32
	batches  []int
	failed   []types.BatchResultErrorEntry
	err      error
	depth    map[string]string
}

func (s *service) SendMessage(_ context.Context, in *sqs.SendMessageInput, _ ...func(*sqs.Options)) (*sqs.SendMessageOutput, error) {
	s.sent = append(s.sent, *in)
	return &sqs.SendMessageOutput{}, s.err
}

func (s *service) ReceiveMessage(_ context.Context, in *sqs.ReceiveMessageInput, _ ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error) {
	s.received = append(s.received, *in)
	return &sqs.ReceiveMessageOutput{Messages: []types.Message{{Body: aws.String("b"), ReceiptHandle: aws.String("r")}}}, s.err
}

func (s *service) ChangeMessageVisibilityBatch(_ context.Context, in *sqs.ChangeMessageVisibilityBatchInput, _ ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityBatchOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.batches = append(s.batches, len(in.Entries))
	for _, entry := range in.Entries {
		s.hidden = append(s.hidden, entry.VisibilityTimeout)
	}
	return &sqs.ChangeMessageVisibilityBatchOutput{Failed: s.failed}, s.err
}

func (s *service) DeleteMessageBatch(_ context.Context, in *sqs.DeleteMessageBatchInput, _ ...func(*sqs.Options)) (*sqs.DeleteMessageBatchOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.batches = append(s.batches, len(in.Entries))
	return &sqs.DeleteMessageBatchOutput{Failed: s.failed}, s.err
}

func (s *service) GetQueueAttributes(context.Context, *sqs.GetQueueAttributesInput, ...func(*sqs.Options)) (*sqs.GetQueueAttributesOutput, error) {
	return &sqs.GetQueueAttributesOutput{Attributes: s.depth}, s.err
}

func queueOf(s *service) *sqsqueue.Queue {
	return sqsqueue.New(sqsqueue.Options{Client: s, URL: func(jobs.Lane) (string, bool) { return "https://sqs.test/1/q", true }})
}

func TestAMessageCarriesItsTenantAsGroup(t *testing.T) {
	s := &service{}
	require.NoError(t, queueOf(s).Send(t.Context(), jobstest.QueueLane, jobs.Message{ID: "x", Tenant: "acme"}, 0))
	require.NoError(t, queueOf(s).Send(t.Context(), jobstest.QueueLane, jobs.Message{ID: "x"}, 0))
	require.Equal(t, "acme", *s.sent[0].MessageGroupId)
	require.Nil(t, s.sent[1].MessageGroupId)
}

func TestSpansAreRoundedUpToSecondsAndKeptWithinSQSsBounds(t *testing.T) {
	s := &service{}
	queue := queueOf(s)
	for span, want := range map[time.Duration]int32{
		-time.Second: 0, 0: 0, time.Millisecond: 1, time.Second: 1, 1001 * time.Millisecond: 2, time.Hour: 900,
	} {
		s.sent = nil
		require.NoError(t, queue.Send(t.Context(), jobstest.QueueLane, jobs.Message{ID: "x"}, span))
		require.Equal(t, want, s.sent[0].DelaySeconds, span)
	}
	_, err := queue.Receive(t.Context(), jobstest.QueueLane, 64, time.Minute, 29_001*time.Millisecond)
	require.NoError(t, err)
	require.Equal(t, int32(10), s.received[0].MaxNumberOfMessages)
	require.Equal(t, int32(20), s.received[0].WaitTimeSeconds)
	require.Equal(t, int32(30), s.received[0].VisibilityTimeout)
}

func TestADeliveryWithoutACountIsAFirstOne(t *testing.T) {
	got, err := queueOf(&service{}).Receive(t.Context(), jobstest.QueueLane, 1, 0, time.Second)
	require.NoError(t, err)
	require.Equal(t, []jobs.Delivery{{Body: "b", Receipt: "r", Received: 1}}, got)
}

func TestManyMessagesGoInBatchesOfTen(t *testing.T) {
	s := &service{}
	receipts := make([]string, 23)
	require.NoError(t, queueOf(s).Delete(t.Context(), jobstest.QueueLane, receipts))
	require.ElementsMatch(t, []int{10, 10, 3}, s.batches)
	s.batches = nil
	require.NoError(t, queueOf(s).ChangeVisibility(t.Context(), jobstest.QueueLane, make([]jobs.VisibilityChange, 23)))
	require.ElementsMatch(t, []int{10, 10, 3}, s.batches)
}

func TestEntriesThatFailOnSQSsSideAreReportedAndOutdatedReceiptsAreNot(t *testing.T) {
	for name, test := range map[string]struct {
		entry types.BatchResultErrorEntry
		fails bool
	}{
		"an outdated receipt": {types.BatchResultErrorEntry{Code: aws.String("ReceiptHandleIsInvalid"), SenderFault: true}, false},
		"an internal error":   {types.BatchResultErrorEntry{Code: aws.String("InternalError")}, true},
	} {
		t.Run(name, func(t *testing.T) {
			s := &service{failed: []types.BatchResultErrorEntry{test.entry}}
			deleting := queueOf(s).Delete(t.Context(), jobstest.QueueLane, []string{"r"})
			hiding := queueOf(s).ChangeVisibility(t.Context(), jobstest.QueueLane, []jobs.VisibilityChange{{Receipt: "r"}})
			require.Equal(t, test.fails, deleting != nil, deleting)
			require.Equal(t, test.fails, hiding != nil, hiding)
		})
	}
}

func TestErrorsSayWhatWasBeingDoneAndToWhat(t *testing.T) {
	s := &service{err: errors.New("no route")}
	queue := queueOf(s)
	_, receiving := queue.Receive(t.Context(), jobstest.QueueLane, 1, 0, 0)
	_, asking := queue.Depth(t.Context(), jobstest.QueueLane)
	for _, err := range []error{
		receiving, asking, queue.Send(t.Context(), jobstest.QueueLane, jobs.Message{}, 0),
		queue.Delete(t.Context(), jobstest.QueueLane, []string{"r"}),
		queue.ChangeVisibility(t.Context(), jobstest.QueueLane, []jobs.VisibilityChange{{}}),
	} {
		require.ErrorIs(t, err, s.err)
		require.ErrorContains(t, err, "queue-test/normal")
	}
}

func TestAQueueThatWasDeletedIsNoQueue(t *testing.T) {
	s := &service{err: fmt.Errorf("sqs: %w", &types.QueueDoesNotExist{})}
	require.ErrorIs(t, queueOf(s).Send(t.Context(), jobstest.QueueLane, jobs.Message{}, 0), jobs.ErrNoQueue)
}

func TestADepthThatIsNoNumberIsAnError(t *testing.T) {
	_, err := queueOf(&service{depth: map[string]string{"ApproximateNumberOfMessages": "many"}}).Depth(t.Context(), jobstest.QueueLane)
	require.ErrorContains(t, err, "many")
}
