package compare_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/planning/simulate/traces"
	"tandem/prices"
	"tandem/test/bench/capacity/compare"
	"tandem/test/checkout"
)

const day = 24 * time.Hour

// workloads by their names.
func workloads(names ...string) []compare.Workload {
	var some []compare.Workload
	for _, workload := range compare.Workloads() {
		for _, name := range names {
			if workload.Name == name {
				some = append(some, workload)
			}
		}
	}
	return some
}

func TestShippedTracesGiveTheSummariesThatWereAgreedOn(t *testing.T) {
	set, err := traces.Shipped(traces.V100)
	require.NoError(t, err)
	cells, err := compare.Matrix{Traces: set, Workloads: workloads("jobs", "sparse", "long", "deadlines"), Length: 4 * day}.Run(t.Context())
	require.NoError(t, err)
	var got strings.Builder
	encoder := json.NewEncoder(&got)
	for _, cell := range cells {
		for _, result := range append([]compare.Result{cell.Ours}, cell.Peers...) {
			require.NoError(t, encoder.Encode(map[string]any{"workload": cell.Workload.Name, "policy": result.Name, "summary": result.Summary}))
		}
	}
	golden := filepath.Join("testdata", "shipped.jsonl")
	if os.Getenv("TANDEM_UPDATE") != "" {
		require.NoError(t, os.WriteFile(golden, []byte(got.String()), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err, "run 'make test-update' and read what it writes")
	require.Equal(t, strings.Split(string(want), "\n"), strings.Split(got.String(), "\n"), "run 'make test-update' and read the difference")
}

// Whatever traces there are: ten days of each.
func TestOursMissesNoDeadlineInReachOnAnyTrace(t *testing.T) {
	root, err := checkout.Root()
	require.NoError(t, err)
	set, err := traces.Find(os.Getenv(traces.Variable), root, traces.V100)
	require.NoError(t, err)
	for _, ours := range []compare.Entrant{compare.Ours(), compare.ByBacklog()} {
		cells, err := compare.Matrix{Traces: set, Workloads: workloads("long", "deadlines"), Length: 10 * day, Entrant: ours, OnlyOurs: true}.Run(t.Context())
		require.NoError(t, err)
		for _, cell := range cells {
			require.Positive(t, cell.Ours.Deadlines)
			require.Zero(t, cell.Ours.MissedInReach, "%s: %s on %s and %s", ours.Name, cell.Workload.Name, cell.Recording.Name, cell.Market.Name)
			require.Zero(t, cell.Ours.Unfinished)
		}
	}
}

func TestPricesAreThoseOfTheTable(t *testing.T) {
	table, err := prices.Load()
	require.NoError(t, err)
	onDemand, err := table.OnDemand(prices.Home, "g5.xlarge")
	require.NoError(t, err)
	spot, err := table.SpotPrice(prices.Home, "g5.xlarge")
	require.NoError(t, err)
	require.InDelta(t, compare.OnDemandPrice, onDemand.USD, 1e-9)
	require.InDelta(t, compare.SpotPrice, spot.USD, 1e-9)
}

func TestTheReportSaysWhereAPromiseIsNotKept(t *testing.T) {
	result := func(name string, cost, wait float64) compare.Result {
		r := compare.Result{Name: name}
		r.Cost, r.Wait.P95 = cost, wait
		return r
	}
	cell := compare.Cell{Workload: compare.Workloads()[0], Market: traces.Market{Name: "zone"}, Ours: result("ours", 10, 100),
		Peers: []compare.Result{result("cheap and fast", 9, 90), result("cheap and slow", 9, 200), result("fast", 20, 50)},
		Tuned: []compare.Result{result("other", 8, 150)}}
	report := compare.Report([]compare.Cell{cell}, compare.Figures{})
	require.Contains(t, report, "better in both cost and P95 wait: **not** in 1: cheap and fast, short on zone.")
	require.Contains(t, report, "deadline is missed that was in reach: kept.")
	require.Contains(t, report, "| cheap and fast | 1 | 0 | 0 | 1 |  |")
	require.Contains(t, report, "| cheap and slow | 1 | 1 | 0 | 0 |  |")
	require.Contains(t, report, "| cheap and fast | 9 / 90 s (better) |")
}
