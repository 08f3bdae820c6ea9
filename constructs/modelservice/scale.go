package modelservice

import (
	"math"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapplicationautoscaling"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatchactions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/jsii-runtime-go"
)

func (m *ModelService) scale() {
	count := m.service.AutoScaleTaskCount(&awsapplicationautoscaling.EnableScalingProps{
		MinCapacity: jsii.Number(float64(m.props.Minimum)),
		MaxCapacity: jsii.Number(float64(m.props.Maximum)),
	})
	count.ScaleOnRequestCount(jsii.String("Requests"), &awsecs.RequestCountScalingProps{
		RequestsPerTarget: jsii.Number(float64(m.props.RequestsPerTask)),
		TargetGroup:       m.targets,
		// Until the first task of a step answers, the metric says that more are
		// needed, each minute again.
		ScaleOutCooldown: m.props.ColdStart,
		ScaleInCooldown:  minutes(5),
	})
	if m.props.Minimum == 0 {
		m.wake()
		m.sleep()
	}
}

// wake asks for one task when the load balancer has refused a request while none
// was wanted. Callers with [ModelService.GrantWake] are a minute faster, so the
// count is exact: one more would be a second task for a request that is already
// waiting for the first.
func (m *ModelService) wake() {
	action := m.step("Wake", awsapplicationautoscaling.AdjustmentType_EXACT_CAPACITY, m.props.ColdStart)
	action.AddAdjustment(&awsapplicationautoscaling.AdjustmentTier{Adjustment: jsii.Number(1), LowerBound: jsii.Number(0)})
	asked := m.expression("IF("+awake+", 0, refused)", "requests refused while there was no task", map[string]awscloudwatch.IMetric{"refused": m.refused()})
	alarm := asked.CreateAlarm(m.construct, jsii.String("Asked"), &awscloudwatch.CreateAlarmOptions{
		AlarmDescription:   jsii.String(m.props.Name + " was asked while it slept; it wakes. Nothing to do."),
		Threshold:          jsii.Number(1),
		ComparisonOperator: awscloudwatch.ComparisonOperator_GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
		EvaluationPeriods:  jsii.Number(1),
		TreatMissingData:   awscloudwatch.TreatMissingData_NOT_BREACHING,
	})
	alarm.AddAlarmAction(awscloudwatchactions.NewApplicationScalingAction(action))
}

// awake is true for a minute in which ECS was to have a task, or the load
// balancer knew of one, healthy or not.
const awake = "FILL(desired, 0) + FILL(healthy, 0) + FILL(unhealthy, 0) > 0"

// expression of the metrics that are given, and those of awake.
func (m *ModelService) expression(text, label string, metrics map[string]awscloudwatch.IMetric) awscloudwatch.MathExpression {
	most := &awscloudwatch.MetricOptions{Period: minutes(1), Statistic: jsii.String("Maximum")}
	metrics["desired"] = m.desired().With(most)
	metrics["healthy"], metrics["unhealthy"] = m.MetricHealthy(most), m.MetricUnhealthy(most)
	return awscloudwatch.NewMathExpression(&awscloudwatch.MathExpressionProps{
		Expression: &text, UsingMetrics: &metrics, Period: minutes(1), Label: &label,
	})
}

// sleep ends the last tasks when nobody has asked for long. Minutes asleep are
// not idle: an alarm that stays on while the service sleeps would undo each
// minute what has just woken it, until the request that did is counted. A
// service that was woken and never starts is idle, and does not hold its
// instance for ever.
// Refused requests count: they are all that it sees until it has started.
func (m *ModelService) sleep() {
	action := m.step("Sleep", awsapplicationautoscaling.AdjustmentType_EXACT_CAPACITY, minutes(5))
	action.AddAdjustment(&awsapplicationautoscaling.AdjustmentTier{Adjustment: jsii.Number(0), UpperBound: jsii.Number(0)})
	asked := m.expression("IF("+awake+", FILL(answered, 0) + FILL(refused, 0), 1)", "requests, answered and refused, of a service that is awake",
		map[string]awscloudwatch.IMetric{"answered": m.loadBalancer.Metrics().RequestCount(eachMinute()), "refused": m.refused()})
	alarm := asked.CreateAlarm(m.construct, jsii.String("Idle"), &awscloudwatch.CreateAlarmOptions{
		AlarmDescription:   jsii.String("Nobody asks " + m.props.Name + "; it sleeps. Nothing to do."),
		Threshold:          jsii.Number(1),
		ComparisonOperator: awscloudwatch.ComparisonOperator_LESS_THAN_THRESHOLD,
		EvaluationPeriods:  jsii.Number(m.idlePeriods()),
		// A load balancer that nobody asks reports nothing.
		TreatMissingData: awscloudwatch.TreatMissingData_BREACHING,
	})
	alarm.AddAlarmAction(awscloudwatchactions.NewApplicationScalingAction(action))
}

// idlePeriods are the minutes after which a service is idle. A request counts
// when it ends, so it is never less than a start and the longest answer.
func (m *ModelService) idlePeriods() float64 {
	idle := max(secondsOf(m.props.IdleAfter), secondsOf(m.props.StreamTimeout))
	return math.Ceil((idle + secondsOf(m.props.ColdStart)) / 60)
}

func (m *ModelService) step(id string, kind awsapplicationautoscaling.AdjustmentType, cooldown awscdk.Duration) awsapplicationautoscaling.StepScalingAction {
	// The service keeps the target of its task count to itself.
	target := m.service.Node().FindChild(jsii.String("TaskCount")).Node().FindChild(jsii.String("Target")).(awsapplicationautoscaling.ScalableTarget)
	return awsapplicationautoscaling.NewStepScalingAction(m.construct, &id, &awsapplicationautoscaling.StepScalingActionProps{
		ScalingTarget:  target,
		AdjustmentType: kind,
		Cooldown:       cooldown,
	})
}

// refused counts requests that the load balancer had nobody to ask for.
func (m *ModelService) refused() awscloudwatch.Metric {
	return m.loadBalancer.Metrics().HttpCodeElb(awselasticloadbalancingv2.HttpCodeElb_ELB_503_COUNT, eachMinute())
}

// desired is how many tasks ECS is to have. Container Insights tells.
func (m *ModelService) desired() awscloudwatch.Metric {
	return awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
		Namespace:     jsii.String("ECS/ContainerInsights"),
		MetricName:    jsii.String("DesiredTaskCount"),
		DimensionsMap: &map[string]*string{"ClusterName": m.props.Cluster.ClusterName(), "ServiceName": m.service.ServiceName()},
	})
}

func eachMinute() *awscloudwatch.MetricOptions {
	return &awscloudwatch.MetricOptions{Period: minutes(1), Statistic: jsii.String("Sum")}
}

func seconds(count float64) awscdk.Duration { return awscdk.Duration_Seconds(jsii.Number(count)) }
