package documents_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/documents"
	"tandem/runtime/settings"
)

// world is S3, a model, the state table and a job queue in memory.
type world struct {
	mu      sync.Mutex
	objects map[string][]byte
	records map[string]*record
	jobs    map[string]json.RawMessage
	// ends of jobs, by id, and what cannot be reached.
	unreadable string
	ends       map[string]*documents.JobEnd
	unwritable error
	unsettled  error
	now        time.Time
	logs       strings.Builder

	answer  documents.Analysis
	failure error
	slow    bool
	asked   []string
	// crash makes the attempt end without a word after the result was written.
	crash bool
}

type record struct {
	source   documents.Source
	outcome  documents.Outcome
	until    time.Time
	attempts int
	reopened int
	running  bool
}

func newWorld() *world {
	return &world{objects: map[string][]byte{}, records: map[string]*record{}, jobs: map[string]json.RawMessage{}, ends: map[string]*documents.JobEnd{},
		now: time.Unix(1e9, 0), answer: documents.Analysis{Value: json.RawMessage(`"fine"`), Model: "m-1", InputTokens: 7, OutputTokens: 3}}
}

func (w *world) Read(_ context.Context, source documents.Source, _ int64) ([]byte, error) {
	content, found := w.objects[source.Key]
	if !found {
		return nil, documents.ErrGone
	}
	return content, nil
}

func (w *world) Write(_ context.Context, _, key string, content []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.unwritable != nil {
		return w.unwritable
	}
	if _, found := w.objects[key]; found {
		return documents.ErrWritten
	}
	w.objects[key] = content
	return nil
}

func (w *world) Analyse(ctx context.Context, prompt string, _ json.RawMessage) (documents.Analysis, error) {
	w.mu.Lock()
	w.asked = append(w.asked, prompt)
	w.mu.Unlock()
	if w.slow {
		<-ctx.Done()
		return documents.Analysis{}, ctx.Err()
	}
	return w.answer, w.failure
}

func (w *world) Begin(_ context.Context, source documents.Source, until time.Time) (documents.Attempt, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	r := w.records[source.ID()]
	switch {
	case r == nil:
		r = &record{source: source}
		w.records[source.ID()] = r
	case r.running && r.until.After(w.now):
		return documents.Attempt{}, documents.ErrBusy
	case !r.running && r.outcome.State != documents.Retry:
		return documents.Attempt{}, documents.ErrDone
	}
	r.running, r.until = true, until
	r.attempts++
	return documents.Attempt{Number: r.attempts, Reopened: r.reopened}, nil
}

// reopen is a redrive.
func (w *world) reopen(source documents.Source) {
	r := w.records[source.ID()]
	r.outcome.State, r.attempts, r.reopened = documents.Retry, 0, r.reopened+1
}

func (w *world) Moved(context.Context) ([]documents.Move, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var moves []documents.Move
	for _, r := range w.records {
		if !r.running && r.outcome.State == documents.Moved {
			moves = append(moves, documents.Move{Source: r.source, Job: r.outcome.Job})
		}
	}
	return moves, w.failure
}

func (w *world) Settle(_ context.Context, move documents.Move, outcome documents.Outcome) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.unsettled != nil {
		return w.unsettled
	}
	if r := w.records[move.Source.ID()]; r.outcome.State == documents.Moved && r.outcome.Job == move.Job {
		r.outcome = outcome
	}
	return nil
}

// JobEnds of a world; its End is that of Records.
type jobEnds struct{ *world }

func (j jobEnds) End(_ context.Context, job string, _ int64) (*documents.JobEnd, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if job == j.unreadable {
		return nil, errors.New("it cannot be read")
	}
	return j.ends[job], j.failure
}

func (w *world) End(_ context.Context, source documents.Source, outcome documents.Outcome) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.crash {
		return io.ErrUnexpectedEOF
	}
	w.records[source.ID()].outcome, w.records[source.ID()].running = outcome, false
	return nil
}

func (w *world) Submit(_ context.Context, source documents.Source, reopened int, input json.RawMessage) (string, error) {
	if w.failure != nil {
		return "", w.failure
	}
	id := fmt.Sprintf("job-%d-of-%s", reopened, source.ID())
	w.jobs[id] = input
	return id, nil
}

func (w *world) outcome(source documents.Source) documents.Outcome {
	return w.records[source.ID()].outcome
}

// processor makes one; change may alter its options.
func (w *world) processor(t *testing.T, change func(*documents.Options)) *documents.Processor {
	t.Helper()
	options := documents.Options{
		Settings:   settings.Documents{Name: "contracts", ResultPrefix: "analysed/", Timeout: time.Minute},
		Definition: settings.DocumentDefinition{Prompt: "Summarise: {{.Text}}"},
		Objects:    w, Analyser: w, Records: w, Now: func() time.Time { return w.now },
		Text: func(_ context.Context, suffix string, content []byte) (string, error) {
			if suffix != ".txt" {
				return "", &documents.Rejected{Reason: "not text"}
			}
			return string(content), nil
		},
		Log: slog.New(slog.NewJSONHandler(&w.logs, nil)),
	}
	if change != nil {
		change(&options)
	}
	p, err := documents.New(options)
	require.NoError(t, err)
	return p
}

var source = documents.Source{Bucket: "data", Key: "documents/a.TXT", Version: "v1", Size: 5}

const resultKey = "analysed/documents/a.TXT/v1.json"
