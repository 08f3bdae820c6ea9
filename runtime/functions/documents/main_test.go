package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/require"

	"tandem/runtime/documents"
	"tandem/runtime/documents/dynamorecords"
	"tandem/runtime/httpapi/lambdaproxy/runtimetest"
	"tandem/runtime/jobs"
	"tandem/runtime/jobs/dynamostore"
	"tandem/runtime/jobs/sqsqueue"
	"tandem/runtime/settings"
	"tandem/test/emulator"
)

// TestAnUploadIsAnalysed runs the built function beside an emulator and a model
// that answers what it is asked.
func TestAnUploadIsAnalysed(t *testing.T) {
	local := emulator.ForTest(t, emulator.Options{})
	config := local.Config()
	require.NoError(t, dynamostore.CreateTable(t.Context(), dynamostore.NewClient(config), "state"))
	storage := s3.NewFromConfig(config, func(o *s3.Options) { o.UsePathStyle = true })
	_, err := storage.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("data")})
	require.NoError(t, err)
	_, err = secretsmanager.NewFromConfig(config).CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{
		Name: aws.String("provider-key"), SecretString: aws.String("sk-1")})
	require.NoError(t, err)

	asked := 0
	model := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		if r.Header.Get("Authorization") != "Bearer sk-1" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		var request struct{ Messages []struct{ Content string } }
		_ = json.NewDecoder(r.Body).Decode(&request)
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"object": "chat.completion", "choices": []any{map[string]any{"message": map[string]any{"content": strings.ToUpper(request.Messages[0].Content)}}}})
	}))
	defer model.Close()

	binary := runtimetest.Build(t, ".")
	definition, err := json.Marshal(settings.DocumentDefinition{Prompt: "say: {{.Text}}"})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(filepath.Dir(binary), "document.json"), definition, 0o600))
	environment := settings.Encode(settings.Documents{
		State: settings.State{Table: "state", Bucket: "data"}, Release: settings.Release{Application: "tandem", Environment: "test"},
		Name: "contracts", ResultPrefix: "analysed/", Model: "analyst",
		Models: settings.Routes{"analyst": {Routes: []settings.Route{{Name: "openai", Type: "openai", Model: "m", BaseURL: model.URL, Secret: "provider-key"}}}},
	})
	for _, entry := range local.Environ() {
		name, value, _ := strings.Cut(entry, "=")
		environment[name] = value
	}
	function := runtimetest.Start(t, binary, environment)

	put, err := storage.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("data"), Key: aws.String("documents/a.txt"), Body: strings.NewReader("hello")})
	require.NoError(t, err)
	version := strings.Trim(aws.ToString(put.ETag), `"`)
	event := map[string]any{"detail-type": "Object Created", "source": "aws.s3", "detail": map[string]any{
		"bucket": map[string]any{"name": "data"}, "object": map[string]any{"key": "documents/a.txt", "size": 5, "etag": version}}}
	for range 2 { // events come at least once
		answer := function.Invoke(t, event, time.Minute)
		raw, err := io.ReadAll(answer.Body)
		require.NoError(t, err)
		require.False(t, answer.Error, "%s", raw)
		answer.Close()
	}
	require.Equal(t, 1, asked)

	got, err := storage.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("data"), Key: aws.String("analysed/documents/a.txt/" + version + ".json")})
	require.NoError(t, err)
	var result documents.Result
	require.NoError(t, json.NewDecoder(got.Body).Decode(&result))
	require.JSONEq(t, `"SAY: HELLO"`, string(result.Analysis))
	require.NotContains(t, function.Logs(), "hello")
}

