package scenario

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"tandem/gpuagent/internal/checks"
	"tandem/gpuagent/internal/health"
	"tandem/runtime/nodestatus"
)

// readExpect reads what is to be seen of the agent: expect node IMPAIRED XID_79
func readExpect(line words) (func(*World) error, error) {
	what, rest := line.at(0), line[min(1, len(line)):]
	switch what {
	case "node":
		return expectNode(rest)
	case "gpu":
		return expectGPU(rest)
	case "file":
		return func(w *World) error {
			w.mutex.Lock()
			defer w.mutex.Unlock()
			if (w.status.Spot != nil) != slices.Contains(w.status.Reasons, checks.SpotInterruption) {
				return fmt.Errorf("the notice is %v, the reasons are %v", w.status.Spot, w.status.Reasons)
			}
			return same(fmt.Sprintln(append([]any{w.status.State}, anys(w.status.Reasons)...)...), rest.rest(0))
		}, nil
	case "action":
		return func(w *World) error { return same(w.verdict().Action, rest.at(0)) }, nil
	case "note":
		return func(w *World) error { return w.hasNote(rest.at(0)) }, nil
	case "phase":
		return func(w *World) error {
			report := w.actor.Report()
			return same(strings.TrimSpace(fmt.Sprint(report.Phase, " ", report.Reason)), rest.rest(0))
		}, nil
	case "blocked", "would", "evidence":
		return func(w *World) error {
			report := w.actor.Report()
			said := map[string]string{"blocked": report.Blocked, "would": report.Would, "evidence": w.verdict().Evidence}[what]
			if rest.rest(0) == "" && said != "" || !strings.Contains(said, rest.rest(0)) {
				return fmt.Errorf("it says %q", said)
			}
			return nil
		}, nil
	case "calls":
		return func(w *World) error { return same(strings.Join(w.fleet.Calls(w.self), " "), rest.rest(0)) }, nil
	case "holders", "writes", "xids":
		return expectNumber(what, rest)
	default:
		return nil, fmt.Errorf("%q is none of node, gpu, file, action, note, phase, blocked, would, evidence, calls, holders, writes, xids", what)
	}
}

func anys(of []string) (out []any) {
	for _, each := range of {
		out = append(out, each)
	}
	return out
}

// same compares what was seen with what was to be.
func same[T ~string](seen T, wanted string) error {
	if got := strings.TrimSpace(string(seen)); got != wanted {
		return fmt.Errorf("it is %q", got)
	}
	return nil
}

func (w *World) verdict() health.Judgement { return w.watcher.Snapshot().Health }

var states = []string{string(nodestatus.OK), string(nodestatus.Impaired), string(nodestatus.Initializing), string(nodestatus.InsufficientData)}

// expectNode reads a state and the gravest reason.
func expectNode(line words) (func(*World) error, error) {
	_, err := line.one(0, states...)
	return func(w *World) error {
		verdict := w.verdict()
		return same(strings.TrimSpace(fmt.Sprint(verdict.State, " ", verdict.Reason)), line.rest(0))
	}, err
}

// expectGPU reads an index, a state and the gravest reason.
func expectGPU(line words) (func(*World) error, error) {
	index, err := line.number(0)
	if _, state := line.one(1, states...); state != nil {
		err = errors.Join(err, state)
	}
	return func(w *World) error {
		for _, gpu := range w.verdict().GPUs {
			if gpu.Index == index {
				return same(strings.TrimSpace(fmt.Sprint(gpu.State, " ", gpu.Reason)), line.rest(1))
			}
		}
		return fmt.Errorf("there is no GPU %d", index)
	}, err
}

func (w *World) hasNote(reason string) error {
	verdict := w.verdict()
	var seen []string
	for _, note := range verdict.Notes {
		seen = append(seen, note.Reason)
	}
	if !slices.Contains(seen, reason) {
		return fmt.Errorf("the notes are %v", seen)
	}
	return nil
}

// expectNumber reads a number that is reached and not passed: holders 2, writes 3.
func expectNumber(what string, line words) (func(*World) error, error) {
	wanted, err := line.number(0)
	return func(w *World) error {
		var seen int
		switch what {
		case "holders":
			seen = w.places.Holders()
		case "writes":
			w.mutex.Lock()
			seen = w.writes
			w.mutex.Unlock()
		default:
			for _, count := range w.watcher.Snapshot().Counters.Xids {
				seen += int(count.Count)
			}
		}
		if seen != wanted {
			return fmt.Errorf("it is %d", seen)
		}
		return nil
	}, err
}
