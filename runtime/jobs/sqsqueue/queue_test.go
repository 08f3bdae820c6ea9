package sqsqueue_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tandem/runtime/jobs"
	"tandem/runtime/jobs/jobstest"
	"tandem/runtime/jobs/sqsqueue"
	"tandem/runtime/settings"
	"tandem/test/emulator"
	"tandem/test/steadyhttp"
)

func TestQueueKeepsItsPromisesOnTheEmulator(t *testing.T) {
	client := sqs.NewFromConfig(emulator.ForTest(t, emulator.Options{}).Config(), func(o *sqs.Options) { o.HTTPClient = steadyhttp.New() })
	jobstest.RunQueue(t, func(t *testing.T, test func(*testing.T, jobs.Queue)) {
		t.Parallel()
		created, err := client.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("q-" + uuid.NewString())})
		require.NoError(t, err)
		test(t, sqsqueue.New(sqsqueue.Options{Client: client, URL: func(lane jobs.Lane) (string, bool) {
			return *created.QueueUrl, lane == jobstest.QueueLane
		}}))
	})
}

func TestLanesAreNamedInOrderAndFoundAgain(t *testing.T) {
	queues := settings.Queues{Base: "https://sqs.test/1/", Workers: map[string]map[string]string{
		"ocr": {"normal": "ocr-n", "low": "ocr-l"}, "analyse": {"low": "an-l", "high": "an-h"},
	}}
	require.Equal(t, []jobs.Lane{
		{Worker: "analyse", Priority: jobs.High}, {Worker: "analyse", Priority: jobs.Low},
		{Worker: "ocr", Priority: jobs.Normal}, {Worker: "ocr", Priority: jobs.Low},
	}, sqsqueue.Lanes(queues))

	url := sqsqueue.URLs(queues, "https://sqs.test/1/hooks")
	found, ok := url(jobs.Lane{Worker: "ocr", Priority: jobs.Low})
	require.True(t, ok)
	require.Equal(t, "https://sqs.test/1/ocr-l", found)
	found, ok = url(jobs.WebhookLane)
	require.True(t, ok)
	require.Equal(t, "https://sqs.test/1/hooks", found)
	_, ok = url(jobs.Lane{Worker: "ocr", Priority: jobs.High})
	require.False(t, ok)
	_, ok = sqsqueue.URLs(queues, "")(jobs.WebhookLane)
	require.False(t, ok)
}
