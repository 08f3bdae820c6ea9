package model

import (
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"time"
)

// Ways in which a container misbehaves.
const (
	Fails   = "fails"   // answers 500
	Garbage = "garbage" // answers what is no answer
	Hangs   = "hangs"   // does not answer
	Crashes = "crashes" // dies in the middle
)

// Script is the input of a job: what its container shall do.
type Script struct {
	// Number of the job, for people.
	Number int `json:"number"`
	// Millis of work.
	Millis int `json:"millis"`
	// Steps that the work is made of, memoised each.
	Steps int `json:"steps,omitempty"`
	// Checkpoints that are saved on the way.
	Checkpoints int `json:"checkpoints,omitempty"`
	// Result is how many bytes it is padded to.
	Result int `json:"result,omitempty"`
	// Misbehaves in this way, at the first attempt only unless Always.
	Misbehaves string `json:"misbehaves,omitempty"`
	Always     bool   `json:"always,omitempty"`
	// Pad makes the input large.
	Pad string `json:"pad,omitempty"`
}

// Result is what a container answers.
type Result struct {
	Job   string            `json:"job"`
	Fence int64             `json:"fence"`
	ID    string            `json:"id"`
	Steps map[string]string `json:"steps,omitempty"`
	Pad   string            `json:"pad,omitempty"`
}

// What a record tells.
const (
	Began  = "began"
	Ended  = "ended"
	Missed = "missed" // asked for a step that is not stored, and runs it
	Stored = "stored" // knows that a step is stored, and its value
	Saved  = "saved"  // a checkpoint
	Loaded = "loaded" // a checkpoint
)

// Outcomes of an invocation.
const (
	Answered  = "answered"
	Told      = "told to stop"
	Cut       = "cut"
	Unhelpful = "the local API refused"
)

// Record is one line of a container's output.
type Record struct {
	What    string            `json:"what"`
	Job     string            `json:"job"`
	Fence   int64             `json:"fence"`
	Begun   time.Time         `json:"begun"`
	At      time.Time         `json:"at"`
	Outcome string            `json:"outcome,omitempty"`
	Answer  string            `json:"answer,omitempty"`
	Steps   map[string]string `json:"steps,omitempty"`
	Key     string            `json:"key,omitempty"`
	Value   string            `json:"value,omitempty"`
	// Count of the checkpoint that was saved or loaded.
	Count int `json:"count,omitempty"`
}

// recorder writes records, each at once.
type recorder struct {
	mutex sync.Mutex
	to    io.Writer
}

func (r *recorder) record(record Record) {
	record.At = time.Now()
	line, err := json.Marshal(record)
	if err != nil {
		line = fmt.Appendf(nil, `{"what":%q}`, err)
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	_, _ = r.to.Write(append(line, '\n'))
}
