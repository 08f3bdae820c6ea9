package traces

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"time"
)

// moments reads timestamps. A day is parsed once, as most rows are of the day of
// the row before; that makes reading as fast as simulating.
type moments struct {
	prefix []byte // of a row, such as "2023-11-16 "
	day    time.Time
}

const dayLength = len("2023-11-16 ")

// layouts that are read, beside seconds. Each may have a fraction.
var layouts = []string{"2006-01-02 15:04:05", "2006-01-02 15:04:05Z07:00", "2006-01-02T15:04:05", time.RFC3339}

// read returns the time that a field tells: a date and a time, in UTC where it
// names no zone, or seconds from wherever the file begins to count.
func (m *moments) read(field []byte) (time.Time, error) {
	if len(m.prefix) > 0 && bytes.HasPrefix(field, m.prefix) {
		if since, ok := clock(field[dayLength:]); ok {
			return m.day.Add(since), nil
		}
	}
	for _, layout := range layouts {
		at, err := time.Parse(layout, string(field))
		if err != nil {
			continue
		}
		if _, plain := clock(field[min(dayLength, len(field)):]); plain {
			m.prefix = append(m.prefix[:0], field[:dayLength]...)
			m.day = at.UTC().Truncate(24 * time.Hour)
		}
		return at, nil
	}
	if seconds, err := strconv.ParseFloat(string(field), 64); err == nil && seconds >= 0 && seconds < 1e11 {
		whole, part := math.Modf(seconds)
		return time.Unix(int64(whole), int64(math.Round(part*1e9))), nil
	}
	return time.Time{}, fmt.Errorf("%q is no time such as 2023-11-16 18:17:03.97996, nor a number of seconds", field)
}

// clock reads 18:17:03.9799600 in UTC, with Z or +00:00 after it or nothing.
func clock(text []byte) (time.Duration, bool) {
	if len(text) < len("18:17:03") || text[2] != ':' || text[5] != ':' {
		return 0, false
	}
	hours, a := twoDigits(text[0:])
	minutes, b := twoDigits(text[3:])
	seconds, c := twoDigits(text[6:])
	if !a || !b || !c || hours > 23 || minutes > 59 || seconds > 59 {
		return 0, false
	}
	since := time.Duration(hours*3600+minutes*60+seconds) * time.Second
	rest := text[8:]
	if len(rest) > 1 && rest[0] == '.' {
		rest = rest[1:]
		unit := 100 * time.Millisecond
		for len(rest) > 0 && rest[0] >= '0' && rest[0] <= '9' {
			since += time.Duration(rest[0]-'0') * unit
			unit /= 10
			rest = rest[1:]
		}
	}
	return since, len(rest) == 0 || string(rest) == "Z" || string(rest) == "+00:00"
}

func twoDigits(text []byte) (int, bool) {
	tens, ones := text[0]-'0', text[1]-'0'
	return int(tens)*10 + int(ones), tens <= 9 && ones <= 9
}
