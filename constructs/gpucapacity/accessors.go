package gpucapacity

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsautoscaling"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"tandem/constructs/internal/metric"
)

// Construct is the scope that holds the groups.
func (c *GPUCapacity) Construct() constructs.Construct { return c.construct }

// SpotGroup is the Auto Scaling group of spot instances, or nil.
func (c *GPUCapacity) SpotGroup() awsautoscaling.IAutoScalingGroup { return c.spot.groupOrNil() }

// OnDemandGroup is the Auto Scaling group of on-demand instances, or nil.
func (c *GPUCapacity) OnDemandGroup() awsautoscaling.IAutoScalingGroup {
	return c.onDemand.groupOrNil()
}

// Groups are the Auto Scaling groups that there are, spot first.
func (c *GPUCapacity) Groups() []awsautoscaling.IAutoScalingGroup {
	var groups []awsautoscaling.IAutoScalingGroup
	for _, p := range c.purchases() {
		groups = append(groups, p.group)
	}
	return groups
}

// SpotProviderName is the capacity provider of spot instances, or nil.
func (c *GPUCapacity) SpotProviderName() *string { return c.spot.nameOrNil() }

// OnDemandProviderName is the capacity provider of on-demand instances, or nil.
func (c *GPUCapacity) OnDemandProviderName() *string { return c.onDemand.nameOrNil() }

// GPUs of one instance.
func (c *GPUCapacity) GPUs() int { return c.props.GPUs }

// NodeStatusPath is the folder on the host that the health agent writes to.
func (c *GPUCapacity) NodeStatusPath() string { return c.props.NodeStatusPath }

// WeightsPath is the folder on the host where weights are cached.
func (c *GPUCapacity) WeightsPath() string { return c.props.WeightsPath }

// SecurityGroup of the instances. Tasks in awsvpc mode have their own.
func (c *GPUCapacity) SecurityGroup() awsec2.ISecurityGroup { return c.securityGroup }

// Connections is the instances' place in the network.
func (c *GPUCapacity) Connections() awsec2.Connections { return c.securityGroup.Connections() }

// Role of the instances, which the ECS agent uses.
func (c *GPUCapacity) Role() awsiam.IRole { return c.role }

// GrantScale allows autoscaling:SetDesiredCapacity on these groups.
func (c *GPUCapacity) GrantScale(grantee awsiam.IGrantable) awsiam.Grant {
	return grant(grantee, c.groupARNs(), "autoscaling:SetDesiredCapacity")
}

// GrantSetHealth allows autoscaling:SetInstanceHealth on these groups.
func (c *GPUCapacity) GrantSetHealth(grantee awsiam.IGrantable) awsiam.Grant {
	return grant(grantee, c.groupARNs(), "autoscaling:SetInstanceHealth")
}

// GrantReplace allows autoscaling:TerminateInstanceInAutoScalingGroup on these
// groups, for instances whose drain has outlasted its limit.
func (c *GPUCapacity) GrantReplace(grantee awsiam.IGrantable) awsiam.Grant {
	return grant(grantee, c.groupARNs(), "autoscaling:TerminateInstanceInAutoScalingGroup")
}

// Metric returns a metric of AWS/AutoScaling for each group that there is, spot
// first, such as GroupInServiceInstances. Default: maximum over a minute.
func (c *GPUCapacity) Metric(name string, options *awscloudwatch.MetricOptions) []awscloudwatch.Metric {
	var metrics []awscloudwatch.Metric
	for _, p := range c.purchases() {
		metrics = append(metrics, metric.New(&awscloudwatch.MetricProps{
			Namespace:     jsii.String("AWS/AutoScaling"),
			MetricName:    &name,
			DimensionsMap: &map[string]*string{"AutoScalingGroupName": &p.groupName},
			Statistic:     jsii.String("Maximum"),
			Period:        c.minute,
		}, options))
	}
	return metrics
}

// MetricInService counts instances that run.
func (c *GPUCapacity) MetricInService(options *awscloudwatch.MetricOptions) []awscloudwatch.Metric {
	return c.Metric("GroupInServiceInstances", options)
}

// MetricPending counts instances that start.
func (c *GPUCapacity) MetricPending(options *awscloudwatch.MetricOptions) []awscloudwatch.Metric {
	return c.Metric("GroupPendingInstances", options)
}

// MetricDesired is what the group is asked for; beside MetricInService it shows
// capacity that does not come.
func (c *GPUCapacity) MetricDesired(options *awscloudwatch.MetricOptions) []awscloudwatch.Metric {
	return c.Metric("GroupDesiredCapacity", options)
}

func (p *purchase) groupOrNil() awsautoscaling.IAutoScalingGroup {
	if p == nil {
		return nil
	}
	return p.group
}

func (p *purchase) nameOrNil() *string {
	if p == nil {
		return nil
	}
	return &p.providerName
}
