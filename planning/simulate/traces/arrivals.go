package traces

import (
	"bufio"
	"bytes"
	"cmp"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"tandem/planning/simulate"
)

// Rate turns the tokens of a request into time on a GPU.
type Rate struct {
	// PrefillPerSecond and DecodePerSecond are tokens a second of one request; above 0.
	PrefillPerSecond, DecodePerSecond float64
}

// V100 is the rate that the comparison assumes: a 7B model on one V100, one
// request at a time. It is an assumption to have times of the right order, not
// a measurement.
var V100 = Rate{PrefillPerSecond: 2000, DecodePerSecond: 25}

func (r Rate) time(context, generated float64) time.Duration {
	s := context/r.PrefillPerSecond + generated/r.DecodePerSecond
	return max(time.Millisecond, time.Duration(s*float64(time.Second)))
}

// Columns of a CSV, by the names in its first line, and what they mean. Names
// are found whatever their case; further columns are passed over.
type Columns struct {
	// Time of the arrival: a date and a time, or seconds. Defaults to TIMESTAMP.
	Time string
	// Seconds is the column with how long a job takes. Without it there is Rate.
	Seconds string
	// Context and Generated are the columns with the tokens in and out that Rate
	// works through. They default to ContextTokens and GeneratedTokens.
	Context, Generated string
	Rate               Rate
	// Timeless reads arrivals only, and each job takes a second: something else
	// tells how long.
	Timeless bool
}

// The columns of Azure's traces.
const (
	timeColumn      = "TIMESTAMP"
	contextColumn   = "ContextTokens"
	generatedColumn = "GeneratedTokens"
	header          = timeColumn + "," + contextColumn + "," + generatedColumn
)

// Arrivals reads requests one by one from a CSV such as Azure's
// (https://github.com/Azure/AzurePublicDataset, AzureLLMInferenceTrace 2023):
//
//	TIMESTAMP,ContextTokens,GeneratedTokens
//	2023-11-16 18:17:03.9799600,4808,10
//
// It holds one line at a time, however long the file. After the last, Err tells
// whether reading ended at the end of the file.
type Arrivals struct {
	// Name of the file, for errors.
	Name    string
	Columns Columns

	lines   *bufio.Scanner
	line    int
	rows    rows
	moments moments
	// Places of the columns that are used; -1 for those that are not.
	at, seconds, context, generated int
	first                           time.Time
	last                            time.Duration
	err                             error
}

// NewArrivals reads from a CSV of a name.
func NewArrivals(name string, from io.Reader, columns Columns) (*Arrivals, error) {
	columns.Time = cmp.Or(columns.Time, timeColumn)
	columns.Context, columns.Generated = cmp.Or(columns.Context, contextColumn), cmp.Or(columns.Generated, generatedColumn)
	byTokens := columns.Seconds == "" && !columns.Timeless
	if rate := columns.Rate; byTokens && !(rate.PrefillPerSecond > 0 && rate.DecodePerSecond > 0) {
		return nil, fmt.Errorf("reading %s: the rates of %g and %g tokens a second must be above 0", name, rate.PrefillPerSecond, rate.DecodePerSecond)
	}
	a := &Arrivals{Name: name, Columns: columns, lines: bufio.NewScanner(from), at: -1, seconds: -1, context: -1, generated: -1}
	if !a.scan() {
		if a.err == nil {
			a.err = a.fail("is empty; the first line must name its columns, such as %s", header)
		}
		return nil, a.err
	}
	a.rows.header(a.lines.Text())
	wanted := map[string]*int{columns.Time: &a.at}
	switch {
	case columns.Seconds != "":
		wanted[columns.Seconds] = &a.seconds
	case byTokens:
		wanted[columns.Context], wanted[columns.Generated] = &a.context, &a.generated
	}
	for _, name := range []string{columns.Time, columns.Seconds, columns.Context, columns.Generated} {
		if place := wanted[name]; place != nil {
			if *place = a.rows.column(name); *place < 0 {
				return nil, a.fail("has columns %q; %s is missing", strings.Join(a.rows.names, ","), name)
			}
		}
	}
	return a, nil
}

