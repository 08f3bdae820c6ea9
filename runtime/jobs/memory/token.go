package memory

import (
	"encoding/json"
	"fmt"
	"time"
)

// token names the place at which the next page begins.
func (d due) token() string {
	raw, _ := json.Marshal(dueToken{d.deadline, d.since, d.id})
	return string(raw)
}

func parseDue(token string) (due, error) {
	var parsed dueToken
	if err := json.Unmarshal([]byte(token), &parsed); err != nil {
		return due{}, fmt.Errorf("going on with a scan: %w", err)
	}
	return due{parsed.Deadline, parsed.Since, parsed.ID}, nil
}

type dueToken struct {
	Deadline time.Time
	Since    time.Time
	ID       string
}
