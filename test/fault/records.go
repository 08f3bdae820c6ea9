package fault

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"time"

	"tandem/test/fault/history"
	"tandem/test/fault/model"
	"tandem/test/fault/table"
	"tandem/test/fault/wire"
)

// recorded takes a line of a container's output.
func (u *unit) recorded(log *os.File, line []byte) {
	_, _ = log.Write(append(line, '\n'))
	var r model.Record
	if json.Unmarshal(line, &r) != nil {
		return
	}
	monitor, container := u.run.monitor, u.model.Name()
	switch r.What {
	case model.Began:
		monitor.Invoked(history.Invocation{Container: container, Job: r.Job, Fence: r.Fence, Begun: r.Begun})
	case model.Ended:
		u.run.counts.add("attempts that "+outcomes[r.Outcome], 1)
		monitor.Invoked(history.Invocation{Container: container, Job: r.Job, Fence: r.Fence, Begun: r.Begun, Ended: r.At,
			Outcome: r.Outcome, Answer: r.Answer, Steps: r.Steps})
	case model.Missed, model.Stored:
		monitor.Step(history.StepEvent{Container: container, Job: r.Job, Fence: r.Fence, Key: r.Key, Did: r.What, Value: r.Value,
			Begun: r.Begun, Ended: r.At})
	case model.Saved, model.Loaded:
		monitor.Checkpoint(history.CheckpointEvent{Job: r.Job, Fence: r.Fence, Did: r.What, Count: r.Count, Begun: r.Begun, Ended: r.At})
	}
}

var outcomes = map[string]string{
	model.Answered: "answered", model.Told: "were told to stop", model.Cut: "were cut", model.Unhelpful: "the local API refused",
	model.Fails: "answered 500", model.Garbage: "answered garbage", model.Hangs: "hung", model.Crashes: "crashed",
}

// observed takes a call that reached AWS.
func (r *run) observed(e wire.Exchange) {
	switch {
	case e.Does == "receive":
		for _, id := range wire.Received(e.Answer) {
			r.monitor.Delivered(history.Delivery{Worker: e.By, Job: id, At: e.Returned})
		}
	case e.Service == wire.DynamoDB && e.Write.Kind != table.Other:
		r.monitor.Wrote(history.Write{By: e.By, Request: e.Write, Answer: e.Write.Answer(e.Status, e.Answer), Called: e.Called, Returned: e.Returned})
	}
	if e.Status >= http.StatusInternalServerError {
		r.counts.add(fmt.Sprintf("the emulator answered %s with %d", e.Operation, e.Status), 1)
	}
}

// log opens the log of a process.
func (r *run) log(name string) (*os.File, error) {
	file, err := os.OpenFile(r.Folder+"/"+name+".log", os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the log of %s: %w", name, err)
	}
	return file, nil
}

// since is a time in a run, for people.
func (r *run) since(at time.Time) string { return fmt.Sprintf("%.1f s", at.Sub(r.began).Seconds()) }