// Err is what ended the reading before the end of the file, if anything did.
func (a *Arrivals) Err() error { return a.err }

// Fill implements simulate.Source.
func (a *Arrivals) Fill(buffer []simulate.Job) int {
	for i := range buffer {
		if !a.next(&buffer[i]) {
			return i
		}
	}
	return len(buffer)
}

func (a *Arrivals) next(job *simulate.Job) bool {
	for a.err == nil && a.scan() {
		row := bytes.TrimSpace(a.lines.Bytes())
		if len(row) == 0 {
			continue
		}
		if err := a.parse(row, job); err != nil {
			a.err = a.fail("%w", err)
			return false
		}
		return true
	}
	return false
}

func (a *Arrivals) scan() bool {
	a.line++
	if a.lines.Scan() {
		return true
	}
	if err := a.lines.Err(); err != nil {
		a.err = a.fail("cannot be read: %w", err)
	}
	return false
}

func (a *Arrivals) parse(row []byte, job *simulate.Job) error {
	if err := a.rows.split(row); err != nil {
		return err
	}
	stamp := a.rows.fields[a.at]
	at, err := a.moments.read(stamp)
	if err != nil {
		return err
	}
	if a.first.IsZero() {
		a.first = at
	}
	since := at.Sub(a.first)
	if since < a.last {
		return fmt.Errorf("%s lies before the arrival ahead of it; sort the file by time", stamp)
	}
	if since-a.last > longest {
		return fmt.Errorf("%s lies more than a year after the arrival ahead of it", stamp)
	}
	a.last = since
	took, err := a.duration()
	if err != nil {
		return err
	}
	*job = simulate.Job{At: since, Duration: took, Priority: simulate.Normal}
	return nil
}

// longest is more than any job takes, and far from overflow.
const longest = 366 * 24 * time.Hour

func (a *Arrivals) duration() (time.Duration, error) {
	switch {
	case a.Columns.Timeless:
		return time.Second, nil
	case a.seconds >= 0:
		field := a.rows.fields[a.seconds]
		seconds, err := strconv.ParseFloat(string(field), 64)
		if err != nil || !(seconds > 0 && seconds <= longest.Seconds()) {
			return 0, fmt.Errorf("%s of %q is no number of seconds above 0 and up to a year", a.Columns.Seconds, field)
		}
		return max(1, time.Duration(seconds*float64(time.Second))), nil
	}
	in, err := tokens(a.rows.fields[a.context])
	if err != nil {
		return 0, err
	}
	out, err := tokens(a.rows.fields[a.generated])
	if err != nil {
		return 0, err
	}
	return min(a.Columns.Rate.time(in, out), longest), nil
}

func tokens(raw []byte) (float64, error) {
	n, err := strconv.ParseUint(string(raw), 10, 32)
	if err != nil {
		return 0, fmt.Errorf("%q is no number of tokens", raw)
	}
	return float64(n), nil
}

func (a *Arrivals) fail(format string, arguments ...any) error {
	return fmt.Errorf("%s:%d: "+format, append([]any{a.Name, a.line}, arguments...)...)
}

// Load reads all of a CSV with tokens.
func Load(name string, from io.Reader, rate Rate) ([]simulate.Job, error) {
	arrivals, err := NewArrivals(name, from, Columns{Rate: rate})
	if err != nil {
		return nil, err
	}
	return arrivals.All(mostRecorded)
}

// mostRecorded jobs are 40 MB in memory a million.
const mostRecorded = 10_000_000

// All reads what is left into memory, up to so many jobs.
func (a *Arrivals) All(most int) ([]simulate.Job, error) {
	var all []simulate.Job
	buffer := make([]simulate.Job, 1024)
	for n := a.Fill(buffer); n > 0; n = a.Fill(buffer) {
		if all = append(all, buffer[:n]...); len(all) > most {
			return nil, fmt.Errorf("%s: has more than the %d arrivals that fit into memory: play it as it is, without repeating it, or cut it", a.Name, most)
		}
	}
	if a.err != nil {
		return all, a.err
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s: no arrivals", a.Name)
	}
	return all, nil
}
