package table_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"tandem/runtime/jobs"
	"tandem/runtime/jobs/dynamostore"
	"tandem/test/fault/table"
)

const id = "01a20c83-1e82-7839-bc4b-0428a9e8d7b3"

var (
	now  = time.UnixMilli(1_790_000_000_000).UTC()
	held = jobs.Held{ID: id, Fence: 7, Created: now.Add(-time.Minute)}
)

// requests returns what a store sends for a call, whatever it is answered.
func requests(t *testing.T, call func(context.Context, *dynamostore.Store)) []table.Request {
	t.Helper()
	var seen []table.Request
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		seen = append(seen, table.Parse(operation, body))
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		_, _ = w.Write([]byte(`{}`))
	}))
	defer server.Close()
	client := dynamostore.NewClient(aws.Config{Region: "us-east-1", BaseEndpoint: &server.URL,
		Credentials: credentials.NewStaticCredentialsProvider("a", "b", "")}, func(o *dynamodb.Options) { o.RetryMaxAttempts = 1 })
	call(t.Context(), dynamostore.New(dynamostore.Options{Client: client, Table: "state"}))
	return seen
}

func TestEveryWriteOfTheStoreIsUnderstood(t *testing.T) {
	job := jobs.Job{ID: id, Tenant: "acme", Worker: "w", Priority: jobs.Normal, State: jobs.Queued, Revision: 3, Created: now, Updated: now, QueuedAt: now}
	apart := job
	apart.Metadata = map[string]string{"long": strings.Repeat("x", 500)}
	for name, c := range map[string]struct {
		call func(context.Context, *dynamostore.Store)
		want table.Request
	}{
		"create":      {func(ctx context.Context, s *dynamostore.Store) { _ = s.Create(ctx, job) }, table.Request{Kind: table.Create, Job: id, Now: now.Unix()}},
		"create both": {func(ctx context.Context, s *dynamostore.Store) { _ = s.Create(ctx, apart) }, table.Request{Kind: table.Create, Job: id, Now: now.Unix()}},
		"replace":     {func(ctx context.Context, s *dynamostore.Store) { _ = s.Replace(ctx, job) }, table.Request{Kind: table.Replace, Job: id, Before: 2}},
		"claim": {func(ctx context.Context, s *dynamostore.Store) {
			_, _ = s.Claim(ctx, jobs.Claim{ID: id, Owner: "o", Token: "t", Now: now, Until: now.Add(jobs.LeaseFor), MaxInterruptions: 5})
		}, table.Request{Kind: table.Claim, Job: id, Now: now.UnixMilli(), Most: 5}},
		"renew": {func(ctx context.Context, s *dynamostore.Store) {
			_, _ = s.Renew(ctx, jobs.Renewal{Held: held, Now: now, Until: now.Add(jobs.LeaseFor)})
		}, table.Request{Kind: table.Renew, Job: id, Fence: 7, Created: held.Created.UnixMilli(), Now: now.UnixMilli()}},
		"commit": {func(ctx context.Context, s *dynamostore.Store) {
			_, _ = s.Commit(ctx, jobs.Commit{Held: held, Token: "t", Now: now, Result: jobs.Bytes("text/plain", []byte("r"))})
		}, table.Request{Kind: table.Commit, Job: id, Fence: 7, Created: held.Created.UnixMilli(), Now: now.UnixMilli()}},
		"step": {func(ctx context.Context, s *dynamostore.Store) { _, _, _ = s.PutStep(ctx, held, jobs.Step{Key: "k"}) },
			table.Request{Kind: table.Check, Job: id, Fence: 7, Created: held.Created.UnixMilli(), Step: "step#k"}},
		"checkpoint": {func(ctx context.Context, s *dynamostore.Store) { _ = s.PutCheckpoint(ctx, held, jobs.Checkpoint{}) },
			table.Request{Kind: table.Check, Job: id, Fence: 7, Created: held.Created.UnixMilli(), Step: "checkpoint"}},
		"read": {func(ctx context.Context, s *dynamostore.Store) { _, _ = s.Get(ctx, id) }, table.Request{Kind: table.Other}},
		"list": {func(ctx context.Context, s *dynamostore.Store) { _, _, _ = s.List(ctx, "acme", nil, 10) }, table.Request{Kind: table.Other}},
		"output": {func(ctx context.Context, s *dynamostore.Store) {
			_ = s.AppendEvents(ctx, held, []jobs.Event{{EventPosition: jobs.EventPosition{Fence: 7, Sequence: 1}, Data: []byte("x")}})
		}, table.Request{Kind: table.Other}},
	} {
		t.Run(name, func(t *testing.T) {
			seen := requests(t, c.call)
			require.NotEmpty(t, seen)
			if c.want.Kind == table.Create || c.want.Kind == table.Replace {
				require.Equal(t, "queued", seen[0].Put.State)
				require.EqualValues(t, 3, seen[0].Put.Revision)
				require.NotEmpty(t, seen[0].Put.Whole)
				seen[0].Put = table.Item{}
			}
			require.Equal(t, c.want, seen[0])
		})
	}
}

