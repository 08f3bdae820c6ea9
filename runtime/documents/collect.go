package documents

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"mime"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

const (
	// collectors look at jobs at once.
	collectors = 16
	// collectTime is what one look at a job may still take when no other is begun.
	collectTime = 5 * time.Second
)

// Collect looks at every job that a document became. The result of one that
// succeeded is written where those of other documents are, once; any other end is
// the document's failure. It goes on to the next after an error, and returns all.
func (p *Processor) Collect(ctx context.Context) error {
	if p.options.Overflow == nil {
		return nil
	}
	moves, err := p.options.Moves.Moved(ctx)
	if err != nil {
		return fmt.Errorf("finding the documents of %s that wait for jobs: %w", p.options.Settings.Name, err)
	}
	// When there is not the time for all, another run begins elsewhere.
	rand.Shuffle(len(moves), func(i, j int) { moves[i], moves[j] = moves[j], moves[i] })
	errs := make([]error, len(moves))
	slots := make(chan struct{}, collectors)
	var all sync.WaitGroup
	for i, move := range moves {
		slots <- struct{}{}
		if deadline, found := ctx.Deadline(); ctx.Err() != nil || found && deadline.Sub(p.options.Now()) < collectTime {
			break
		}
		all.Go(func() {
			defer func() { <-slots }()
			if err := p.collect(ctx, move); err != nil {
				errs[i] = fmt.Errorf("collecting job %s of %s: %w", move.Job, move.Source.Key, err)
			}
		})
	}
	all.Wait()
	return errors.Join(errs...)
}

func (p *Processor) collect(ctx context.Context, move Move) error {
	end, err := p.options.JobEnds.End(ctx, move.Job, maxDocument)
	if err != nil || end == nil {
		return err
	}
	outcome, err := p.settle(ctx, move, *end)
	if err != nil {
		return err
	}
	if err := p.options.Moves.Settle(ctx, move, outcome); err != nil {
		return err
	}
	p.options.Log.InfoContext(ctx, "job of a document ended", "documents", p.options.Settings.Name, "key", move.Source.Key,
		"version", move.Source.Version, "job", move.Job, "state", string(outcome.State), "reason", outcome.Reason)
	return nil
}

// settle writes the result of a job that has one.
func (p *Processor) settle(ctx context.Context, move Move, end JobEnd) (Outcome, error) {
	failed := func(reason string) (Outcome, error) {
		return Outcome{State: Failed, Job: move.Job, Reason: reason}, nil
	}
	if end.Failure != "" {
		return failed(end.Failure)
	}
	analysis, err := analysisOf(end)
	if err != nil {
		return failed(err.Error())
	}
	if err := p.meets(analysis); err != nil {
		return failed("of the worker: " + err.Error())
	}
	key, err := p.write(ctx, Result{Document: move.Source, Worker: end.Worker, Job: move.Job, Analysis: analysis})
	var rejected *Rejected
	switch {
	case errors.As(err, &rejected):
		return failed(rejected.Reason)
	case err != nil:
		return Outcome{}, err
	default:
		return Outcome{State: Done, Job: move.Job, Result: key}, nil
	}
}

// analysisOf is a job's result as a member of a [Result].
func analysisOf(end JobEnd) (json.RawMessage, error) {
	kind, _, _ := mime.ParseMediaType(end.ContentType) // anything else is text, if it is
	switch {
	case kind == "application/json" || strings.HasSuffix(kind, "+json"):
		if !json.Valid(end.Content) {
			return nil, errors.New("the job's result says that it is JSON, and is not")
		}
		return end.Content, nil
	case !utf8.Valid(end.Content):
		return nil, errors.New("the job's result is neither JSON nor text; it is kept with the job")
	default:
		return json.Marshal(string(end.Content))
	}
}
