package main

import (
	"context"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/cmd/tandem/internal/apitest"
	"tandem/cmd/tandem/internal/deployed"
	"tandem/cmd/tandem/internal/documentlist"
	"tandem/cmd/tandem/internal/exit"
	"tandem/runtime/documents"
)

// uploads is a trigger in memory.
type uploads struct {
	records []documents.Record
	started []string
}

func (u *uploads) List(_ context.Context, states ...documents.State) (found []documents.Record, err error) {
	for _, r := range u.records {
		if len(states) == 0 || slices.Contains(states, r.State) {
			found = append(found, r)
		}
	}
	return found, nil
}

func (u *uploads) Reopen(_ context.Context, source documents.Source) error {
	for i, r := range u.records {
		if r.Source == source && r.State == documents.Failed {
			u.records[i].State, u.records[i].Attempts = documents.Retry, 0
			return nil
		}
	}
	return documents.ErrDone
}

func (u *uploads) Start(_ context.Context, source documents.Source) error {
	u.started = append(u.started, source.Key)
	return nil
}

func (a *fakeAccount) Documents(*deployed.Deployment, string) documentlist.Trigger { return a.uploads }

func newUploads(c *console) *uploads {
	record := func(key string, state documents.State, minute int) documents.Record {
		return documents.Record{Source: documents.Source{Bucket: "b", Key: key, Version: "v"}, State: state, Attempts: 3,
			Reason: "because", Ended: time.Date(2026, 1, 1, 0, minute, 0, 0, time.UTC)}
	}
	c.account.uploads = &uploads{records: []documents.Record{
		record("a.pdf", documents.Failed, 1), record("b.pdf", documents.Done, 2), record("c.pdf", documents.Failed, 3),
	}}
	c.account.stacks[0].Outputs["Documents"] = `{"contracts":"function"}`
	return c.account.uploads
}

func TestDocumentsThatFailedAreListedAndAnalysedAgain(t *testing.T) {
	c := newConsole(t, apitest.Options{})
	trigger := newUploads(c)
	var listed []documents.Record
	require.NoError(t, json.Unmarshal([]byte(c.succeed("documents", "list", "--state=failed", "--env=dev", "--json")), &listed))
	require.Len(t, listed, 2)
	require.Equal(t, "c.pdf", listed[0].Source.Key, "the newest first")
	require.Contains(t, c.succeed("documents", "list", "--env=dev"), "a.pdf     failed  3         2026-01-01 00:01:00  because\n")

	require.Equal(t, "a.pdf\nc.pdf\n", c.succeed("documents", "redrive", "--dry-run", "--env=dev"))
	require.Empty(t, trigger.started)
	require.Equal(t, "a.pdf\n", c.succeed("documents", "redrive", "a.pdf", "--env=dev"))
	require.Equal(t, "a.pdf\nc.pdf\n", c.succeed("documents", "redrive", "--env=dev"), "the first may not have been started")
	require.Equal(t, []string{"a.pdf", "a.pdf", "c.pdf"}, trigger.started)
	trigger.records[0].Attempts, trigger.records[2].Attempts = 1, 1
	require.Empty(t, c.succeed("documents", "redrive", "--env=dev"))
}

func TestDocumentsThatAreNotThereAreNamed(t *testing.T) {
	c := newConsole(t, apitest.Options{})
	code, _, talk := c.run("documents", "list", "--env=dev")
	require.Equal(t, exit.NotFound, code)
	require.Contains(t, talk, "takes no documents")
	newUploads(c)
	code, _, talk = c.run("documents", "redrive", "b.pdf", "--env=dev")
	require.Equal(t, exit.NotFound, code)
	require.Contains(t, talk, "no failed document is called b.pdf")
	code, _, talk = c.run("documents", "list", "--name=invoices", "--env=dev")
	require.Equal(t, exit.NotFound, code)
	require.Contains(t, talk, "contracts")
	code, _, _ = c.run("documents", "list", "--state=lost", "--env=dev")
	require.Equal(t, exit.Usage, code)
}
