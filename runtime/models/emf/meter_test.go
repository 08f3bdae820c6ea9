package emf_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/models"
	"tandem/runtime/models/emf"
)

func record(t *testing.T, options emf.Options, served models.Served, failed error) map[string]any {
	t.Helper()
	var out bytes.Buffer
	options.Writer, options.Application, options.Environment = &out, "tandem", "prod"
	options.Now = func() time.Time { return time.UnixMilli(1_700_000_000_123) }
	emf.New(options).Record("acme", served, failed)
	require.Equal(t, 1, bytes.Count(out.Bytes(), []byte{'\n'}), "one line a call")
	var line map[string]any
	require.NoError(t, json.Unmarshal(out.Bytes(), &line))
	return line
}

func TestEveryMetricAndDimensionThatIsAnnouncedIsThere(t *testing.T) {
	for name, failed := range map[string]error{"an answer": nil, "a failure": errors.New("x")} {
		t.Run(name, func(t *testing.T) {
			line := record(t, emf.Options{}, models.Served{Model: "smart", Route: "openai", Provider: "openai", UpstreamModel: "gpt-4o", Tier: 1,
				Usage: models.Usage{Input: 10, CachedInput: 4, Output: 5}, CostUSD: 0.25, CostKnown: true,
				FirstToken: 1500 * time.Microsecond, Total: 2 * time.Second, Attempts: 2}, failed)
			meta := line["_aws"].(map[string]any)
			require.EqualValues(t, 1_700_000_000_123, meta["Timestamp"])
			directives := meta["CloudWatchMetrics"].([]any)
			require.Len(t, directives, 2)
			for _, each := range directives {
				directive := each.(map[string]any)
				require.Equal(t, emf.Namespace, directive["Namespace"])
				for _, metric := range directive["Metrics"].([]any) {
					require.IsType(t, float64(0), line[metric.(map[string]any)["Name"].(string)], "%v", metric)
				}
				for _, set := range directive["Dimensions"].([]any) {
					for _, dimension := range set.([]any) {
						require.NotEmpty(t, line[dimension.(string)], dimension)
					}
				}
			}
			require.EqualValues(t, 0.25, line["CostUSD"])
			require.EqualValues(t, 10, line["InputTokens"])
			require.Equal(t, "request", line["Tier"])
			if failed == nil {
				require.EqualValues(t, 1.5, line["FirstToken"])
				require.EqualValues(t, 2000, line["Latency"])
				require.EqualValues(t, 0, line["Errors"])
			} else {
				require.EqualValues(t, 1, line["Errors"])
				require.NotContains(t, line, "Latency", "a failure says nothing of how fast answers are")
			}
		})
	}
}

func TestTenantsCanBeLeftOut(t *testing.T) {
	line := record(t, emf.Options{WithoutTenants: true}, models.Served{Tier: 3}, nil)
	require.Len(t, line["_aws"].(map[string]any)["CloudWatchMetrics"], 1)
	require.Equal(t, "acme", line["Tenant"], "it stays in the log")
	require.Equal(t, "models", line["Tier"])
}

func TestAnExternalModelWithoutAPriceIsCounted(t *testing.T) {
	used := models.Usage{Input: 1}
	require.EqualValues(t, 1, record(t, emf.Options{}, models.Served{Tier: 1, Usage: used}, nil)["Unpriced"])
	require.EqualValues(t, 0, record(t, emf.Options{}, models.Served{Tier: 1, Usage: used, CostKnown: true}, nil)["Unpriced"])
	require.EqualValues(t, 0, record(t, emf.Options{}, models.Served{Tier: 3, Usage: used}, nil)["Unpriced"])
}

func TestAFailureIsNamedByItsCode(t *testing.T) {
	require.Equal(t, models.CodeCold, record(t, emf.Options{}, models.Served{}, &models.Error{Code: models.CodeCold, Type: "x"})["errorCode"])
	require.Equal(t, models.TypeTimeout, record(t, emf.Options{}, models.Served{}, &models.Error{Type: models.TypeTimeout})["errorCode"])
}
