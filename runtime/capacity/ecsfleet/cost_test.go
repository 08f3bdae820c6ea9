package ecsfleet_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/prices"
	"tandem/runtime/capacity"
	"tandem/runtime/jobs"
)

// What a run is priced at beside what is counted. A run has taken 0.08 s beside
// an emulator (test/chain); half a second leaves room for AWS's own answers.
const (
	runsAMonth  = 60 * 24 * 30
	secondsARun = 0.5
	gibARun     = 0.25
	// linesOfLambda are its own three log lines a run, in bytes.
	linesOfLambda = 600
	// readKiB are the items that a run reads beside the state: what the sweeper
	// saw, and three weeks of durations of each worker.
	readKiB = 12
	// metricsAtMost: all nine, each written in every hour of the month.
	metricsAtMost = 9
)

// TestAMonthOfRunsCostsFiveDollarsAtMost prices what a run is counted to do, once
// a minute and without any free tier, and keeps docs/capacity.md true.
func TestAMonthOfRunsCostsFiveDollarsAtMost(t *testing.T) {
	f := newCloud()
	f.depths[normal], f.depths[training] = jobs.Depth{Visible: 40, InFlight: 4}, jobs.Depth{Visible: 9}
	f.snapshot.State.Trouble = map[string][]capacity.Trouble{"small": {{Kind: capacity.LaunchFailure, At: f.now, Spot: true, Zone: "us-east-1a", Reason: "InsufficientInstanceCapacity"}}}
	for range 3 {
		require.NoError(t, f.minute(t.Context()))
	}
	clear(f.calls)
	f.log.Reset()
	f.metrics.Reset()
	require.NoError(t, f.minute(t.Context()))
	body, err := json.Marshal(f.snapshot.State)
	require.NoError(t, err)
	// From the two workers and three queues here to twenty and sixty.
	scale := func(two int) float64 { return 10 * float64(two) }
	queues := 60.
	writeKiB := math.Ceil(scale(len(body)) / 1024)
	logged := scale(f.log.Len()) + float64(f.metrics.Len()) + linesOfLambda

	shipped, err := prices.Load()
	require.NoError(t, err)
	price := func(service, item string) float64 {
		found, err := shipped.Service(service, item)
		require.NoError(t, err)
		return found.Each()
	}
	rows := []struct {
		what string
		usd  float64
	}{
		{fmt.Sprintf("Lambda: %d runs of %.1f s at 256 MB", runsAMonth, secondsARun),
			runsAMonth*secondsARun*gibARun*price("lambda", "arm duration") + runsAMonth*price("lambda", "requests")},
		{fmt.Sprintf("SQS: one GetQueueAttributes a queue, %.0f queues", queues), queues * runsAMonth * price("sqs", "standard requests")},
		{fmt.Sprintf("DynamoDB: one write of %.0f KB", writeKiB), writeKiB * runsAMonth * price("dynamodb", "on-demand write unit")},
		{fmt.Sprintf("DynamoDB: one consistent read of %.0f KB", writeKiB+readKiB), math.Ceil((writeKiB+readKiB)/4) * runsAMonth * price("dynamodb", "on-demand read unit")},
		{fmt.Sprintf("CloudWatch: %.0f KB of log a run", logged/1000), logged * runsAMonth / 1e9 * price("cloudwatch", "log ingestion")},
		{fmt.Sprintf("CloudWatch: %d metrics, if each is written in every hour", metricsAtMost), metricsAtMost * price("cloudwatch", "custom metric")},
		{"ECS, Auto Scaling, EventBridge: calls and rules on AWS's own events", 0},
	}
	total := 0.
	var table strings.Builder
	for _, row := range rows {
		total += row.usd
		fmt.Fprintf(&table, "| %s | %.2f |\n", row.what, row.usd)
	}
	fmt.Fprintf(&table, "| **in all** | **%.2f** |\n", total)
	t.Logf("\n%s", table.String())
	require.LessOrEqual(t, total, 5.)
	page, err := os.ReadFile("../../../docs/capacity.md")
	require.NoError(t, err)
	require.Contains(t, string(page), table.String(), "the table of docs/capacity.md is out of date; the new one is above")
}
