package dynamorecords_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"tandem/runtime/documents"
	"tandem/runtime/documents/dynamorecords"
	"tandem/runtime/jobs/dynamostore"
	"tandem/test/dynamolocal"
	"tandem/test/emulator"
)

func TestRecordsOnTheEmulator(t *testing.T) {
	run(t, emulator.ForTest(t, emulator.Options{}).Endpoint())
}

func TestRecordsOnDynamoDBLocal(t *testing.T) { run(t, dynamolocal.Start(t)) }

func run(t *testing.T, endpoint string) {
	client := dynamodb.NewFromConfig(config(endpoint))
	require.NoError(t, dynamostore.CreateTable(t.Context(), client, "state"))
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	records := dynamorecords.Records{Client: client, Table: "state", Trigger: "contracts", Now: func() time.Time { return now }}
	source := func(name string) documents.Source {
		return documents.Source{Bucket: "data", Key: strings.Repeat("k", 1000) + name, Version: "v1"}
	}
	begin := func(records dynamorecords.Records, s documents.Source) (int, error) {
		attempt, err := records.Begin(t.Context(), s, now.Add(time.Minute))
		return attempt.Number, err
	}
	must := func(want int, s documents.Source) {
		t.Helper()
		attempt, err := begin(records, s)
		require.NoError(t, err)
		require.Equal(t, want, attempt)
	}

	t.Run("an attempt holds until its time is over", func(t *testing.T) {
		s := source("held")
		must(1, s)
		_, err := begin(records, s)
		require.ErrorIs(t, err, documents.ErrBusy)
		now = now.Add(time.Minute)
		must(2, s)
	})

	t.Run("an attempt whose answer is lost is the one that began", func(t *testing.T) {
		s := source("lost")
		losing := records
		losing.Client = losesAnswers{client}
		attempt, err := begin(losing, s)
		require.NoError(t, err)
		require.Equal(t, 1, attempt)
		_, err = begin(losing, s)
		require.ErrorIs(t, err, documents.ErrBusy, "another one")
	})

	t.Run("what may work later begins again", func(t *testing.T) {
		s := source("retried")
		must(1, s)
		require.NoError(t, records.End(t.Context(), s, documents.Outcome{State: documents.Retry, Reason: strings.Repeat("x", 10_000)}))
		must(2, s)
	})

	t.Run("what has ended stays as it is", func(t *testing.T) {
		for _, state := range []documents.State{documents.Done, documents.Moved, documents.Failed} {
			s := source(string(state))
			must(1, s)
			require.NoError(t, records.End(t.Context(), s, documents.Outcome{State: state, Result: "r", Job: "j", Reason: "because"}))
			_, err := begin(records, s)
			require.ErrorIs(t, err, documents.ErrDone)
			require.NoError(t, records.End(t.Context(), s, documents.Outcome{State: documents.Retry}), "an attempt that was thought to be dead")
			_, err = begin(records, s)
			require.ErrorIs(t, err, documents.ErrDone)
		}
	})

	t.Run("what failed for good is listed and begins anew when it is reopened", func(t *testing.T) {
		ledger := dynamorecords.Ledger{Client: client, Table: "state", Trigger: "reopened"}
		records := records
		records.Trigger = "reopened"
		s := documents.Source{Bucket: "data", Key: "a.pdf", Version: "v1", Size: 7}
		_, err := begin(records, s)
		require.NoError(t, err)
		require.ErrorIs(t, ledger.Reopen(t.Context(), s), documents.ErrDone, "it is being analysed")
		require.NoError(t, records.End(t.Context(), s, documents.Outcome{State: documents.Failed, Reason: "because"}))
		listed, err := ledger.List(t.Context(), documents.Failed, documents.Moved)
		require.NoError(t, err)
		require.Equal(t, []documents.Record{{Source: s, State: documents.Failed, Attempts: 1, Reason: "because", Ended: now}}, listed)
		require.NoError(t, ledger.Reopen(t.Context(), s))
		listed, err = ledger.List(t.Context(), documents.Failed)
		require.NoError(t, err)
		require.Empty(t, listed)
		attempt, err := records.Begin(t.Context(), s, now.Add(time.Minute))
		require.NoError(t, err)
		require.Equal(t, documents.Attempt{Number: 1, Reopened: 1}, attempt, "counted anew")
		all, err := ledger.List(t.Context())
		require.NoError(t, err)
		require.Equal(t, documents.Running, all[0].State)
	})

	t.Run("what was moved waits for its job until that is over", func(t *testing.T) {
		records := records
		records.Trigger = "moved"
		ledger := dynamorecords.Ledger{Client: client, Table: "state", Trigger: "moved"}
		waiting := func(want ...documents.Move) {
			t.Helper()
			moves, err := records.Moved(t.Context())
			require.NoError(t, err)
			require.ElementsMatch(t, want, moves)
		}
		state := func(s documents.Source) documents.Record {
			t.Helper()
			all, err := ledger.List(t.Context())
			require.NoError(t, err)
			for _, r := range all {
				if r.Source == s {
					return r
				}
			}
			return documents.Record{}
		}
		a, b := documents.Source{Bucket: "data", Key: "a.pdf", Version: "v1", Size: 7}, documents.Source{Bucket: "data", Key: "b.pdf", Version: "v1"}
		for _, s := range []documents.Source{a, b} {
			_, err := begin(records, s)
			require.NoError(t, err)
			waiting0, err := records.Moved(t.Context())
			require.NoError(t, err)
			require.NotContains(t, waiting0, documents.Move{Source: s, Job: "job " + s.Key})
			require.NoError(t, records.End(t.Context(), s, documents.Outcome{State: documents.Moved, Job: "job " + s.Key, Reason: "large"}))
		}
		moveA, moveB := documents.Move{Source: a, Job: "job a.pdf"}, documents.Move{Source: b, Job: "job b.pdf"}
		waiting(moveA, moveB)

		require.NoError(t, records.Settle(t.Context(), moveA, documents.Outcome{State: documents.Done, Result: "r.json", Job: moveA.Job}))
		waiting(moveB)
		require.Equal(t, documents.Record{Source: a, State: documents.Done, Attempts: 1, Result: "r.json", Job: moveA.Job, Ended: now}, state(a))
		require.NoError(t, records.Settle(t.Context(), moveA, documents.Outcome{State: documents.Failed, Reason: "late"}), "another was faster")
		require.Equal(t, documents.Done, state(a).State)

		require.NoError(t, records.Settle(t.Context(), moveB, documents.Outcome{State: documents.Failed, Job: moveB.Job, Reason: "the job failed"}))
		waiting()
		require.NoError(t, ledger.Reopen(t.Context(), b))
		attempt, err := records.Begin(t.Context(), b, now.Add(time.Minute))
		require.NoError(t, err)
		require.Equal(t, 1, attempt.Reopened)
		require.NoError(t, records.End(t.Context(), b, documents.Outcome{State: documents.Moved, Job: "second"}))
		require.NoError(t, records.Settle(t.Context(), moveB, documents.Outcome{State: documents.Failed, Reason: "late"}), "of the first job")
		waiting(documents.Move{Source: b, Job: "second"})
		require.Equal(t, documents.Moved, state(b).State)
	})
	t.Run("triggers do not share records", func(t *testing.T) {
		s := source("shared")
		must(1, s)
		other := records
		other.Trigger = "invoices"
		attempt, err := begin(other, s)
		require.NoError(t, err)
		require.Equal(t, 1, attempt)
	})

	t.Run("what never began does not end", func(t *testing.T) {
		s := source("never")
		require.NoError(t, records.End(t.Context(), s, documents.Outcome{State: documents.Done}))
		must(1, s)
	})
}

// losesAnswers makes each update twice, as the SDK does where the answer was lost.
type losesAnswers struct{ *dynamodb.Client }

func (c losesAnswers) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, options ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	_, _ = c.Client.UpdateItem(ctx, in, options...)
	return c.Client.UpdateItem(ctx, in, options...)
}

func config(endpoint string) aws.Config {
	return aws.Config{Region: "us-east-1", BaseEndpoint: &endpoint, Credentials: credentials.NewStaticCredentialsProvider("test", "test", "")}
}