func TestAWriteOfAnotherKindIsNotMissed(t *testing.T) {
	for name, c := range map[string]struct{ operation, body string }{
		"an update without a condition": {"UpdateItem", `{"Key":{"pk":{"S":"job#1"},"sk":{"S":"job"}},"UpdateExpression":"SET stat = :x"}`},
		"a put without a condition":     {"PutItem", `{"Item":{"pk":{"S":"job#1"},"sk":{"S":"job"}}}`},
		"a deletion":                    {"DeleteItem", `{"Key":{"pk":{"S":"job#1"},"sk":{"S":"job"}}}`},
		"a transaction without a check": {"TransactWriteItems", `{"TransactItems":[{"Update":{"Key":{"pk":{"S":"job#1"}}}}]}`},
		"an update with another fence":  {"UpdateItem", `{"Key":{"pk":{"S":"job#1"},"sk":{"S":"job"}},"ConditionExpression":"stat = :running AND fenc >= :fence"}`},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, table.Unknown, table.Parse(c.operation, []byte(c.body)).Kind)
		})
	}
}

func TestAnswersAreUnderstood(t *testing.T) {
	item := `{"pk":{"S":"job#1"},"stat":{"S":"running"},"fenc":{"N":"4"},"revn":{"N":"9"},"ownr":{"S":"o"}}`
	claim, check := table.Request{Kind: table.Claim}, table.Request{Kind: table.Check}
	applied := claim.Answer(200, []byte(`{"Attributes":`+item+`}`))
	require.True(t, applied.Applied && applied.Told && !applied.Refused)
	require.EqualValues(t, 4, applied.Item.Fence)
	refused := claim.Answer(400, []byte(`{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException","Item":`+item+`}`))
	require.True(t, refused.Refused && refused.Told && !refused.Applied)
	require.Equal(t, applied.Item.Whole, refused.Item.Whole)
	require.Equal(t, table.Answer{}, claim.Answer(400, []byte(`{"__type":"x#ProvisionedThroughputExceededException"}`)))
	require.Equal(t, table.Answer{}, claim.Answer(503, []byte(`<html>`)))
	require.True(t, check.Answer(200, []byte(`{}`)).Applied)
	require.True(t, check.Answer(400, []byte(`{"__type":"x#TransactionCanceledException","CancellationReasons":[{"Code":"ConditionalCheckFailed"},{"Code":"None"}]}`)).Refused)
	require.Equal(t, table.Answer{}, check.Answer(400, []byte(`{"__type":"x#TransactionCanceledException","CancellationReasons":[{"Code":"None"},{"Code":"ConditionalCheckFailed"}]}`)),
		"the step existed; of the job nothing is said")
}
