package gpucapacity_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/constructs/constructstest"
	"tandem/constructs/gpucapacity"
)

const (
	spotMaximum     = "10"
	onDemandMaximum = "2"
)

func TestSpotIsTakenFromThePoolsThatAreLeastLikelyToBeReclaimed(t *testing.T) {
	template := newFixture(t).synth(t)
	policy := constructstest.At(t, group(t, template, spotMaximum).Properties, "MixedInstancesPolicy")

	require.Equal(t, map[string]any{
		"OnDemandBaseCapacity": 0.0, "OnDemandPercentageAboveBaseCapacity": 0.0,
		"SpotAllocationStrategy": "price-capacity-optimized",
	}, constructstest.At(t, policy, "InstancesDistribution"))
}

func TestOnDemandIsTakenInTheOrderOfTheTypes(t *testing.T) {
	template := newFixture(t).synth(t)
	policy := constructstest.At(t, group(t, template, onDemandMaximum).Properties, "MixedInstancesPolicy")

	require.Equal(t, map[string]any{
		"OnDemandBaseCapacity": 0.0, "OnDemandPercentageAboveBaseCapacity": 100.0,
		"OnDemandAllocationStrategy": "prioritized",
	}, constructstest.At(t, policy, "InstancesDistribution"))
	require.Equal(t, []any{
		map[string]any{"InstanceType": "g5.xlarge"},
		map[string]any{"InstanceType": "g4dn.xlarge"},
		map[string]any{"InstanceType": "g6.xlarge"},
	}, constructstest.At(t, policy, "LaunchTemplate", "Overrides"))
}

func TestGroupsStartEmptyAndADeployDoesNotResetThem(t *testing.T) {
	for _, resource := range newFixture(t).synth(t).All("AWS::AutoScaling::AutoScalingGroup") {
		require.Equal(t, "0", resource.Properties["MinSize"])
		require.NotContains(t, resource.Properties, "DesiredCapacity")
	}
}

func TestNothingButItsOwnEndEndsABusyInstance(t *testing.T) {
	template := newFixture(t).synth(t)
	for _, resource := range template.All("AWS::AutoScaling::AutoScalingGroup") {
		require.Equal(t, true, resource.Properties["NewInstancesProtectedFromScaleIn"])
		require.Equal(t, false, resource.Properties["CapacityRebalance"])
		require.NotContains(t, resource.Properties, "MaxInstanceLifetime")
		for _, policy := range []string{"AutoScalingRollingUpdate", "AutoScalingReplacingUpdate", "AutoScalingInstanceRefresh"} {
			require.NotContains(t, resource.UpdatePolicy, policy)
		}
	}
	require.Len(t, template.All("AWS::ECS::CapacityProvider"), 2)
	for _, provider := range template.All("AWS::ECS::CapacityProvider") {
		settings := constructstest.At(t, provider.Properties, "AutoScalingGroupProvider")
		require.Equal(t, "ENABLED", constructstest.At(t, settings, "ManagedTerminationProtection"))
		require.Equal(t, "ENABLED", constructstest.At(t, settings, "ManagedScaling", "Status"), "termination protection does nothing without it")
		require.Equal(t, "ENABLED", constructstest.At(t, settings, "ManagedDraining"))
	}
}

func TestANewInstanceIsNotJudgedBeforeItHasStarted(t *testing.T) {
	for _, resource := range newFixture(t).synth(t).All("AWS::AutoScaling::AutoScalingGroup") {
		require.Equal(t, 300.0, resource.Properties["HealthCheckGracePeriod"])
		require.Equal(t, "EC2", resource.Properties["HealthCheckType"])
	}
}

func TestReservationsAreFilledFirstByTheOnDemandGroupAlone(t *testing.T) {
	f := newFixture(t)
	f.props.Reservations = []string{"cr-1", "cr-2"}
	template := f.synth(t)

	require.Equal(t, map[string]any{
		"CapacityReservationPreference": "capacity-reservations-first",
		"CapacityReservationTarget":     map[string]any{"CapacityReservationIds": []any{"cr-1", "cr-2"}},
	}, group(t, template, onDemandMaximum).Properties["CapacityReservationSpecification"])
	require.NotContains(t, group(t, template, spotMaximum).Properties, "CapacityReservationSpecification")
}

func TestAMaximumOfZeroLeavesThePurchaseOptionOut(t *testing.T) {
	t.Run("no on-demand", func(t *testing.T) {
		f := newFixture(t)
		f.props.OnDemandMaximum = 0
		capacity := gpucapacity.New(f.stack, "Group", f.props)
		require.Nil(t, capacity.OnDemandGroup())
		require.Nil(t, capacity.OnDemandProviderName())
		require.NotNil(t, capacity.SpotGroup())
		require.Len(t, capacity.Groups(), 1)
		require.Len(t, constructstest.Template(t, f.stack).All("AWS::ECS::CapacityProvider"), 1)
	})
	t.Run("no spot", func(t *testing.T) {
		f := newFixture(t)
		f.props.SpotMaximum = 0
		capacity := gpucapacity.New(f.stack, "Group", f.props)
		require.Nil(t, capacity.SpotGroup())
		require.Nil(t, capacity.SpotProviderName())
		require.NotNil(t, capacity.OnDemandProviderName())
		require.Len(t, constructstest.Template(t, f.stack).All("AWS::AutoScaling::AutoScalingGroup"), 1)
	})
}

func TestSubnetsCanBeChosen(t *testing.T) {
	f := newFixture(t)
	f.props.Subnets = subnets(f.cluster)
	for _, resource := range f.synth(t).All("AWS::AutoScaling::AutoScalingGroup") {
		require.Len(t, resource.Properties["VPCZoneIdentifier"], 1)
	}
}

func TestAnEarlierTemplateGoesFirstAndNothingRollsByForce(t *testing.T) {
	for _, group := range newFixture(t).synth(t).All("AWS::AutoScaling::AutoScalingGroup") {
		require.Equal(t, []any{"OldestLaunchTemplate", "Default"}, group.Properties["TerminationPolicies"])
		require.Nil(t, group.Properties["MaxInstanceLifetime"])
		require.NotContains(t, group.UpdatePolicy, "AutoScalingRollingUpdate", "it would end busy instances")
		require.NotContains(t, group.UpdatePolicy, "AutoScalingReplacingUpdate", "it would end busy instances")
	}
}
