package traces

import (
	"bufio"
	"bytes"
	"errors"
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

// Arrivals reads requests one by one from a CSV of the form of Azure's
// (https://github.com/Azure/AzurePublicDataset, AzureLLMInferenceTrace 2023):
//
//	TIMESTAMP,ContextTokens,GeneratedTokens
//	2023-11-16 18:17:03.9799600,4808,10
//
// It holds one line at a time, however long the file. After the last, Err tells
// whether reading ended at the end of the file.
type Arrivals struct {
	// Name of the file, for errors.
	Name string
	Rate Rate

	lines *bufio.Scanner
	line  int
	first time.Time
	last  time.Duration
	err   error
}

const header = "TIMESTAMP,ContextTokens,GeneratedTokens"

// NewArrivals reads from a CSV of a name.
func NewArrivals(name string, from io.Reader, rate Rate) (*Arrivals, error) {
	if !(rate.PrefillPerSecond > 0 && rate.DecodePerSecond > 0) {
		return nil, fmt.Errorf("reading %s: the rates of %g and %g tokens a second must be above 0", name, rate.PrefillPerSecond, rate.DecodePerSecond)
	}
	a := &Arrivals{Name: name, Rate: rate, lines: bufio.NewScanner(from)}
	if !a.scan() {
		if a.err == nil {
			a.err = a.fail("is empty; the first line must be %s", header)
		}
		return nil, a.err
	}
	if got := strings.TrimPrefix(strings.TrimSpace(a.lines.Text()), "\ufeff"); got != header {
		return nil, a.fail("has columns %q; they must be %s", got, header)
	}
	return a, nil
}

// Err is what ended the reading before the end of the file, if anything did.
func (a *Arrivals) Err() error { return a.err }

// Fill implements simulate.Source.
func (a *Arrivals) Fill(buffer []simulate.Job) int {
	for i := range buffer {
		job, ok := a.next()
		if !ok {
			return i
		}
		buffer[i] = job
	}
	return len(buffer)
}

func (a *Arrivals) next() (simulate.Job, bool) {
	for a.err == nil && a.scan() {
		row := bytes.TrimSpace(a.lines.Bytes())
		if len(row) == 0 {
			continue
		}
		job, err := a.parse(row)
		if err != nil {
			a.err = err
			return simulate.Job{}, false
		}
		return job, true
	}
	return simulate.Job{}, false
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

func (a *Arrivals) parse(row []byte) (simulate.Job, error) {
	stamp, rest, one := bytes.Cut(row, []byte{','})
	context, generated, two := bytes.Cut(rest, []byte{','})
	if !one || !two || bytes.IndexByte(generated, ',') >= 0 {
		return simulate.Job{}, a.fail("%q has not the columns %s", row, header)
	}
	at, err := time.Parse("2006-01-02 15:04:05", string(stamp))
	if err != nil {
		return simulate.Job{}, a.fail("%q is no time such as 2023-11-16 18:17:03.97996", stamp)
	}
	in, err := tokens(context)
	out, failed := tokens(generated)
	if err := errors.Join(err, failed); err != nil {
		return simulate.Job{}, a.fail("%q: %w", row, err)
	}
	if a.first.IsZero() {
		a.first = at
	}
	since := at.Sub(a.first)
	if since < a.last {
		return simulate.Job{}, a.fail("%s lies before the arrival ahead of it; sort the file by time", stamp)
	}
	a.last = since
	return simulate.Job{At: since, Duration: a.Rate.time(in, out), Priority: simulate.Normal}, nil
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

// Load reads all of a CSV.
func Load(name string, from io.Reader, rate Rate) ([]simulate.Job, error) {
	arrivals, err := NewArrivals(name, from, rate)
	if err != nil {
		return nil, err
	}
	var all []simulate.Job
	buffer := make([]simulate.Job, 1024)
	for n := arrivals.Fill(buffer); n > 0; n = arrivals.Fill(buffer) {
		all = append(all, buffer[:n]...)
	}
	if err := arrivals.Err(); err != nil {
		return all, err
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s: no arrivals", name)
	}
	return all, nil
}
