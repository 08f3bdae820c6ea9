package stacks_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// resources are the resources of all stacks, by stack and logical ID.
func resources(t *testing.T, environment string, set ...string) map[string]map[string]any {
	t.Helper()
	app, _ := deploy(t, environment, set...)
	all := map[string]map[string]any{}
	for _, stack := range *app.Synth(nil).Stacks() {
		raw, err := json.Marshal(stack.Template())
		require.NoError(t, err)
		var template struct{ Resources map[string]any }
		require.NoError(t, json.Unmarshal(raw, &template))
		all[*stack.Id()] = template.Resources
	}
	return all
}

// changed lists 'stack: type' of each resource that differs, appears or goes.
func changed(before, after map[string]map[string]any) []string {
	var all []string
	for stack := range before {
		ids := map[string]bool{}
		for id := range before[stack] {
			ids[id] = true
		}
		for id := range after[stack] {
			ids[id] = true
		}
		for id := range ids {
			old, now := before[stack][id], after[stack][id]
			if reflect.DeepEqual(old, now) {
				continue
			}
			if now == nil {
				now = old
			}
			all = append(all, stack+": "+now.(map[string]any)["Type"].(string))
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func TestChangingOneNumberChangesOnlyWhatItMeans(t *testing.T) {
	before := resources(t, "dev")
	for name, test := range map[string]struct {
		set  string
		want []string
	}{
		"a worker's concurrency is the worker's and the controller's": {
			"workers.document-analyser.concurrency=2",
			[]string{"Workers: AWS::ECS::TaskDefinition", "Workers: AWS::Lambda::Function"},
		},
		"how long results are kept is the bucket's": {
			"state.keepResults=8d", []string{"State: AWS::S3::Bucket"},
		},
		"a group's maximum is the group's and the controller's": {
			"capacity.groups.single.spot.maximum=3",
			[]string{"Compute: AWS::AutoScaling::AutoScalingGroup", "Workers: AWS::Lambda::Function"},
		},
		"the throttle is the stage's": {
			"api.throttle.rate=101", []string{"Api: AWS::ApiGateway::Stage"},
		},
		"the budget is the budget": {
			"budget.monthlyUsd=301", []string{"Observability: AWS::Budgets::Budget"},
		},
		"a tenant's rate is the API function's": {
			"api.tenantRate.rate=11", []string{"Api: AWS::Lambda::Function"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.want, changed(before, resources(t, "dev", test.set)))
		})
	}
}

func TestANewWorkerLeavesTheOthersAlone(t *testing.T) {
	before := resources(t, "dev")
	after := resources(t, "dev", `workers.transcriber={image: {build: examples/document-analyser}, capacity: single, timeout: 2h}`)
	for _, stack := range []string{"Network", "State", "Services", "Compute"} {
		require.Equal(t, before[stack], after[stack], stack)
	}
	for id, resource := range before["Workers"] {
		kind := resource.(map[string]any)["Type"]
		if kind == "AWS::ECS::TaskDefinition" || kind == "AWS::ECS::Service" || kind == "AWS::SQS::Queue" {
			require.Equal(t, resource, after["Workers"][id], id)
		}
	}
}

func TestNothingIsExportedByName(t *testing.T) {
	app, _ := deploy(t, "prod")
	for _, stack := range *app.Synth(nil).Stacks() {
		raw, err := json.Marshal(stack.Template())
		require.NoError(t, err)
		require.NotContains(t, string(raw), "Fn::ImportValue", *stack.Id())
		require.NotContains(t, string(raw), `"Export"`, *stack.Id())
	}
}

func TestProductionKeepsItsState(t *testing.T) {
	kept := map[string]bool{"AWS::DynamoDB::Table": true, "AWS::S3::Bucket": true, "AWS::KMS::Key": true}
	for _, resource := range resources(t, "prod")["State"] {
		properties := resource.(map[string]any)
		if kept[properties["Type"].(string)] {
			require.Equal(t, "Retain", properties["DeletionPolicy"], properties["Type"])
		}
	}
	_, deployment := deploy(t, "prod")
	require.True(t, *deployment.State.Stack.TerminationProtection())
	_, deployment = deploy(t, "dev")
	require.False(t, *deployment.State.Stack.TerminationProtection())
}

func TestEveryTaggableResourceTellsApplicationEnvironmentAndTier(t *testing.T) {
	tiers := map[any]int{}
	for _, stack := range resources(t, "dev") {
		for id, resource := range stack {
			properties, _ := resource.(map[string]any)["Properties"].(map[string]any)
			list, ok := properties["Tags"].([]any)
			if !ok {
				continue
			}
			tags := map[any]any{}
			for _, tag := range list {
				tags[tag.(map[string]any)["Key"]] = tag.(map[string]any)["Value"]
			}
			require.Equal(t, "tandem", tags["application"], id)
			require.Equal(t, "dev", tags["environment"], id)
			require.Equal(t, "ml-platform", tags["team"], id)
			tiers[tags["tier"]]++
		}
	}
	for _, tier := range []string{"shared", "request", "jobs", "models", "events"} {
		require.Positive(t, tiers[tier], tier)
	}
}
