package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsautoscaling"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"

	"tandem/constructs/accepted"
	"tandem/runtime/settings"
)

// sleeps is whether a service has no tasks when nobody asks.
func (p *Props) sleeps(service string) bool {
	return number(p.Config.Services[service].Scale.Minimum) == 0
}

// sleepers tell a program how to wake the services that its routes lead to.
func (p *Props) sleepers(routes settings.Routes, d *Deployment) settings.Sleepers {
	var sleepers settings.Sleepers
	for _, name := range servicesOf(routes) {
		if p.sleeps(name) {
			if sleepers == nil {
				sleepers = settings.Sleepers{}
			}
			sleepers[name] = settings.Sleeper{
				Cluster: *d.Compute.Cluster.ClusterName(), Service: *d.Services.Services[name].Service().ServiceName(),
				Group: groupName(p.firstGroup(name, d)),
			}
		}
	}
	return sleepers
}

// firstGroup is the Auto Scaling group that a service's first task runs on.
func (p *Props) firstGroup(service string, d *Deployment) awsautoscaling.IAutoScalingGroup {
	c := p.Config.Services[service]
	groups := d.Compute.Groups[c.Capacity]
	if onDemand := groups.OnDemandGroup(); onDemand != nil && (number(c.Scale.OnDemandBase) > 0 || groups.SpotGroup() == nil) {
		return onDemand
	}
	return groups.SpotGroup()
}

// grantWake lets a program wake the services that its routes lead to, and no other.
func (p *Props) grantWake(role awsiam.IRole, routes settings.Routes, d *Deployment) {
	var groups []*string
	for _, name := range servicesOf(routes) {
		if p.sleeps(name) {
			d.Services.Services[name].GrantWake(role)
			groups = append(groups, p.firstGroup(name, d).AutoScalingGroupArn())
		}
	}
	if len(groups) == 0 {
		return
	}
	grantTo(role, groups, "autoscaling:SetDesiredCapacity")
	grantTo(role, []*string{jsii.String("*")}, "autoscaling:DescribeAutoScalingGroups")
	accepted.On(role, accepted.Finding{
		Rule:   "AwsSolutions-IAM5",
		Reason: "autoscaling:Describe* has no resource to name, and a group's ARN holds an id that only AWS knows before its name.",
	})
}

func grantTo(role awsiam.IRole, resources []*string, actions ...string) {
	awsiam.Grant_AddToPrincipal(&awsiam.GrantOnPrincipalOptions{Grantee: role, Actions: jsii.Strings(actions...), ResourceArns: &resources})
}
