// Package doctor finds what keeps an environment from being deployed or from
// working, and says what to do about it. Each [Check] looks at one thing and
// asks the account only for what it declares; how AWS is asked is left to
// doctor/awsaccount.
package doctor

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"
)

// Result of a finding.
type Result string

// The results, from good to bad. Skipped is that nobody could tell, or that
// there was nothing to look at.
const (
	OK      Result = "ok"
	Skipped Result = "skipped"
	Warn    Result = "warn"
	Fail    Result = "fail"
)

// Finding is what one check found of one thing.
type Finding struct {
	Result Result
	// Found in words.
	Found string
	// Next is what to do; empty where nothing needs to be done.
	Next string
}

// Check looks at one thing.
type Check interface {
	// Name for programs, such as gpu-quota.
	Name() string
	// What it looks at, in words.
	What() string
	// Run returns at least one finding. An error means that it could not look.
	Run(ctx context.Context) ([]Finding, error)
}

// Line is a finding with the check that made it.
type Line struct {
	Check  string `json:"check"`
	What   string `json:"what"`
	Result Result `json:"result"`
	Found  string `json:"found"`
	Next   string `json:"next,omitempty"`
}

// atOnce bounds the checks that run at the same time.
const atOnce = 8

// Run runs checks, some at a time, and returns their findings in the order of
// the checks. Done is told when one has ended; it may be called from several
// goroutines. Why explains an error in words.
func Run(ctx context.Context, checks []Check, done func(), why func(error) string) []Line {
	found := make([][]Finding, len(checks))
	var group errgroup.Group
	group.SetLimit(atOnce)
	for i, check := range checks {
		group.Go(func() error {
			defer done()
			findings, err := check.Run(ctx)
			if err != nil {
				findings = append(findings, Finding{Result: Skipped, Found: "could not look: " + why(err)})
			}
			found[i] = findings
			return nil
		})
	}
	_ = group.Wait()
	var lines []Line
	for i, check := range checks {
		for _, finding := range found[i] {
			lines = append(lines, Line{Check: check.Name(), What: check.What(), Result: finding.Result, Found: finding.Found, Next: finding.Next})
		}
	}
	return lines
}

// Count tells how many findings have a result.
func Count(lines []Line, result Result) int {
	n := 0
	for _, line := range lines {
		if line.Result == result {
			n++
		}
	}
	return n
}

func finding(result Result, next, format string, values ...any) Finding {
	return Finding{Result: result, Found: fmt.Sprintf(format, values...), Next: next}
}

// one is the common case of a single finding.
func one(result Result, next, format string, values ...any) ([]Finding, error) {
	return []Finding{finding(result, next, format, values...)}, nil
}

// orAllWell returns findings, or a single good one where there are none.
func orAllWell(findings []Finding, format string, values ...any) ([]Finding, error) {
	if len(findings) == 0 {
		return one(OK, "", format, values...)
	}
	return findings, nil
}
