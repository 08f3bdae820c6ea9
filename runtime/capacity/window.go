package capacity

import (
	"fmt"
	"slices"
	"time"
)

// ReadWindow reads a window as a configuration writes it: days as mon to sun,
// times of day as 08:30, a time zone by its IANA name (empty is UTC). It fails
// where one of them is none.
func ReadWindow(days []string, from, to, timeZone string, minimum int) (Window, error) {
	// In time.Weekday's order.
	names := []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}
	read := Window{Minimum: minimum}
	for _, name := range days {
		day := slices.Index(names, name)
		if day < 0 {
			return read, fmt.Errorf("%q is no day: write mon, tue, wed, thu, fri, sat or sun", name)
		}
		read.Days = append(read.Days, time.Weekday(day))
	}
	for _, side := range []struct {
		text string
		into *time.Duration
	}{{from, &read.From}, {to, &read.To}} {
		moment, err := time.Parse("15:04", side.text)
		if err != nil {
			return read, fmt.Errorf("%q is no time of day: write it as 08:30", side.text)
		}
		*side.into = time.Duration(moment.Hour())*time.Hour + time.Duration(moment.Minute())*time.Minute
	}
	var err error
	if read.Location, err = time.LoadLocation(timeZone); err != nil {
		return read, fmt.Errorf("no time zone is called %q: use an IANA name, such as Europe/Berlin", timeZone)
	}
	return read, nil
}
