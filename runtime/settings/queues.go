package settings

import (
	"encoding/json"
	"fmt"
	"slices"
)

// Queues names the SQS queue of each worker and priority. It travels as JSON
// with the part that all URLs share written once, because a Lambda function
// takes 4 KB of environment variables in all
// (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html, 2026-11-24).
type Queues struct {
	// Base is what every queue URL starts with: https://sqs.<region>.<suffix>/<account>/.
	Base string `json:"base"`
	// Workers maps a worker's name to its priorities, and those to queue names.
	Workers map[string]map[string]string `json:"workers"`
}

// MarshalText renders the queues as JSON.
func (q Queues) MarshalText() ([]byte, error) {
	type plain Queues
	return json.Marshal(plain(q))
}

// UnmarshalText reads what MarshalText wrote.
func (q *Queues) UnmarshalText(raw []byte) error {
	type plain Queues
	if err := json.Unmarshal(raw, (*plain)(q)); err != nil {
		return fmt.Errorf("reading the queues of the workers: %w", err)
	}
	return nil
}

// URL returns the queue URL of a worker and priority, and whether there is one.
func (q Queues) URL(worker, priority string) (string, bool) {
	name, found := q.Workers[worker][priority]
	return q.Base + name, found
}

// Names returns the workers' names in alphabetical order.
func (q Queues) Names() []string {
	names := make([]string, 0, len(q.Workers))
	for name := range q.Workers {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
