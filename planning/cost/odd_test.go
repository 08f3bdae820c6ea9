package cost

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Templates come from other programs too: whatever stands where something else
// is expected, the estimate is a report or an error, and no sum is negative.
func TestOddTemplatesAreReportsOrErrors(t *testing.T) {
	table := load(t)
	names := []string{"Services", "Api", "Network", "State", "Compute"}
	templates := map[string][]byte{}
	for _, name := range names {
		raw, err := os.ReadFile(snapshots + "prod/" + name + "_1.snap.json")
		require.NoError(t, err)
		templates[name] = raw
	}
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom(names).Draw(t, "template")
		var spoiled any
		require.NoError(t, json.Unmarshal(templates[name], &spoiled))
		spoil(t, at(spoiled, "Resources"), 0)
		raw, err := json.Marshal(spoiled)
		require.NoError(t, err)
		files := fstest.MapFS{"Compute.template.json": {Data: templates["Compute"]}} // others refer to it
		files[name+".template.json"] = &fstest.MapFile{Data: raw}
		assembly, err := Read(files)
		if err != nil {
			return
		}
		report, err := Estimate(assembly, Options{Prices: table, Traffic: &Traffic{Requests: 1e6, EgressGB: 10, LogsGB: 3}})
		if err != nil {
			return
		}
		require.GreaterOrEqual(t, report.Fixed, 0.0)
		require.GreaterOrEqual(t, report.PerUse, 0.0)
		_, err = json.Marshal(report)
		require.NoError(t, err)
	})
}

// spoil replaces something below a value by something else.
func spoil(t *rapid.T, value any, depth int) {
	odd := func() any {
		return rapid.SampledFrom([]any{nil, "", "x", 0.0, 3.0, true, []any{}, []any{"x"}, map[string]any{}, map[string]any{"Ref": "Nothing"}}).Draw(t, "odd")
	}
	stop := depth > 1 && rapid.IntRange(0, 3).Draw(t, "stop") == 0
	switch value := value.(type) {
	case map[string]any:
		if len(value) == 0 {
			return
		}
		key := rapid.SampledFrom(slices.Sorted(maps.Keys(value))).Draw(t, "key")
		if _, scalar := value[key].(string); stop || scalar {
			value[key] = odd()
			return
		}
		spoil(t, value[key], depth+1)
	case []any:
		if len(value) == 0 {
			return
		}
		i := rapid.IntRange(0, len(value)-1).Draw(t, "index")
		if _, scalar := value[i].(string); stop || scalar {
			value[i] = odd()
			return
		}
		spoil(t, value[i], depth+1)
	}
}
