package doctor

import (
	"context"
	"fmt"
	"strings"
	"time"

	"tandem/cmd/tandem/internal/display"
)

// Groups tells what Auto Scaling groups have tried.
type Groups interface {
	// Activities returns the latest scaling activities of a group, the newest first.
	Activities(ctx context.Context, group string) ([]Activity, error)
}

// Activity is one attempt to start or end instances.
type Activity struct {
	At time.Time
	// Failed is whether it came to nothing.
	Failed bool
	// Message of the failure.
	Message string
}

// wakeCheck finds groups that could not start an instance when one was wanted.
type wakeCheck struct {
	account Groups
	made    *inventory
	Deployment
}

// Name implements Check.
func (wakeCheck) Name() string { return "wakes" }

// What implements Check.
func (wakeCheck) What() string { return "GPU instances started when they were wanted" }

// recent is how far back failures matter.
const recent = 6 * time.Hour

// Run implements Check.
func (c wakeCheck) Run(ctx context.Context) ([]Finding, error) {
	groups, err := c.made.ofType(ctx, "AWS::AutoScaling::AutoScalingGroup")
	if err != nil {
		return nil, err
	}
	if len(groups) == 0 {
		return one(Skipped, "", "there are no GPU instances")
	}
	var findings []Finding
	for _, group := range groups {
		activities, err := c.account.Activities(ctx, group.ID)
		if err != nil {
			return findings, fmt.Errorf("looking at what %s did: %w", group.ID, err)
		}
		findings = append(findings, c.judge(group, activities)...)
	}
	return orAllWell(findings, "no launch has failed in the last %s", display.Span(recent))
}

// judge fails where the latest attempt failed, and warns where a later one did better.
func (c wakeCheck) judge(group Resource, activities []Activity) []Finding {
	var failed *Activity
	result := Fail
	for i, activity := range activities {
		if c.Now.Sub(activity.At) > recent {
			break
		}
		if activity.Failed {
			failed = &activities[i]
			break
		}
		result = Warn
	}
	if failed == nil {
		return nil
	}
	cause, next := diagnose(failed.Message)
	if result == Warn {
		next = ""
	}
	return []Finding{finding(result, next, "%s: %s, %s: %s", group.ID, cause, display.Ago(failed.At, c.Now), failed.Message)}
}

// causes of failed launches, by what AWS writes.
var causes = []struct{ says, cause, next string }{
	{"VcpuLimitExceeded", "the quota of vCPUs is used up", "ask for more: see the checks 'gpu-quota'"},
	{"MaxSpotInstanceCountExceeded", "the quota of spot vCPUs is used up", "ask for more: see the check 'gpu-quota-spot'"},
	{"InsufficientInstanceCapacity", "AWS has no such instance free", "add instance types or zones to the group; the controller falls back to on-demand by itself"},
	{"UnfulfillableCapacity", "AWS has no such instance free", "add instance types or zones to the group; the controller falls back to on-demand by itself"},
	{"no Spot capacity", "AWS has no spot instance free", "add instance types or zones to the group; the controller falls back to on-demand by itself"},
	{"ServiceLinkedRole", "a service-linked role is missing", "see the check 'spot-role'"},
	{"InvalidKMSKey", "the volumes' key may not be used", "see the check 'volume-key'"},
	{"Unsupported", "a zone does not offer the type", "see the check 'zones'"},
}

func diagnose(message string) (cause, next string) {
	for _, known := range causes {
		if strings.Contains(message, known.says) {
			return known.cause, known.next
		}
	}
	return "a launch failed", "the message names the cause"
}
