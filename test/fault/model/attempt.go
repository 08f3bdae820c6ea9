package model

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"
)

// attempt is one invocation.
type attempt struct {
	server *Server
	api    *api
	job    string
	fence  int64
	begun  time.Time
}

func (a *attempt) record(r Record) {
	r.Job, r.Fence = a.job, a.fence
	if r.Begun.IsZero() {
		r.Begun = a.begun
	}
	a.server.recorder.record(r)
}

func (a *attempt) end(outcome string, result Result) {
	a.record(Record{What: Ended, Outcome: outcome, Answer: result.ID, Steps: result.Steps})
}

// work does what the script says and returns how that ended.
func (a *attempt) work(ctx context.Context, script Script) (Result, string) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stopping := a.stopping(ctx, script)
	result := Result{Steps: map[string]string{}}
	parts := max(1, script.Steps, script.Checkpoints)
	part := time.Duration(script.Millis) * time.Millisecond / time.Duration(parts)
	done := 0
	if script.Checkpoints > 0 && a.fence > 1 {
		loaded, outcome := a.load(ctx)
		if outcome != "" {
			return result, outcome
		}
		done = loaded
	}
	for i := range parts {
		if script.Steps > 0 {
			if outcome := a.step(ctx, "step-"+strconv.Itoa(i), part, script, result.Steps); outcome != "" {
				return result, outcome
			}
		} else if i >= done {
			sleep(ctx, part)
		}
		if script.Checkpoints > 0 && i >= done {
			if outcome := a.save(ctx, i+1, script); outcome != "" {
				return result, outcome
			}
		}
		select {
		case <-stopping:
			return result, Told
		case <-ctx.Done():
			return result, Cut
		default:
		}
	}
	return result, Answered
}

// stopping is closed when the worker asks for a stop. Only work that saves
// checkpoints wants to know.
func (a *attempt) stopping(ctx context.Context, script Script) <-chan struct{} {
	told := make(chan struct{})
	if script.Checkpoints > 0 {
		go func() {
			if a.api.waitForStop(ctx) {
				close(told)
			}
		}()
	}
	return told
}

// step runs one step, unless it is stored already.
func (a *attempt) step(ctx context.Context, key string, takes time.Duration, script Script, values map[string]string) string {
	begun := time.Now()
	value, found, err := a.api.getStep(ctx, key)
	if err != nil {
		return outcome(ctx)
	}
	if found {
		values[key] = identity(value)
		a.record(Record{What: Stored, Key: key, Value: identity(value), Begun: begun})
		return ""
	}
	a.record(Record{What: Missed, Key: key, Begun: begun})
	sleep(ctx, takes)
	value = rand.Text()
	if script.Number%10 == 0 { // above what is kept in an item
		value += strings.Repeat("s", 6<<10)
	}
	stored, err := a.api.putStep(ctx, key, value)
	if err != nil {
		return outcome(ctx)
	}
	values[key] = identity(stored)
	a.record(Record{What: Stored, Key: key, Value: identity(stored), Begun: begun})
	return ""
}

// save stores how far the work is.
func (a *attempt) save(ctx context.Context, count int, script Script) string {
	begun := time.Now()
	state := strconv.Itoa(count)
	if script.Number%10 == 0 {
		state += strings.Repeat(" ", 6<<10)
	}
	if a.api.putCheckpoint(ctx, state) != nil {
		return outcome(ctx)
	}
	a.record(Record{What: Saved, Count: count, Begun: begun})
	return ""
}

func (a *attempt) load(ctx context.Context) (int, string) {
	begun := time.Now()
	state, err := a.api.getCheckpoint(ctx)
	if err != nil {
		return 0, outcome(ctx)
	}
	count, _ := strconv.Atoi(strings.TrimSpace(state))
	a.record(Record{What: Loaded, Count: count, Begun: begun})
	return count, ""
}

func outcome(ctx context.Context) string {
	if ctx.Err() != nil {
		return Cut
	}
	return Unhelpful
}

// identity stands for a value.
func identity(value string) string {
	sum := sha256.Sum256([]byte(value))
	return hex.EncodeToString(sum[:8])
}

func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
