package cost

import (
	"encoding/json"
	"io/fs"
	"os"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"tandem/prices"
)

const snapshots = "../../test/snapshots/"

var environments = []string{"dev", "staging", "prod"}

func load(t *testing.T) *prices.Table {
	t.Helper()
	table, err := prices.Load()
	require.NoError(t, err)
	return table
}

func estimate(t *testing.T, files fs.FS, traffic *Traffic) *Report {
	t.Helper()
	assembly, err := Read(files)
	require.NoError(t, err)
	tokens, err := prices.LoadTokens()
	require.NoError(t, err)
	report, err := Estimate(assembly, Options{Prices: load(t), Tokens: tokens, Traffic: traffic})
	require.NoError(t, err)
	return report
}

// line of a report by the beginning of its resource.
func line(t *testing.T, r *Report, prefix string) Line {
	t.Helper()
	for _, line := range r.Lines {
		if len(line.Resource) >= len(prefix) && line.Resource[:len(prefix)] == prefix {
			return line
		}
	}
	require.Fail(t, "no line", "%s", prefix)
	return Line{}
}

// The corpus is every type that this project's stacks synthesise.
func TestThePriceOfEveryTypeThatOurStacksSynthesiseIsKnown(t *testing.T) {
	for _, environment := range environments {
		report := estimate(t, os.DirFS(snapshots+environment), nil)
		require.Empty(t, report.Unknown, "%s: price these types in planning/cost/catalogue.go, or say why they are free", environment)
		require.Equal(t, environment, report.Name)
		require.Greater(t, report.Fixed, 30.0)
		require.Zero(t, report.PerUse)
		for name, free := range report.Free {
			require.NotEmpty(t, free.Reason, name)
		}
	}
}

func TestAnUnknownTypeIsListedAndNeverFree(t *testing.T) {
	report := estimate(t, one(t, "AWS::Quantum::Computer", nil), nil)
	require.Equal(t, []string{"Stack/It (AWS::Quantum::Computer)"}, report.Unknown)
	require.Contains(t, report.Summary(), "1 resources without a known price")
	require.Empty(t, report.Free)
}

// Worked out by hand from the price list, us-east-1, 730 hours.
func TestAnIdleProductionCostsWhatStandsThere(t *testing.T) {
	report := estimate(t, os.DirFS(snapshots+"prod"), nil)
	for prefix, want := range map[string]float64{
		"Network/NetworkVpcPublicSubnet1NATGateway": 32.85,                                              // 730 x 0.045
		"Network/NetworkVpcPublicSubnet1EIP":        3.65,                                               // 730 x 0.005
		"Services/LlamaServiceLoadBalancer":         16.425,                                             // 730 x 0.0225
		"Api/ApiFirewall":                           9,                                                  // 5 + 4 rules
		"State/Key":                                 1,                                                  // a month
		"State/WebhookSecret":                       0.4,                                                // a month
		"Observability/WatchJobsDashboard":          3,                                                  // a month
		"Compute/ServingOnDemandGroup":              2*730*0.9776 + 2*100*0.08 + 2*375*0.04,             // two g6.2xlarge with 100 GB at 500 MiB/s
		"Compute/SingleSpotGroup":                   0,                                                  // sleeps
		"Compute/ServingSpotGroup":                  0,                                                  // the base of two is on demand
		"Compute/Cluster":                           17 * 0.30,                                          // 8 metrics, and 9 of the service
		"Workers/CapacityFunction":                  43800 * (0.2/1e6 + 0.5*.25*0.0000133334 + 5.0/1e6), // a call a minute, 256 MiB, half a second, a trace
		"Workers/CourierFunctionSqs":                5 * 730 * 180 * 0.4 / 1e6,                          // five polls of 20 s
		"Network/NetworkVpcS3":                      0,                                                  // a gateway endpoint
	} {
		require.InDelta(t, want, line(t, report, prefix).USD(), 1e-6, prefix)
	}
	require.Equal(t, "models", line(t, report, "Compute/ServingOnDemandGroup").Tier)
	require.Equal(t, "jobs", line(t, report, "Compute/SingleSpotGroup").Tier)
}

func TestASleepingDevelopmentCostsLittle(t *testing.T) {
	report := estimate(t, os.DirFS(snapshots+"dev"), nil)
	nat := 730*0.0042 + 8*0.08 + 730*0.005
	require.InDelta(t, nat, line(t, report, "Network/NetworkVpcPublicSubnet1NatInstance").USD(), 1e-9)
	require.Zero(t, line(t, report, "Compute/ServingOnDemandGroup").Fixed, "the model sleeps")
	require.Less(t, report.USD(), 60.0)
	// Three dashboards, ten alarms and ten metrics of an account are free.
	require.GreaterOrEqual(t, report.FreeAmounts, 3*3.0)
	require.Less(t, report.FreeAmounts, 3*3.0+10*.1+10*.3+1)
}

func TestTheSumIsThatOfTheLinesAndOfTheTiers(t *testing.T) {
	traffic := busy(t)
	for _, environment := range environments {
		report := estimate(t, os.DirFS(snapshots+environment), traffic)
		var lines, items, tiers float64
		for _, line := range report.Lines {
			lines += line.USD()
			for _, item := range line.Items {
				items += item.USD()
				require.GreaterOrEqual(t, item.USD(), 0.0)
			}
		}
		for _, tier := range report.Tiers {
			tiers += tier.Fixed + tier.PerUse
		}
		require.InDelta(t, report.USD(), lines, 1e-6)
		require.InDelta(t, report.USD(), items, 1e-6)
		require.InDelta(t, report.USD(), tiers, 1e-6)
	}
}

// one is a template with one resource.
func one(t *testing.T, kind string, properties map[string]any) fs.FS {
	t.Helper()
	return stack(t, map[string]any{"It": map[string]any{"Type": kind, "Properties": properties}})
}

func stack(t *testing.T, resources map[string]any) fs.FS {
	t.Helper()
	raw, err := json.Marshal(map[string]any{"Resources": resources})
	require.NoError(t, err)
	return fstest.MapFS{"Stack.template.json": {Data: raw}}
}
