package gpucapacity

import (
	"encoding/json"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"tandem/constructs/accepted"
	"tandem/runtime/settings"
)

// emptyOnDelete adds the custom resource; what its function does is told at
// [settings.EmptyRequest].
func (c *GPUCapacity) emptyOnDelete() {
	if len(c.purchases()) == 0 {
		return
	}
	request := settings.EmptyRequest{
		Cluster: *c.props.Cluster.ClusterName(),
		// It would launch instances, and end others, only to even out zones.
		SuspendProcesses: []string{"AZRebalance"},
	}
	for _, p := range c.purchases() {
		request.AutoScalingGroups = append(request.AutoScalingGroups, p.groupName)
		request.CapacityProviders = append(request.CapacityProviders, p.providerName)
	}
	resource := awscdk.NewCustomResource(c.construct, jsii.String("Empty"), &awscdk.CustomResourceProps{
		ServiceToken: c.props.EmptyFunction.FunctionArn(),
		ResourceType: jsii.String("Custom::EmptyAutoScalingGroups"),
		// As long as a function may run; the default is an hour.
		ServiceTimeout: minutes(15),
		Properties:     properties(request),
	})
	// Deleted in the reverse order: first this, then the cluster's association
	// (which the CDK adds below the cluster at the end of the synth), then the
	// providers, the groups and what the function may do.
	before := []constructs.IDependable{c.props.Cluster}
	for _, p := range c.purchases() {
		before = append(before, p.provider, p.group)
	}
	resource.Node().AddDependency(before...)
	c.grantEmpty(c.props.EmptyFunction).ApplyBefore(resource)
	accepted.OnPolicies(c.props.EmptyFunction.Role(), accepted.Finding{
		Rule:   "AwsSolutions-IAM5",
		Reason: "Describing groups has no resource to name; which tasks and instances of this cluster must be stopped is known only when it is deleted.",
	})
}

// properties are the request as CloudFormation sends it; tokens are plain strings.
func properties(request settings.EmptyRequest) *map[string]any {
	all := map[string]any{}
	raw, err := json.Marshal(request)
	if err == nil {
		err = json.Unmarshal(raw, &all)
	}
	if err != nil {
		panic("gpucapacity: encoding the request to empty groups: " + err.Error())
	}
	return &all
}

// grantEmpty returns the last of the grants, which are all in one policy.
func (c *GPUCapacity) grantEmpty(grantee awsiam.IGrantable) awsiam.Grant {
	cluster := c.props.Cluster.ClusterName()
	var providers []*string
	for _, p := range c.purchases() {
		providers = append(providers, c.stack.FormatArn(&awscdk.ArnComponents{
			Service: jsii.String("ecs"), Resource: jsii.String("capacity-provider"), ResourceName: &p.providerName,
		}))
	}
	tasks := c.stack.FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("ecs"), Resource: jsii.String("task"), ResourceName: jsii.String(*cluster + "/*"),
	})
	grant(grantee, c.groupARNs(), "autoscaling:UpdateAutoScalingGroup", "autoscaling:SetInstanceProtection",
		"autoscaling:SuspendProcesses", "autoscaling:DeleteLifecycleHook", "autoscaling:CompleteLifecycleAction",
		"autoscaling:TerminateInstanceInAutoScalingGroup")
	grant(grantee, []*string{jsii.String("*")}, "autoscaling:DescribeAutoScalingGroups", "autoscaling:DescribeLifecycleHooks")
	grant(grantee, providers, "ecs:UpdateCapacityProvider")
	grant(grantee, []*string{c.props.Cluster.ClusterArn()}, "ecs:ListContainerInstances")
	grant(grantee, []*string{c.instances}, "ecs:DescribeContainerInstances",
		"ecs:UpdateContainerInstancesState", "ecs:ListTasks")
	return grant(grantee, []*string{tasks}, "ecs:StopTask")
}

func grant(grantee awsiam.IGrantable, resources []*string, actions ...string) awsiam.Grant {
	return awsiam.Grant_AddToPrincipal(&awsiam.GrantOnPrincipalOptions{
		Grantee: grantee, Actions: jsii.Strings(actions...), ResourceArns: &resources,
	})
}
