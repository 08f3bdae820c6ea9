package checks

import (
	"fmt"
	"strings"
)

const (
	typeScalableTarget = "AWS::ApplicationAutoScaling::ScalableTarget"
	typeScalingPolicy  = "AWS::ApplicationAutoScaling::ScalingPolicy"
	typeAlarm          = "AWS::CloudWatch::Alarm"
)

func leavesZero() rule {
	return rule{Rule{
		Name:     "leaves-zero",
		Severity: Error,
		What: "A service that may scale to zero tasks has a way back: a step policy whose first step adds a task at 1 of a metric that exists without tasks, " +
			"target tracking of such a metric with a target below 1, or a program that may update the service.",
		Why: "CPU, requests per target and backlog per task have no value without a task; a share of zero tasks is zero. " +
			"A load balancer's RequestCount counts only requests for which it found a target; what it turns away is in HTTPCode_ELB_503_Count. " +
			"A first step at 100 waiting messages leaves the first 99 waiting for ever.",
		Source: "https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-autoscale.html, " +
			"https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html",
		Checked: read,
	}, func(c *checker) {
		for _, target := range c.All(typeScalableTarget) {
			c.judgeTarget(target)
		}
	}}
}

func (c *checker) judgeTarget(target *resource) {
	least, known := target.Prop("MinCapacity").Number()
	policies := c.policiesOf(target)
	if !known || least != 0 || len(policies) == 0 || c.woken(target) {
		return
	}
	var found []string
	for _, policy := range policies {
		flaw := c.stays(policy)
		if flaw == "" {
			return
		}
		found = append(found, fmt.Sprintf("%s (%s)", flaw, policy.Path))
	}
	c.report(target, problem{
		found:    "MinCapacity 0 and only " + strings.Join(found, ", "),
		expected: "a policy that adds the first task", fix: "add a step at 1, or keep one task with scale.minimum: 1", key: "scale.minimum",
	})
}

func (c *checker) policiesOf(target *resource) []*resource {
	var found []*resource
	for _, policy := range c.All(typeScalingPolicy) {
		if policy.Prop("ScalingTargetId").Ref(typeScalableTarget) == target {
			found = append(found, policy)
			continue
		}
		if id := policy.Prop("ResourceId"); id.Exists() && policy.Stack == target.Stack && id.Text() == target.Prop("ResourceId").Text() {
			found = append(found, policy)
		}
	}
	return found
}

// woken is whether some program may set the number of tasks itself.
func (c *checker) woken(target *resource) bool {
	service := target.Prop("ResourceId").Ref(typeService)
	for _, s := range c.identityPolicies() {
		if service != nil && s.allows("ecs:UpdateService") && s.covers(service) || s.allows("application-autoscaling:RegisterScalableTarget") {
			return true
		}
	}
	return false
}

// stays says why a policy cannot add the first task; it is empty where it can.
func (c *checker) stays(policy *resource) string {
	if tracking := policy.Prop("TargetTrackingScalingPolicyConfiguration"); tracking.Exists() {
		return trackingStays(tracking)
	}
	steps := policy.Prop("StepScalingPolicyConfiguration")
	if !steps.Exists() {
		return "a policy that is neither step scaling nor target tracking"
	}
	flaw := "step scaling without an alarm"
	for _, alarm := range c.All(typeAlarm) {
		for _, action := range alarm.Prop("AlarmActions").List() {
			if action.Ref(typeScalingPolicy) != policy {
				continue
			}
			if flaw = alarmStays(alarm, steps); flaw == "" {
				return ""
			}
		}
	}
	return flaw
}

func trackingStays(tracking value) string {
	if metric := tracking.At("PredefinedMetricSpecification", "PredefinedMetricType"); metric.Exists() {
		return "target tracking of " + metric.Text() + ", which has no value without tasks"
	}
	custom := tracking.At("CustomizedMetricSpecification")
	if flaw := metricStays(custom, custom.At("Metrics")); flaw != "" {
		return "target tracking of " + flaw
	}
	if goal, known := tracking.At("TargetValue").Number(); known && goal >= 1 {
		return fmt.Sprintf("target tracking with a target of %g, which scales out above it", goal)
	}
	return ""
}

// alarmStays judges the alarm of a step policy by its first step that adds tasks.
func alarmStays(alarm *resource, steps value) string {
	if flaw := metricStays(alarm.Prop(), alarm.Prop("Metrics")); flaw != "" {
		return "step scaling by " + flaw
	}
	threshold, known := alarm.Prop("Threshold").Number()
	if !known {
		return ""
	}
	operator := alarm.Prop("ComparisonOperator")
	if operator.Is("LessThanThreshold") || operator.Is("LessThanOrEqualToThreshold") {
		return "step scaling by an alarm on low values"
	}
	percent := steps.At("AdjustmentType").Is("PercentChangeInCapacity") && !steps.At("MinAdjustmentMagnitude").Exists()
	first, adds := 0.0, false
	for _, step := range steps.At("StepAdjustments").List() {
		change, _ := step.At("ScalingAdjustment").Number()
		lower, _ := step.At("MetricIntervalLowerBound").NumberOr(0)
		if at := threshold + max(lower, 0); change > 0 && (!adds || at < first) {
			first, adds = at, true
		}
	}
	switch {
	case !adds:
		return "step scaling that adds nothing"
	case percent:
		return "step scaling by a share of zero tasks"
	case first > 1, first == 1 && operator.Is("GreaterThanThreshold"):
		return fmt.Sprintf("step scaling whose first step is at %s%g", map[bool]string{true: "more than "}[operator.Is("GreaterThanThreshold")], first)
	}
	return ""
}

// metricStays names a metric that has no value, or only zero, without tasks.
func metricStays(metric, calculation value) string {
	for _, each := range calculation.List() {
		if expression, _ := each.At("Expression").Literal(); strings.Contains(expression, "/") {
			return "a quotient (" + expression + ")"
		}
	}
	space, name := metric.At("Namespace").Text(), metric.At("MetricName").Text()
	switch {
	case space == "AWS/ECS",
		space == "AWS/ApplicationELB" && (name == "RequestCount" || name == "RequestCountPerTarget" || name == "TargetResponseTime" ||
			strings.HasPrefix(name, "HTTPCode_Target") || strings.HasPrefix(name, "Target")):
		return fmt.Sprintf("%s %s, which has no value without tasks", space, name)
	}
	return ""
}
