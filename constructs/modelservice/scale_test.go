package modelservice_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/require"

	"tandem/constructs/constructstest"
	"tandem/constructs/modelservice"
)

const policyType = "AWS::ApplicationAutoScaling::ScalingPolicy"

// named returns the resource of a type whose logical ID contains a part.
func named(t *testing.T, template constructstest.Document, kind, part string) constructstest.Resource {
	t.Helper()
	for _, resource := range template.All(kind) {
		if strings.Contains(resource.ID, part) {
			return resource
		}
	}
	t.Fatalf("no %s with %s in its id", kind, part)
	return constructstest.Resource{}
}

func TestScalingAimsAtTheRequestsOfATask(t *testing.T) {
	f := newFixture(t)
	f.props.RequestsPerTask = 30
	template := f.synth(t)
	target := template.One(t, "AWS::ApplicationAutoScaling::ScalableTarget").Properties
	require.Equal(t, 1.0, target["MinCapacity"])
	require.Equal(t, 4.0, target["MaxCapacity"])
	policy := constructstest.At(t, template.One(t, policyType).Properties, "TargetTrackingScalingPolicyConfiguration")
	require.Equal(t, 30.0, constructstest.At(t, policy, "TargetValue"))
	require.Equal(t, "ALBRequestCountPerTarget", constructstest.At(t, policy, "PredefinedMetricSpecification", "PredefinedMetricType"))
}

func TestAStartThatTakesLongDoesNotAskForEverMore(t *testing.T) {
	f := newFixture(t)
	f.props.ColdStart = awscdk.Duration_Minutes(jsii.Number(12))
	policy := constructstest.At(t, f.synth(t).One(t, policyType).Properties, "TargetTrackingScalingPolicyConfiguration")
	require.Equal(t, 720.0, constructstest.At(t, policy, "ScaleOutCooldown"))
}

func TestAServiceThatNeverSleepsNeedsNoWaking(t *testing.T) {
	template := newFixture(t).synth(t)
	require.Empty(t, template.All("AWS::CloudWatch::Alarm"))
	require.Len(t, template.All(policyType), 1)
}

func TestTheFirstRefusedRequestWakesOneTask(t *testing.T) {
	f := newFixture(t)
	f.props.Minimum = 0
	template := f.synth(t)
	alarm, policy := named(t, template, "AWS::CloudWatch::Alarm", "Asked").Properties, named(t, template, policyType, "Wake")

	metrics := constructstest.Text(t, alarm["Metrics"])
	require.Contains(t, metrics, `"MetricName":"HTTPCode_ELB_503_Count"`, "requests per task do not exist without tasks")
	require.Contains(t, metrics, `"Expression":"IF(FILL(desired, 0) + FILL(healthy, 0) + FILL(unhealthy, 0) > 0, 0, refused)"`,
		"an exact count would shrink a service that refuses under load")
	require.Equal(t, 1.0, alarm["Threshold"])
	require.Equal(t, 1.0, alarm["EvaluationPeriods"])
	require.Equal(t, []any{map[string]any{"Ref": policy.ID}}, alarm["AlarmActions"])

	step := constructstest.At(t, policy.Properties, "StepScalingPolicyConfiguration")
	require.Equal(t, "ExactCapacity", constructstest.At(t, step, "AdjustmentType"), "a caller may have woken it already")
	require.Equal(t, []any{map[string]any{"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 1.0}}, constructstest.At(t, step, "StepAdjustments"))
	require.Equal(t, 600.0, constructstest.At(t, step, "Cooldown"), "requests are refused until the task answers, and one is enough")
}

func TestAServiceSleepsOnlyWhenNobodyHasAskedForAStartAndAnAnswer(t *testing.T) {
	minutes := func(count float64) awscdk.Duration { return awscdk.Duration_Minutes(jsii.Number(count)) }
	for name, test := range map[string]struct {
		idle, stream, cold float64
		want               float64
	}{
		"by default":           {15, 15, 10, 25},
		"a longer idle time":   {60, 15, 10, 70},
		"answers longer still": {5, 20, 10, 30},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.props.Minimum = 0
			f.props.IdleAfter, f.props.StreamTimeout, f.props.ColdStart = minutes(test.idle), minutes(test.stream), minutes(test.cold)
			template := f.synth(t)
			alarm, policy := named(t, template, "AWS::CloudWatch::Alarm", "Idle").Properties, named(t, template, policyType, "Sleep")
			require.Equal(t, test.want, alarm["EvaluationPeriods"])
			require.Equal(t, "LessThanThreshold", alarm["ComparisonOperator"])
			require.Equal(t, "breaching", alarm["TreatMissingData"], "a load balancer that nobody asks reports nothing")
			require.Equal(t, []any{map[string]any{"Ref": policy.ID}}, alarm["AlarmActions"])
			step := constructstest.At(t, policy.Properties, "StepScalingPolicyConfiguration")
			require.Equal(t, "ExactCapacity", constructstest.At(t, step, "AdjustmentType"))
			require.Equal(t, []any{map[string]any{"MetricIntervalUpperBound": 0.0, "ScalingAdjustment": 0.0}}, constructstest.At(t, step, "StepAdjustments"))
		})
	}
}

// While the first task starts, refused requests are the only ones there are: if
// they did not count, the alarm would put the service back to sleep.
func TestTheRequestsThatWokeTheServiceKeepItAwake(t *testing.T) {
	f := newFixture(t)
	f.props.Minimum = 0
	metrics := constructstest.Text(t, named(t, f.synth(t), "AWS::CloudWatch::Alarm", "Idle").Properties["Metrics"])
	require.Contains(t, metrics, `"Expression":"IF(FILL(desired, 0) + FILL(healthy, 0) + FILL(unhealthy, 0) > 0, FILL(answered, 0) + FILL(refused, 0), 1)"`,
		"a service that sleeps is not idle: it would be put to sleep again as soon as it is woken")
	require.Contains(t, metrics, `"MetricName":"DesiredTaskCount"`)
	require.Contains(t, metrics, `"MetricName":"HealthyHostCount"`)
	require.Contains(t, metrics, `"MetricName":"UnHealthyHostCount"`)
	require.Contains(t, metrics, `"MetricName":"RequestCount"`)
	require.Contains(t, metrics, `"MetricName":"HTTPCode_ELB_503_Count"`)
}

func TestWhoMayWakeTheServiceMayTouchNoOther(t *testing.T) {
	f := newFixture(t)
	f.props.Minimum = 0
	service := modelservice.New(f.stack, "Service", f.props)
	caller := awsiam.NewRole(f.stack, jsii.String("Caller"), &awsiam.RoleProps{AssumedBy: awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil)})
	service.GrantWake(caller)
	template := constructstest.Template(t, f.stack)
	for _, action := range []string{"ecs:DescribeServices", "ecs:UpdateService"} {
		resources := template.Allowed(t, "Caller", action)
		require.Len(t, resources, 1)
		require.Contains(t, resources[0], `{"Ref":"Service9571FDD8"}`)
	}
}
