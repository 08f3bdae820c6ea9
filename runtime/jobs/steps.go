package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"
)

// keepTrail is how long steps, checkpoints and partial output outlive the time
// that finished jobs are kept for: a job may wait and run for months before it
// is over, and a step that disappeared would run twice.
const keepTrail = 180 * 24 * time.Hour

// PutStep stores the result of a step once. If one with the key is stored
// already it comes back instead, with false. Results above [InlineStep] go to a
// blob under [StepKey] first. ErrLeaseLost if the attempt has no say any more.
func (r *Runner) PutStep(ctx context.Context, held Held, key string, result Payload) (Step, bool, error) {
	if err := checkStep(key, result); err != nil {
		return Step{}, false, err
	}
	now := r.now()
	step, stored, err := r.store.PutStep(ctx, held, Step{Key: key, Result: result, Fence: held.Fence,
		Stored: now, ExpiresAt: r.trailExpires(now)})
	return step, stored, lost(err)
}

func checkStep(key string, result Payload) error {
	switch {
	case key == "" || len(key) > MaxStepKey || !utf8.ValidString(key):
		return &InvalidError{Field: "key", Reason: fmt.Sprintf("must be UTF-8 of 1 to %d bytes", MaxStepKey)}
	case len(result.Inline) > InlineStep:
		return &InvalidError{Field: "result", Reason: "is too large to be kept inline; store it under jobs.StepKey"}
	default:
		return nil
	}
}

// GetStep returns a stored step; false if there is none.
func (r *Runner) GetStep(ctx context.Context, held Held, key string) (Step, bool, error) {
	return r.store.GetStep(ctx, held, key)
}

// ListSteps returns up to limit steps in the order of their keys, after a key.
func (r *Runner) ListSteps(ctx context.Context, held Held, after string, limit int) ([]Step, error) {
	return r.store.ListSteps(ctx, held, after, limit)
}

// SaveCheckpoint makes the data, a blob under [CheckpointKey], the job's
// checkpoint. The blob of the one before may be deleted once this returns.
// ErrLeaseLost if the attempt has no say any more.
func (r *Runner) SaveCheckpoint(ctx context.Context, held Held, data Payload) error {
	if data.BlobKey == "" && len(data.Inline) > InlineStep {
		return &InvalidError{Field: "checkpoint", Reason: "is too large to be kept inline; store it under jobs.CheckpointKey"}
	}
	now := r.now()
	return lost(r.store.PutCheckpoint(ctx, held, Checkpoint{Data: data, Fence: held.Fence, Saved: now,
		ExpiresAt: r.trailExpires(now)}))
}

// LastCheckpoint returns the job's checkpoint; false if there is none. A first
// attempt, with fence 1, need not ask.
func (r *Runner) LastCheckpoint(ctx context.Context, held Held) (Checkpoint, bool, error) {
	return r.store.GetCheckpoint(ctx, held)
}

// Append stores partial output, numbered from first on. It does not check the
// fence: readers discard the output of earlier attempts.
func (r *Runner) Append(ctx context.Context, held Held, first int64, pieces ...[]byte) error {
	now, events := r.now(), make([]Event, 0, len(pieces))
	for i, piece := range pieces {
		if len(piece) > MaxEvent {
			return &InvalidError{Field: "output", Reason: fmt.Sprintf("must be at most %d bytes a piece", MaxEvent)}
		}
		events = append(events, Event{EventPosition: EventPosition{Fence: held.Fence, Sequence: first + int64(i)},
			Data: piece, At: now, ExpiresAt: r.trailExpires(now)})
	}
	if len(events) == 0 {
		return nil
	}
	if err := r.store.AppendEvents(ctx, held, events); err != nil {
		return errors.Join(fmt.Errorf("storing partial output of job %s", held.ID), err)
	}
	return nil
}

func (r *Runner) trailExpires(now time.Time) time.Time { return until(now, r.options.Keep+keepTrail) }
