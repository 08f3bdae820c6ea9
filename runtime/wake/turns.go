package wake

import (
	"context"
	"time"
)

// Turn says whether it is the caller's turn, among all processes, to wake
// something: one caller in `every` gets it.
type Turn interface {
	Turn(ctx context.Context, name string, every time.Duration) (bool, error)
}

// Turns implements [Fleet] for own services: it shares turns among processes,
// and leaves it to who wakes a service to look at its tasks.
type Turns struct {
	// Store is shared with workers. Required.
	Store Turn
}

var _ Fleet = Turns{}

// Tasks implements Fleet: none are known of.
func (Turns) Tasks(context.Context, string) (int, error) { return 0, nil }

// Turn implements Fleet. A worker may have the same name as a service.
func (t Turns) Turn(ctx context.Context, service string, every time.Duration) (bool, error) {
	return t.Store.Turn(ctx, "service/"+service, every)
}
