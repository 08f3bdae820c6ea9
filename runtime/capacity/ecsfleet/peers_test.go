package ecsfleet_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/capacity/ecsfleet"
	"tandem/runtime/jobs"
)

// TestPeersWaitForMetricsThatLag: CloudWatch's queue metrics come up to 15
// minutes late after a queue was idle, so what scales by them sleeps as long.
// Here counts are asked of SQS, and a submit says itself that there is work.
func TestPeersWaitForMetricsThatLag(t *testing.T) {
	f := newCloud()
	require.NoError(t, f.controller().Run(t.Context(), ecsfleet.Trigger{Source: ecsfleet.Wake, Worker: "trainer", At: f.now}))
	require.Equal(t, 1, f.services["trainer-spot"].desired, "at once, though no queue counts a message")
	f.depths[training] = jobs.Depth{Visible: 1}
	f.now = f.now.Add(15 * time.Minute)
	require.NoError(t, f.controller().Run(t.Context(), schedule))
	require.Equal(t, 1, f.services["trainer-spot"].desired)
}

// TestPeersStartTwoInstancesForOneTask: desired count alone brings instances by
// a target tracking that starts two from zero
// (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cluster-auto-scaling.html, 2026-11-24).
func TestPeersStartTwoInstancesForOneTask(t *testing.T) {
	f := newCloud()
	f.depths[training] = jobs.Depth{Visible: 1}
	require.NoError(t, f.controller().Run(t.Context(), schedule))
	require.Equal(t, map[string]int{"small-spot": 1}, f.desired)
}

// TestPeersCountWhatTheTemplateSays: a deploy sets the count that the template
// has, and what runs is scaled in by it.
func TestPeersCountWhatTheTemplateSays(t *testing.T) {
	f := newCloud()
	f.depths[normal] = jobs.Depth{Visible: 8}
	require.NoError(t, f.minute(t.Context()))
	require.Equal(t, 4, f.services["analyser-spot"].desired)
	f.services["analyser-spot"].desired = 0
	require.NoError(t, f.controller().Run(t.Context(), schedule))
	require.Equal(t, 4, f.services["analyser-spot"].desired)
}
