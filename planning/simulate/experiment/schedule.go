package experiment

import (
	"fmt"
	"slices"
	"time"

	"tandem/config"
	"tandem/runtime/capacity"
)

// windowOf is a window of a configuration as the policy has it.
func windowOf(window config.Window) (capacity.Window, error) {
	// In time.Weekday's order.
	names := []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}
	read := capacity.Window{Minimum: window.Minimum}
	for _, name := range window.Days {
		day := slices.Index(names, name)
		if day < 0 {
			return read, fmt.Errorf("%q is no day: write mon, tue, wed, thu, fri, sat or sun", name)
		}
		read.Days = append(read.Days, time.Weekday(day))
	}
	for _, side := range []struct {
		text string
		into *time.Duration
	}{{window.From, &read.From}, {window.To, &read.To}} {
		moment, err := time.Parse("15:04", side.text)
		if err != nil {
			return read, fmt.Errorf("%q is no time of day: write it as 08:30", side.text)
		}
		*side.into = time.Duration(moment.Hour())*time.Hour + time.Duration(moment.Minute())*time.Minute
	}
	var err error
	if read.Location, err = time.LoadLocation(window.TimeZone); err != nil {
		return read, fmt.Errorf("no time zone is called %q: use an IANA name, such as Europe/Berlin", window.TimeZone)
	}
	return read, nil
}
