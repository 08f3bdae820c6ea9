package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/httpapi/lambdaproxy/runtimetest"
)

// TestCloudFormationIsAnsweredWhateverHappens runs the built function with AWS
// at an address where nobody answers.
func TestCloudFormationIsAnsweredWhateverHappens(t *testing.T) {
	answers := make(chan map[string]any, 1)
	cloudFormation := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var answer map[string]any
		raw, _ := io.ReadAll(r.Body)
		_ = json.Unmarshal(raw, &answer)
		answers <- answer
	}))
	defer cloudFormation.Close()
	function := runtimetest.Start(t, runtimetest.Build(t, "."), map[string]string{
		"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
		"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_MAX_ATTEMPTS": "1",
	})
	properties := map[string]any{"Cluster": "c", "AutoScalingGroups": []string{"g"}, "SuspendProcesses": []string{"AZRebalance"}}
	tests := map[string]struct {
		event  map[string]any
		status string
	}{
		"a create that fails":           {map[string]any{"RequestType": "Create", "ResourceProperties": properties}, "FAILED"},
		"a delete that fails":           {map[string]any{"RequestType": "Delete", "PhysicalResourceId": "p", "ResourceProperties": properties}, "FAILED"},
		"a delete of what was not made": {map[string]any{"RequestType": "Delete", "PhysicalResourceId": "p"}, "SUCCESS"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			for key, value := range map[string]any{"ResponseURL": cloudFormation.URL, "LogicalResourceId": "Empty", "StackId": "s", "RequestId": "r"} {
				test.event[key] = value
			}
			// What fails is tried again until 20 s before the end, to leave time for the answer.
			function.Invoke(t, test.event, 22*time.Second).Close()
			answer := <-answers
			require.Equal(t, test.status, answer["Status"], answer["Reason"])
			require.NotEmpty(t, answer["PhysicalResourceId"])
		})
	}
}