// TestTheResultOfAJobIsCollected sends a document to a worker, ends its job as a
// worker does, and lets the built function look for it.
func TestTheResultOfAJobIsCollected(t *testing.T) {
	local := emulator.ForTest(t, emulator.Options{})
	config := local.Config()
	dynamo := dynamostore.NewClient(config)
	require.NoError(t, dynamostore.CreateTable(t.Context(), dynamo, "state"))
	storage := s3.NewFromConfig(config, func(o *s3.Options) { o.UsePathStyle = true })
	_, err := storage.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("data")})
	require.NoError(t, err)
	queues := sqs.NewFromConfig(config)
	created, err := queues.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("analyser-normal")})
	require.NoError(t, err)
	base, _, _ := strings.Cut(*created.QueueUrl, "analyser-normal")
	lanes := settings.Queues{Base: base, Workers: map[string]map[string]string{"analyser": {"normal": "analyser-normal"}}}

	binary := runtimetest.Build(t, ".")
	definition, err := json.Marshal(settings.DocumentDefinition{Prompt: "say: {{.Text}}", Schema: json.RawMessage(`{"type":"object"}`)})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(filepath.Dir(binary), "document.json"), definition, 0o600))
	environment := settings.Encode(settings.Documents{
		State: settings.State{Table: "state", Bucket: "data"}, Release: settings.Release{Application: "tandem", Environment: "test"},
		Name: "contracts", ResultPrefix: "analysed/", Model: "analyst", OverflowWorker: "analyser", OverflowAlways: true, Queues: lanes,
		Models: settings.Routes{"analyst": {Routes: []settings.Route{{Name: "openai", Type: "openai", Model: "m", BaseURL: "http://127.0.0.1:1"}}}},
	})
	for _, entry := range local.Environ() {
		name, value, _ := strings.Cut(entry, "=")
		environment[name] = value
	}
	function := runtimetest.Start(t, binary, environment)
	invoke := func(event map[string]any) {
		t.Helper()
		answer := function.Invoke(t, event, time.Minute)
		raw, err := io.ReadAll(answer.Body)
		require.NoError(t, err)
		require.False(t, answer.Error, "%s", raw)
		answer.Close()
	}
	collect := map[string]any{"source": settings.CollectSource}
	store := dynamostore.New(dynamostore.Options{Client: dynamo, Table: "state"})
	runner := jobs.NewRunner(jobs.RunnerOptions{Store: store, MaxAttempts: 1,
		Queue: sqsqueue.New(sqsqueue.Options{Client: queues, URL: sqsqueue.URLs(lanes, "")})})
	ledger := dynamorecords.Ledger{Client: dynamo, Table: "state", Trigger: "contracts"}
	state := func() documents.Record {
		t.Helper()
		listed, err := ledger.List(t.Context())
		require.NoError(t, err)
		require.Len(t, listed, 1)
		return listed[0]
	}
	claim := func() jobs.Job {
		t.Helper()
		job, err := runner.Claim(t.Context(), state().Job, "worker/1")
		require.NoError(t, err)
		require.Equal(t, settings.DocumentsTenant, job.Tenant)
		return job
	}

	uploaded := map[string]any{"source": "aws.s3", "detail": map[string]any{
		"bucket": map[string]any{"name": "data"}, "object": map[string]any{"key": "documents/a.txt", "size": 5, "etag": "e1"}}}
	invoke(uploaded)
	first := claim()
	invoke(collect)
	require.Equal(t, documents.Moved, state().State, "the job runs")
	_, err = runner.Fail(t.Context(), first.Held(), jobs.Failure{Code: "container_crashed", Message: "137"}, true)
	require.NoError(t, err)
	invoke(collect)
	require.Equal(t, documents.Failed, state().State)
	require.Equal(t, "the job failed: container_crashed: 137", state().Reason)

	require.NoError(t, ledger.Reopen(t.Context(), state().Source))
	invoke(uploaded)
	second := claim()
	require.NotEqual(t, first.ID, second.ID)
	key := jobs.ResultKey(second)
	_, err = storage.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("data"), Key: &key, Body: strings.NewReader(`{"parties":["a"]}`)})
	require.NoError(t, err)
	_, err = runner.Succeed(t.Context(), second.Held(), jobs.Blob("application/json", key, 17))
	require.NoError(t, err)
	for range 2 {
		invoke(collect)
	}
	require.Equal(t, documents.Done, state().State)
	got, err := storage.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("data"), Key: aws.String("analysed/documents/a.txt/e1.json")})
	require.NoError(t, err)
	var result documents.Result
	require.NoError(t, json.NewDecoder(got.Body).Decode(&result))
	require.JSONEq(t, `{"parties":["a"]}`, string(result.Analysis))
	require.Equal(t, second.ID, result.Job)
	require.NotContains(t, function.Logs(), "parties")
}
