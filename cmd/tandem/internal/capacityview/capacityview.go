// Package capacityview shows what the capacity controller decided last, and why.
package capacityview

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"time"

	"tandem/cmd/tandem/internal/display"
	"tandem/runtime/capacity"
	"tandem/runtime/fleetstate"
)

// Stale is the age of a decision from which on it tells of the past: the
// controller decides each minute.
const Stale = 3 * time.Minute

// View is a decision for people and programs.
type View struct {
	// At is when it was made, and AgeSeconds its age.
	At         time.Time `json:"at"`
	AgeSeconds int       `json:"ageSeconds"`
	// Stale says that the controller should have decided again since.
	Stale bool `json:"stale"`
	// LookAgain is when something changes even if nothing happens before; at the
	// latest the controller looks a minute after At.
	LookAgain time.Time `json:"lookAgain,omitzero"`
	Workers   []Worker  `json:"workers"`
	// Avoided zones and types, where trouble has piled up.
	Avoided []capacity.Avoidance `json:"avoided"`
}

// Worker is one worker's part.
type Worker struct {
	Name string `json:"name"`
	fleetstate.WorkerDecision
}

// New makes a view of all workers, or of one.
func New(state fleetstate.State, worker string, now time.Time) View {
	view := View{At: state.At, AgeSeconds: int(now.Sub(state.At).Seconds()), Stale: now.Sub(state.At) > Stale,
		LookAgain: state.Decision.LookAgain, Workers: []Worker{}, Avoided: []capacity.Avoidance{}}
	for _, name := range slices.Sorted(maps.Keys(state.Decision.Workers)) {
		if worker == "" || worker == name {
			view.Workers = append(view.Workers, Worker{name, state.Decision.Workers[name]})
		}
	}
	for _, avoided := range state.Decision.Avoid {
		if avoided.Until.After(now) {
			view.Avoided = append(view.Avoided, avoided)
		}
	}
	return view
}

// Print writes a view for people.
func (v View) Print(w io.Writer, now time.Time) error {
	again := "within a minute"
	if v.LookAgain.After(now) && v.LookAgain.Before(v.At.Add(time.Minute)) {
		again = "in " + display.Span(v.LookAgain.Sub(now))
	}
	if v.Stale {
		again = "should have long since"
	}
	if err := display.Fields(w, display.Field{Name: "decided", Value: display.Ago(v.At, now)}, display.Field{Name: "looks again", Value: again}); err != nil {
		return err
	}
	fmt.Fprintln(w)
	var rows [][]string
	for _, worker := range v.Workers {
		rows = append(rows, []string{worker.Name, strconv.Itoa(worker.Waiting), strconv.Itoa(worker.Running), strconv.Itoa(worker.Wanted),
			of(worker.SpotRunning, worker.Spot), of(worker.OnDemandRunning, worker.OnDemand)})
	}
	if err := display.Table(w, []string{"WORKER", "WAITING", "RUNNING", "NEEDS", "SPOT", "ON DEMAND"}, rows); err != nil {
		return err
	}
	for _, worker := range v.Workers {
		fmt.Fprintf(w, "\n%s: %s\n", display.Clean(worker.Name), display.Clean(worker.Reason))
		if worker.Limited != "" {
			fmt.Fprintf(w, "  limited: %s\n", display.Clean(worker.Limited))
		}
		if worker.Fallback {
			fmt.Fprintln(w, "  on-demand stands in for spot")
		}
	}
	if len(v.Avoided) == 0 {
		return nil
	}
	fmt.Fprintln(w, "\ntrouble piles up:")
	rows = nil
	for _, avoided := range v.Avoided {
		rows = append(rows, []string{avoided.Group, avoided.Zone + avoided.Type, display.Span(avoided.Until.Sub(now)), avoided.Reason})
	}
	return display.Table(w, []string{"GROUP", "ZONE OR TYPE", "FOR", "WHY"}, rows)
}

// of writes how many tasks run of those that were asked for.
func of(running, asked int) string { return fmt.Sprintf("%d of %d", running, asked) }
