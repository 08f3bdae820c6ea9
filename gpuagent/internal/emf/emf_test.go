package emf_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/gpuagent/internal/emf"
	"tandem/runtime/nodestatus"
	"tandem/runtime/settings"
)

func TestALineIsWhatCloudWatchUnderstands(t *testing.T) {
	var out bytes.Buffer
	xids := 10
	status := nodestatus.Status{State: nodestatus.Impaired, Reasons: []string{"XID_79"}, Spot: &nodestatus.SpotNotice{},
		GPUs: []nodestatus.GPU{{State: nodestatus.Impaired}, {State: nodestatus.OK}, {State: nodestatus.Impaired}}}
	writer := emf.New(emf.Options{
		Output: &out, Cluster: "tandem", Instance: "i-0123456789abcdef0", Xids: func() int { return xids },
		Status: func() nodestatus.Status { return status }, Now: func() time.Time { return time.UnixMilli(1_795_521_600_000) },
	})
	require.NoError(t, writer.Write())
	require.JSONEq(t, `{
		"_aws": {"Timestamp": 1795521600000, "CloudWatchMetrics": [{"Namespace": "Tandem/GPU", "Dimensions": [["Cluster"]], "Metrics": [
			{"Name": "ImpairedInstances", "Unit": "Count"}, {"Name": "ImpairedGPUs", "Unit": "Count"}, {"Name": "BlindInstances", "Unit": "Count"},
			{"Name": "SpotNotices", "Unit": "Count"}, {"Name": "XidErrors", "Unit": "Count"}, {"Name": "WatchedInstances", "Unit": "Count"}]}]},
		"Cluster": "tandem", "Instance": "i-0123456789abcdef0", "State": "IMPAIRED", "Reasons": ["XID_79"],
		"ImpairedInstances": 1, "ImpairedGPUs": 2, "BlindInstances": 0, "SpotNotices": 1, "XidErrors": 10, "WatchedInstances": 1
	}`, out.String())
	require.Equal(t, 1, strings.Count(out.String(), "\n"), "one line")

	out.Reset()
	xids, status = 13, nodestatus.Status{State: nodestatus.InsufficientData}
	require.NoError(t, writer.Write())
	var line map[string]any
	require.NoError(t, json.Unmarshal(out.Bytes(), &line))
	require.EqualValues(t, 3, line["XidErrors"], "those since the line before")
	require.EqualValues(t, 1, line["BlindInstances"])
	require.EqualValues(t, 0, line["ImpairedInstances"])
}

func TestEachMetricThatIsDeclaredHasItsValue(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, emf.New(emf.Options{Output: &out, Xids: func() int { return 0 }, Status: func() nodestatus.Status { return nodestatus.Status{} }}).Write())
	var line map[string]any
	require.NoError(t, json.Unmarshal(out.Bytes(), &line))
	for _, name := range append(settings.AgentMetrics(), settings.AgentDimension) {
		require.Contains(t, line, name)
		require.Contains(t, out.String(), `"`+name+`"`)
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("the log is gone") }

func TestALineIsWrittenEachMinuteUntilTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		options := emf.Options{Output: &out, Xids: func() int { return 0 }, Status: func() nodestatus.Status { return nodestatus.Status{} }}
		ctx, stop := context.WithTimeout(t.Context(), 3*time.Minute+time.Second)
		defer stop()
		require.NoError(t, emf.New(options).Run(ctx))
		require.Equal(t, 3, strings.Count(out.String(), "\n"))

		options.Output = failing{}
		require.ErrorContains(t, emf.New(options).Run(t.Context()), "the log is gone")
	})
}
