package ecsfleet

import (
	"context"
	"encoding/json"
	"regexp"
	"strings"
	"time"
)

// Source is why a run is made.
type Source string

// The sources.
const (
	Schedule      Source = "schedule"
	Wake          Source = "wake"
	TaskChanged   Source = "task"
	Interruption  Source = "interruption"
	Rebalance     Source = "rebalance"
	LaunchFailure Source = "launch_failure"
)

// Trigger is what made the controller run. Whatever it says, everything is
// looked at; it only adds what cannot be seen by looking.
type Trigger struct {
	Source Source
	At     time.Time
	// Worker that a job waits for, on a wake.
	Worker string
	// Again is how long after a wake to look once more.
	Again time.Duration
	// Instance that EC2 takes back.
	Instance string
	// Group is the Auto Scaling group that could not launch, in Zone, for Reason.
	Group, Zone, Reason string
	// Task that has started.
	Task Stages
}

// matters says whether something would be lost if the run were left out.
func (t Trigger) matters() bool {
	return t.Source == Wake || t.Source == Interruption || t.Source == LaunchFailure
}

// Handle runs the controller for an event of Lambda. On a wake it looks once
// more when others are no longer held back, so that a burst's last job counts.
func (c *Controller) Handle(ctx context.Context, event json.RawMessage) error {
	trigger := ParseTrigger(event, c.options.Now())
	err := c.Run(ctx, trigger)
	if trigger.Source != Wake || trigger.Again <= 0 {
		return err
	}
	timer := time.NewTimer(trigger.Again)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return err
	case <-timer.C:
	}
	again := Trigger{Source: Schedule, At: c.options.Now()}
	if err != nil {
		// The first look failed, and the job still waits.
		again = trigger
	}
	return c.Run(ctx, again)
}

// event is the parts of EventBridge's and our own events that are used.
type event struct {
	Source     string          `json:"source"`
	DetailType string          `json:"detail-type"`
	Time       time.Time       `json:"time"`
	Worker     string          `json:"worker"`
	At         int64           `json:"at"`
	Again      int64           `json:"again"`
	Detail     json.RawMessage `json:"detail"`
}

type detail struct {
	InstanceID    string `json:"instance-id"`
	Group         string `json:"AutoScalingGroupName"`
	StatusMessage string
	Cause         string
	Details       struct {
		Zone string `json:"Availability Zone"`
	}
}

// ParseTrigger reads an event. What it does not know is taken for the schedule's.
func ParseTrigger(raw json.RawMessage, now time.Time) Trigger {
	var e event
	var d detail
	if json.Unmarshal(raw, &e) != nil {
		return Trigger{Source: Schedule, At: now}
	}
	// A detail of another form leaves everything empty.
	_ = json.Unmarshal(e.Detail, &d)
	t := Trigger{Source: Schedule, At: now}
	if !e.Time.IsZero() {
		t.At = e.Time.UTC()
	}
	switch {
	case e.Source == "tandem.wake":
		t.Source, t.Worker, t.At = Wake, e.Worker, time.UnixMilli(e.At).UTC()
		t.Again = time.Duration(e.Again) * time.Millisecond
	case e.DetailType == "EC2 Spot Instance Interruption Warning":
		t.Source, t.Instance = Interruption, d.InstanceID
	case e.DetailType == "EC2 Instance Rebalance Recommendation":
		t.Source, t.Instance = Rebalance, d.InstanceID
	case e.DetailType == "EC2 Instance Launch Unsuccessful":
		t.Source, t.Group, t.Zone, t.Reason = LaunchFailure, d.Group, d.Details.Zone, reason(d.StatusMessage+" "+d.Cause)
	case strings.HasPrefix(e.DetailType, "ECS "):
		t.Source = TaskChanged
		_ = json.Unmarshal(e.Detail, &t.Task)
	}
	return t
}

// code finds EC2's error code in a sentence such as "Could not launch Spot
// Instances. InsufficientInstanceCapacity - There is no Spot capacity available
// that matches your request. Launching EC2 instance failed.".
var code = regexp.MustCompile(`\b[A-Z][a-z]+([A-Z][a-z]+)+\b`)

func reason(message string) string {
	if found := code.FindString(message); found != "" {
		return found
	}
	message = strings.TrimSpace(message)
	return message[:min(len(message), 100)]
}
