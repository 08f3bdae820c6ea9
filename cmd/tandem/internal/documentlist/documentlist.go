// Package documentlist shows what became of a trigger's uploads, and has failed
// ones analysed again.
package documentlist

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"tandem/cmd/tandem/internal/display"
	"tandem/cmd/tandem/internal/exit"
	"tandem/runtime/documents"
)

// Trigger is one kind of upload.
type Trigger interface {
	documents.Ledger
	// Start has a document analysed, as its upload did. It returns at once.
	Start(ctx context.Context, source documents.Source) error
}

// Table shows records, those that ended last first.
func Table(w io.Writer, records []documents.Record) error {
	var rows [][]string
	for _, r := range Sorted(records) {
		ended := ""
		if !r.Ended.IsZero() {
			ended = r.Ended.Format(time.DateTime)
		}
		rows = append(rows, []string{r.Source.Key, string(r.State), fmt.Sprint(r.Attempts), ended, strings.TrimSpace(r.Result + " " + r.Job + " " + r.Reason)})
	}
	return display.Table(w, []string{"DOCUMENT", "STATE", "ATTEMPTS", "ENDED", "RESULT, JOB OR REASON"}, rows)
}

// Sorted returns records, those that ended last first.
func Sorted(records []documents.Record) []documents.Record {
	return slices.SortedStableFunc(slices.Values(records), func(a, b documents.Record) int { return b.Ended.Compare(a.Ended) })
}

// Redrive has failed documents analysed again: those with the keys, or all. It
// returns what was started, also with an error.
func Redrive(ctx context.Context, trigger Trigger, keys []string, dryRun bool) ([]documents.Record, error) {
	failed, err := trigger.List(ctx, documents.Failed, documents.Retry)
	if err != nil {
		return nil, err
	}
	failed = slices.DeleteFunc(failed, func(r documents.Record) bool { return r.State == documents.Retry && !reopened(r) })
	for _, key := range keys {
		if !slices.ContainsFunc(failed, func(r documents.Record) bool { return r.Source.Key == key }) {
			return nil, exit.With(exit.NotFound, fmt.Errorf("no failed document is called %s; 'tandem documents list' shows them", key))
		}
	}
	started := []documents.Record{}
	for _, r := range failed {
		if len(keys) > 0 && !slices.Contains(keys, r.Source.Key) {
			continue
		}
		if !dryRun {
			err := start(ctx, trigger, r)
			if errors.Is(err, documents.ErrDone) {
				continue // somebody was faster
			}
			if err != nil {
				return started, err
			}
		}
		started = append(started, r)
	}
	return started, nil
}

// reopened tells of a record whose redrive was cut off before the analysis was started.
func reopened(r documents.Record) bool { return r.State == documents.Retry && r.Attempts == 0 }

func start(ctx context.Context, trigger Trigger, r documents.Record) error {
	if !reopened(r) {
		if err := trigger.Reopen(ctx, r.Source); err != nil {
			return err
		}
	}
	return trigger.Start(ctx, r.Source)
}
