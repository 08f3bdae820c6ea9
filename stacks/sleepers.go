package stacks

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsautoscaling"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"

	"tandem/constructs/accepted"
	"tandem/constructs/gofunction"
	"tandem/runtime/settings"
)

// sleeps is whether a service has no tasks when nobody asks.
func (p *Props) sleeps(service string) bool {
	return number(p.Config.Services[service].Scale.Minimum) == 0
}

// newWaker creates the function that wakes the services that sleep; nil where
// none does.
func newWaker(s *Services, p *Props, compute *Compute) *gofunction.Function {
	sleepers := settings.Sleepers{}
	var groups []*string
	for _, name := range sorted(p.Config.Services) {
		if p.sleeps(name) {
			group := p.firstGroup(name, compute)
			sleepers[name] = settings.Sleeper{
				Cluster: *compute.Cluster.ClusterName(), Service: *s.Services[name].Service().ServiceName(), Group: groupName(group),
			}
			groups = append(groups, group.AutoScalingGroupArn())
		}
	}
	if len(sleepers) == 0 {
		return nil
	}
	function := gofunction.New(s.Stack, "Waker", &gofunction.Props{
		Program: "wake", Description: "Wakes own models that a call found asleep",
		Settings: settings.Wake{Sleepers: sleepers}, Bundle: p.Bundle, Timeout: awscdk.Duration_Seconds(jsii.Number(30)),
		LogRetention: logRetention(p.Config.Observability.LogRetention), Tracing: p.Config.Observability.Tracing,
	})
	role := function.Role()
	for _, name := range sorted(sleepers) {
		s.Services[name].GrantWake(role)
	}
	grantTo(role, groups, "autoscaling:SetDesiredCapacity")
	grantTo(role, []*string{jsii.String("*")}, "autoscaling:DescribeAutoScalingGroups")
	accepted.On(role, accepted.Finding{
		Rule:   "AwsSolutions-IAM5",
		Reason: "autoscaling:Describe* has no resource to name, and a group's ARN holds an id that only AWS knows before its name.",
	})
	return function
}

// wakeFunction is the name of the function that wakes the services that routes
// lead to; empty where none of them sleeps.
func (p *Props) wakeFunction(routes settings.Routes, d *Deployment) string {
	if !p.anySleeps(routes) {
		return ""
	}
	return *d.Services.Waker.Function().FunctionName()
}

func (p *Props) anySleeps(routes settings.Routes) bool {
	return slices.ContainsFunc(servicesOf(routes), p.sleeps)
}

// firstGroup is the Auto Scaling group that a service's first task runs on.
func (p *Props) firstGroup(service string, compute *Compute) awsautoscaling.IAutoScalingGroup {
	c := p.Config.Services[service]
	groups := compute.Groups[c.Capacity]
	if onDemand := groups.OnDemandGroup(); onDemand != nil && (number(c.Scale.OnDemandBase) > 0 || groups.SpotGroup() == nil) {
		return onDemand
	}
	return groups.SpotGroup()
}

func grantTo(role awsiam.IRole, resources []*string, actions ...string) {
	awsiam.Grant_AddToPrincipal(&awsiam.GrantOnPrincipalOptions{Grantee: role, Actions: jsii.Strings(actions...), ResourceArns: &resources})
}
