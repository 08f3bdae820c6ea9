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

// wake adds a task when the load balancer has refused a request for want of one.
func (m *ModelService) wake() {
	action := m.step("Wake", awsapplicationautoscaling.AdjustmentType_CHANGE_IN_CAPACITY, m.props.ColdStart)
	action.AddAdjustment(&awsapplicationautoscaling.AdjustmentTier{Adjustment: jsii.Number(1), LowerBound: jsii.Number(0)})
	alarm := m.refused().CreateAlarm(m.construct, jsii.String("Asked"), &awscloudwatch.CreateAlarmOptions{
		AlarmDescription:   jsii.String(m.props.Name + " was asked while it slept; it wakes. Nothing to do."),
		Threshold:          jsii.Number(1),
		ComparisonOperator: awscloudwatch.ComparisonOperator_GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
		EvaluationPeriods:  jsii.Number(1),
		TreatMissingData:   awscloudwatch.TreatMissingData_NOT_BREACHING,
	})
	alarm.AddAlarmAction(awscloudwatchactions.NewApplicationScalingAction(action))
}

// sleep ends the last tasks when nobody has asked for long. Refused requests
// count: those that woke the service are all that it sees until it has started.
func (m *ModelService) sleep() {
	action := m.step("Sleep", awsapplicationautoscaling.AdjustmentType_EXACT_CAPACITY, minutes(5))
	action.AddAdjustment(&awsapplicationautoscaling.AdjustmentTier{Adjustment: jsii.Number(0), UpperBound: jsii.Number(0)})
	asked := awscloudwatch.NewMathExpression(&awscloudwatch.MathExpressionProps{
		Expression: jsii.String("FILL(answered, 0) + FILL(refused, 0)"),
		UsingMetrics: &map[string]awscloudwatch.IMetric{
			"answered": m.loadBalancer.Metrics().RequestCount(eachMinute()),
			"refused":  m.refused(),
		},
		Period: minutes(1),
		Label:  jsii.String("requests, answered and refused"),
	})
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

func eachMinute() *awscloudwatch.MetricOptions {
	return &awscloudwatch.MetricOptions{Period: minutes(1), Statistic: jsii.String("Sum")}
}

func seconds(count float64) awscdk.Duration { return awscdk.Duration_Seconds(jsii.Number(count)) }
