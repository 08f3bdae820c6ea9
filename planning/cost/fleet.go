package cost

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"tandem/runtime/settings"
)

// fleet is the bounds that the capacity controller keeps workers within. They
// are a file beside its program; a folder of templates alone does not have it.
type fleet struct {
	known bool
	settings.Fleet
}

func readFleet(a *Assembly) (*fleet, error) {
	for _, r := range a.ofType("AWS::Lambda::Function") {
		if at(r.Properties, "Environment", "Variables", "TANDEM_FLEET_NAMES") == nil {
			continue
		}
		asset, _, _ := strings.Cut(text(r.Properties, "Code", "S3Key"), ".")
		name := "asset." + asset + "/fleet.json"
		raw, err := fs.ReadFile(a.files, name)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrInvalid) {
			return &fleet{}, nil
		}
		if err != nil {
			return nil, fmt.Errorf("reading the workers' bounds: %w", err)
		}
		read := &fleet{known: true}
		if err := json.Unmarshal(raw, &read.Fleet); err != nil {
			return nil, fmt.Errorf("reading the workers' bounds from %s: %w", name, err)
		}
		return read, nil
	}
	return &fleet{known: true}, nil
}

// taskHours a month.
type taskHours struct{ spot, onDemand float64 }

// leastHours is how long the fewest tasks of a worker run in a month: its
// minimum, and more in the windows of its schedule. Of those the on-demand
// base is on demand.
func (f *fleet) leastHours(name string) taskHours {
	worker, found := f.Workers[name]
	if !found {
		return taskHours{}
	}
	const week = 7 * 24 * 60
	var hours taskHours
	for minute := range week {
		tasks := worker.Minimum
		for _, window := range worker.Schedule {
			if holds(window, minute) {
				tasks = max(tasks, window.Minimum)
			}
		}
		onDemand := min(tasks, worker.OnDemandBase)
		hours.onDemand += float64(onDemand) * Hours / week
		hours.spot += float64(tasks-onDemand) * Hours / week
	}
	return hours
}

// holds is whether a window holds in a minute of the week, from Monday on. A
// window whose end is before its start goes past midnight.
func holds(window settings.FleetWindow, minute int) bool {
	from, to := ofDay(window.From), ofDay(window.To)
	day, at := minute/(24*60), minute%(24*60)
	if from < to {
		return on(window.Days, day) && from <= at && at < to
	}
	return on(window.Days, day) && at >= from || on(window.Days, (day+6)%7) && at < to
}

func ofDay(text string) int {
	clock, err := time.Parse("15:04", text)
	if err != nil {
		return 0
	}
	return clock.Hour()*60 + clock.Minute()
}

func on(days []string, day int) bool {
	if len(days) == 0 {
		return true
	}
	for _, name := range days {
		if strings.EqualFold(name, [...]string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}[day]) {
			return true
		}
	}
	return false
}
