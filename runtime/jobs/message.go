package jobs

import (
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
)

// Message is what a queue carries: which job may be runnable, nothing more.
type Message struct {
	// ID of the job.
	ID string `json:"id"`
	// Tenant groups messages so that one tenant's backlog does not hold up the others.
	Tenant string `json:"-"`
	// Watch marks a message that guards a running job: whoever meets a live lease
	// deletes it, since the next renewal sends another.
	Watch bool `json:"watch,omitempty"`
}

// Body renders the message as JSON.
func (m Message) Body() string {
	// An id is a UUID: nothing in it needs escaping.
	if m.Watch {
		return `{"id":"` + m.ID + `","watch":true}`
	}
	return `{"id":"` + m.ID + `"}`
}

// ParseMessage reads what Body wrote. ErrBadMessage for anything else.
func ParseMessage(body string) (Message, error) {
	var m Message
	if err := json.Unmarshal([]byte(body), &m); err != nil {
		return Message{}, fmt.Errorf("%w: %w", ErrBadMessage, err)
	}
	if !ValidID(m.ID) {
		return Message{}, fmt.Errorf("%w: the id is not a UUID", ErrBadMessage)
	}
	return m, nil
}

// ValidID tells whether id is a UUID in canonical form.
func ValidID(id string) bool {
	if len(id) != 36 {
		return false
	}
	parsed, err := uuid.Parse(id)
	return err == nil && parsed.String() == id
}
