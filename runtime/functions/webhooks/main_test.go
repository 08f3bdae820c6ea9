package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"

	"tandem/runtime/httpapi/lambdaproxy/runtimetest"
	"tandem/runtime/jobs"
	"tandem/runtime/jobs/dynamostore"
	"tandem/runtime/jobs/memory"
	"tandem/runtime/jobs/sqsqueue"
	"tandem/runtime/settings"
	"tandem/runtime/webhooks"
	"tandem/test/emulator"
)

// TestAWebhookIsDeliveredFromTheQueue runs the built function beside an emulator
// and a receiver that fails the first time.
func TestAWebhookIsDeliveredFromTheQueue(t *testing.T) {
	local := emulator.ForTest(t, emulator.Options{})
	config := local.Config()
	store := dynamostore.New(dynamostore.Options{Client: dynamostore.NewClient(config), Table: "state"})
	require.NoError(t, dynamostore.CreateTable(t.Context(), dynamostore.NewClient(config), "state"))
	created, err := sqs.NewFromConfig(config).CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("webhooks")})
	require.NoError(t, err)
	_, err = secretsmanager.NewFromConfig(config).CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{
		Name: aws.String("master"), SecretString: aws.String("the-master-secret")})
	require.NoError(t, err)

	type call struct {
		header http.Header
		body   []byte
	}
	var calls []call
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		calls = append(calls, call{r.Header, body})
		if len(calls) == 1 {
			w.WriteHeader(http.StatusBadGateway)
		}
	}))
	defer receiver.Close()

	queue := sqsqueue.New(sqsqueue.Options{Client: sqs.NewFromConfig(config), URL: func(jobs.Lane) (string, bool) { return *created.QueueUrl, true }})
	service := jobs.NewService(jobs.ServiceOptions{Store: store, Queue: memory.NewQueue(), Blobs: memory.NewBlobs("http://blobs.test")})
	runner := jobs.NewRunner(jobs.RunnerOptions{Store: store, Queue: queue})
	job, _, err := service.Submit(t.Context(), jobs.Submission{Tenant: "acme", Worker: "analyser", Webhook: receiver.URL})
	require.NoError(t, err)
	job, err = runner.Claim(t.Context(), job.ID, "test")
	require.NoError(t, err)
	_, err = runner.Succeed(t.Context(), job.Held(), jobs.Bytes("application/json", []byte(`1`)))
	require.NoError(t, err)

	environment := settings.Encode(settings.Webhooks{
		State: settings.State{Table: "state", Bucket: "data"}, Release: settings.Release{Application: "tandem", Environment: "test"},
		WebhookTargets: settings.WebhookTargets{AllowPrivate: true}, QueueURL: *created.QueueUrl, SigningSecret: "master",
	})
	for _, entry := range local.Environ() {
		name, value, _ := strings.Cut(entry, "=")
		environment[name] = value
	}
	function := runtimetest.Start(t, runtimetest.Build(t, "."), environment)
	deliver := func() string {
		received, err := queue.Receive(t.Context(), jobs.WebhookLane, 10, 10*time.Second, time.Second)
		require.NoError(t, err)
		require.Len(t, received, 1)
		answer := function.Invoke(t, events.SQSEvent{Records: []events.SQSMessage{{MessageId: "m", ReceiptHandle: received[0].Receipt, Body: received[0].Body}}}, time.Minute)
		defer answer.Close()
		raw, err := io.ReadAll(answer.Body)
		require.NoError(t, err)
		return string(raw)
	}
	require.JSONEq(t, `{"batchItemFailures":[{"itemIdentifier":"m"}]}`, deliver(), "it stays in the queue")
	state, err := service.Get(t.Context(), "acme", job.ID)
	require.NoError(t, err)
	require.Equal(t, "the receiver answered 502", state.Webhook.LastError)

	hidden := time.Now()
	require.JSONEq(t, `{"batchItemFailures":[]}`, deliver())
	require.Greater(t, time.Since(hidden), 3*time.Second, "it was hidden for the first wait of the schedule")
	require.Len(t, calls, 2)
	verifier, err := standardwebhooks.NewWebhook(webhooks.Secret("the-master-secret", "acme"))
	require.NoError(t, err)
	for _, c := range calls {
		require.NoError(t, verifier.Verify(c.body, c.header))
	}
	var message webhooks.Message
	require.NoError(t, json.Unmarshal(calls[1].body, &message))
	require.Equal(t, job.ID, message.Data.ID)
	state, err = service.Get(t.Context(), "acme", job.ID)
	require.NoError(t, err)
	require.Equal(t, jobs.DeliveryDelivered, state.Webhook.State)
}
