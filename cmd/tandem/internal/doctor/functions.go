package doctor

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// Functions tells how Lambda functions fared.
type Functions interface {
	// Errors returns how many calls of a function there were since a time, and
	// how many of them failed.
	Errors(ctx context.Context, function string, since time.Time) (calls, failures int, err error)
}

// functionCheck finds functions that fail: the controller that wakes the
// fleet, the sweeper, the courier, the API.
type functionCheck struct {
	account Functions
	made    *inventory
	Deployment
}

// Name implements Check.
func (functionCheck) Name() string { return "functions" }

// What implements Check.
func (functionCheck) What() string { return "the functions do not fail" }

// Run implements Check.
func (c functionCheck) Run(ctx context.Context) ([]Finding, error) {
	functions, err := c.made.ofType(ctx, "AWS::Lambda::Function")
	if err != nil {
		return nil, err
	}
	logs, err := c.made.ofType(ctx, "AWS::Logs::LogGroup")
	if err != nil {
		return nil, err
	}
	var findings []Finding
	for _, function := range functions {
		calls, failures, err := c.account.Errors(ctx, function.ID, c.Now.Add(-time.Hour))
		if err != nil {
			return findings, fmt.Errorf("counting the errors of %s: %w", function.ID, err)
		}
		result := Warn
		if 2*failures > calls {
			result = Fail
		}
		if failures > 0 {
			findings = append(findings, finding(result, "aws logs tail --since 1h --filter-pattern ERROR "+logOf(function, logs),
				"%s failed in %d of %d calls in the last hour", function.LogicalID, failures, calls))
		}
	}
	return orAllWell(findings, "%d functions, no error in the last hour", len(functions))
}

// functionID is the logical id of a function: its construct, and a hash.
var functionID = regexp.MustCompile(`^(.+)Function[0-9A-F]{8}$`)

// logOf finds the log group beside a function, in the same construct.
func logOf(function Resource, logs []Resource) string {
	if construct := functionID.FindStringSubmatch(function.LogicalID); construct != nil {
		for _, log := range logs {
			if strings.HasPrefix(log.LogicalID, construct[1]+"Logs") {
				return log.ID
			}
		}
	}
	return "/aws/lambda/" + function.ID
}
