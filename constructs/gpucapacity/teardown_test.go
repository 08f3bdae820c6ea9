package gpucapacity_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/constructs/constructstest"
	"tandem/constructs/gpucapacity"
)

const emptyType = "Custom::EmptyAutoScalingGroups"

func TestGroupsAreEmptiedBeforeAnythingIsDeleted(t *testing.T) {
	template := newFixture(t).synth(t)
	resource := template.One(t, emptyType)

	for _, kind := range []string{
		"AWS::ECS::ClusterCapacityProviderAssociations", "AWS::ECS::CapacityProvider",
		"AWS::AutoScaling::AutoScalingGroup", "AWS::ECS::Cluster",
	} {
		for _, needed := range template.All(kind) {
			require.Contains(t, resource.DependsOn, needed.ID, "what it depends on is deleted after it")
		}
	}
	allowed := false
	for _, id := range resource.DependsOn {
		allowed = allowed || strings.HasPrefix(id, "EmptyFunctionServiceRoleDefaultPolicy")
	}
	require.True(t, allowed, "the function must still be allowed to empty them")
}

func TestTheCustomResourceNamesAllItHasToEmpty(t *testing.T) {
	template := newFixture(t).synth(t)
	resource := template.One(t, emptyType)

	require.Len(t, resource.Properties["AutoScalingGroups"], 2)
	require.Len(t, resource.Properties["CapacityProviders"], 2)
	require.Equal(t, map[string]any{"Ref": "ClusterEB0386A7"}, resource.Properties["Cluster"])
	require.Contains(t, resource.Properties["AutoScalingGroups"], map[string]any{"Ref": template.All("AWS::AutoScaling::AutoScalingGroup")[0].ID})
	require.Equal(t, "900", resource.Properties["ServiceTimeout"], "a function runs no longer")
}

func TestZonesAreNotEvenedOutAtTheCostOfRunningJobs(t *testing.T) {
	resource := newFixture(t).synth(t).One(t, emptyType)
	require.Equal(t, []any{"AZRebalance"}, resource.Properties["SuspendProcesses"])
}

func TestTheFunctionMayEmptyTheseGroupsAndNoOthers(t *testing.T) {
	template := newFixture(t).synth(t)
	for _, action := range []string{
		"autoscaling:UpdateAutoScalingGroup", "autoscaling:SetInstanceProtection", "autoscaling:SuspendProcesses",
		"autoscaling:DeleteLifecycleHook", "autoscaling:CompleteLifecycleAction", "autoscaling:TerminateInstanceInAutoScalingGroup",
	} {
		resources := template.Allowed(t, "EmptyFunction", action)
		require.Len(t, resources, 2, action)
		for _, resource := range resources {
			require.Contains(t, resource, `"Ref":"Group`, action)
		}
	}
	for _, action := range []string{"ecs:ListContainerInstances", "ecs:UpdateContainerInstancesState", "ecs:DescribeContainerInstances", "ecs:ListTasks", "ecs:StopTask"} {
		resources := template.Allowed(t, "EmptyFunction", action)
		require.Len(t, resources, 1, action)
		require.Contains(t, resources[0], "ClusterEB0386A7", action)
	}
	for _, statement := range template.Statements(t) {
		if statement.Resource == "*" && strings.HasPrefix(statement.Policy, "EmptyFunction") {
			require.Contains(t, statement.Action, ":Describe")
		}
	}
}

func TestSeveralGroupsShareTheClusterAndAreEmptiedEach(t *testing.T) {
	f := newFixture(t)
	gpucapacity.New(f.stack, "Small", f.props)
	big := *f.props
	big.InstanceTypes, big.GPUs = []string{"g5.12xlarge"}, 4
	gpucapacity.New(f.stack, "Big", &big)
	template := constructstest.Template(t, f.stack)

	association := template.One(t, "AWS::ECS::ClusterCapacityProviderAssociations")
	require.Len(t, association.Properties["CapacityProviders"], 6, "four of its own, two of Fargate")
	require.Len(t, template.All(emptyType), 2)
	for _, resource := range template.All(emptyType) {
		require.Contains(t, resource.DependsOn, association.ID)
	}
}
