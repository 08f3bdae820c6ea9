package gpucapacity

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"

	"tandem/constructs/accepted"
)

// EmptyRequest names the properties of the custom resource, which the function
// finds in its event under ResourceProperties.
//
// On create and update the function suspends the processes of SuspendProcesses
// in all groups. On delete it turns off the capacity providers' managed scaling
// and protection, takes the instances' protection and the groups' lifecycle
// hooks away, sets the groups to zero, drains the instances, stops tasks that
// outlast its limit, and answers when the groups are empty. A group that is
// gone already is empty.
type EmptyRequest struct {
	Cluster, AutoScalingGroups, CapacityProviders, SuspendProcesses string
}

// EmptyProperties are the names in use.
func EmptyProperties() EmptyRequest {
	return EmptyRequest{
		Cluster:           "Cluster",
		AutoScalingGroups: "AutoScalingGroups",
		CapacityProviders: "CapacityProviders",
		SuspendProcesses:  "SuspendProcesses",
	}
}

func (c *GPUCapacity) emptyOnDelete() {
	if len(c.purchases()) == 0 {
		return
	}
	var groups, providers []any
	for _, p := range c.purchases() {
		groups = append(groups, p.group.AutoScalingGroupName())
		providers = append(providers, p.provider.CapacityProviderName())
	}
	names := EmptyProperties()
	resource := awscdk.NewCustomResource(c.construct, jsii.String("Empty"), &awscdk.CustomResourceProps{
		ServiceToken: c.props.EmptyFunction.FunctionArn(),
		ResourceType: jsii.String("Custom::EmptyAutoScalingGroups"),
		// As long as a function may run; the default is an hour.
		ServiceTimeout: minutes(15),
		Properties: &map[string]any{
			names.Cluster:           c.props.Cluster.ClusterName(),
			names.AutoScalingGroups: groups,
			names.CapacityProviders: providers,
			names.SuspendProcesses:  []any{"AZRebalance"},
		},
	})
	// Deleted in the reverse order: first this, then the cluster's association
	// (which the CDK adds below the cluster at the end of the synth), then the
	// providers, the groups and what the function may do.
	resource.Node().AddDependency(c.props.Cluster)
	for _, p := range c.purchases() {
		resource.Node().AddDependency(p.provider, p.group)
	}
	for _, grant := range c.grantEmpty(c.props.EmptyFunction) {
		grant.ApplyBefore(resource)
	}
	accepted.On(c.props.EmptyFunction.Role(), accepted.Finding{
		Rule:   "AwsSolutions-IAM5",
		Reason: "Describing groups has no resource to name; which tasks and instances of this cluster must be stopped is known only when it is deleted.",
	})
}

func (c *GPUCapacity) grantEmpty(grantee awsiam.IGrantable) []awsiam.Grant {
	stack := awscdk.Stack_Of(c.construct)
	cluster := c.props.Cluster.ClusterName()
	var providers []*string
	for _, p := range c.purchases() {
		providers = append(providers, stack.FormatArn(&awscdk.ArnComponents{
			Service: jsii.String("ecs"), Resource: jsii.String("capacity-provider"), ResourceName: p.provider.CapacityProviderName(),
		}))
	}
	tasks := stack.FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("ecs"), Resource: jsii.String("task"), ResourceName: jsii.String(*cluster + "/*"),
	})
	return []awsiam.Grant{
		grant(grantee, c.groupARNs(), "autoscaling:UpdateAutoScalingGroup", "autoscaling:SetInstanceProtection",
			"autoscaling:SuspendProcesses", "autoscaling:DeleteLifecycleHook", "autoscaling:CompleteLifecycleAction",
			"autoscaling:TerminateInstanceInAutoScalingGroup"),
		grant(grantee, []*string{jsii.String("*")}, "autoscaling:DescribeAutoScalingGroups", "autoscaling:DescribeLifecycleHooks"),
		grant(grantee, providers, "ecs:UpdateCapacityProvider"),
		grant(grantee, []*string{c.props.Cluster.ClusterArn()}, "ecs:ListContainerInstances"),
		grant(grantee, []*string{containerInstances(c.construct, cluster)}, "ecs:DescribeContainerInstances",
			"ecs:UpdateContainerInstancesState", "ecs:ListTasks"),
		grant(grantee, []*string{tasks}, "ecs:StopTask"),
	}
}

func grant(grantee awsiam.IGrantable, resources []*string, actions ...string) awsiam.Grant {
	return awsiam.Grant_AddToPrincipal(&awsiam.GrantOnPrincipalOptions{
		Grantee: grantee, Actions: jsii.Strings(actions...), ResourceArns: &resources,
	})
}
