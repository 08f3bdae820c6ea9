// Package capacitycontroller is the function that decides how many tasks each
// worker has: run each minute, on ECS task events, on spot notices and on
// launches that failed. What it decides is in runtime/capacity, and what it
// costs in docs/capacity.md.
package capacitycontroller

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsautoscaling"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseventstargets"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"tandem/constructs/accepted"
	"tandem/constructs/gofunction"
	"tandem/constructs/internal/metric"
	"tandem/runtime/settings"
)

// Props of a [CapacityController].
type Props struct {
	// Settings of the program; its FleetNames are filled in from Fleet.
	//
	// Required.
	Settings settings.Capacity
	// Fleet is what it scales, and within which bounds; it is packed beside the
	// program, but for its names.
	//
	// Required.
	Fleet settings.Fleet
	// Bundle provides the code.
	//
	// Required.
	Bundle gofunction.Bundle
	// Cluster whose services it scales.
	//
	// Required.
	Cluster awsecs.ICluster
	// Services that it may update.
	//
	// Required.
	Services []awsecs.IBaseService
	// Groups whose desired capacity it may set.
	//
	// Default: - none, where everything runs on Fargate.
	Groups []awsautoscaling.IAutoScalingGroup
	// LogRetention of its log group.
	//
	// Default: ONE_MONTH.
	LogRetention awslogs.RetentionDays
	// Tracing sends traces to X-Ray.
	//
	// Default: false.
	Tracing bool
}

// CapacityController scales workers.
type CapacityController struct {
	construct constructs.Construct
	function  *gofunction.Function
	release   settings.Release
}

// New creates the function, its schedule and its rules. Only what is granted
// here can be scaled; reading queues and the state table is granted by their owners.
func New(scope constructs.Construct, id string, props *Props) *CapacityController {
	this := constructs.NewConstruct(scope, &id)
	names, file := props.Fleet.Split()
	props.Settings.FleetNames = names
	function := gofunction.New(this, "Function", &gofunction.Props{
		Program:     "capacity",
		Description: "Decides how many tasks each worker has, each minute and on events",
		Settings:    props.Settings,
		Files:       map[string][]byte{"fleet.json": file},
		Bundle:      props.Bundle,
		MemoryMiB:   256,
		Timeout:     awscdk.Duration_Seconds(jsii.Number(50)),
		// A second run at the same time does no harm, a third is of no use.
		LogRetention: props.LogRetention,
		Tracing:      props.Tracing,
	})
	controller := &CapacityController{construct: this, function: function, release: props.Settings.Release}
	controller.schedule()
	controller.onEvents(props)
	controller.grantScaling(props)
	return controller
}

func (c *CapacityController) schedule() {
	awsevents.NewRule(c.construct, jsii.String("EachMinute"), &awsevents.RuleProps{
		Description: jsii.String("Looks at queues and tasks each minute"),
		Schedule:    awsevents.Schedule_Rate(awscdk.Duration_Minutes(jsii.Number(1))),
		Targets:     c.target(),
	})
}

// onEvents makes it look again when something has happened. What an event
// says is told in capacity/ecsfleet; events of other instances of the account,
// whose pattern cannot name the fleet's, cost one run each.
func (c *CapacityController) onEvents(props *Props) {
	c.on("TaskChanged", "Looks again when a task of the cluster runs, has stopped or could not be placed", "aws.ecs",
		[]string{"ECS Task State Change", "ECS Service Action"}, &map[string]any{
			"clusterArn": []any{props.Cluster.ClusterArn()},
			"$or": []any{
				map[string]any{"lastStatus": []any{"RUNNING", "STOPPED"}},
				map[string]any{"eventType": []any{"WARN", "ERROR"}},
			},
		})
	c.on("SpotNotice", "Asks for a replacement as soon as a spot instance is to be reclaimed", "aws.ec2",
		[]string{"EC2 Spot Instance Interruption Warning", "EC2 Instance Rebalance Recommendation"}, nil)
	if len(props.Groups) == 0 {
		return
	}
	var groups []any
	for _, group := range props.Groups {
		groups = append(groups, group.AutoScalingGroupName())
	}
	c.on("LaunchFailed", "Learns that an instance could not be had, and why", "aws.autoscaling",
		[]string{"EC2 Instance Launch Unsuccessful"}, &map[string]any{"AutoScalingGroupName": groups})
}

func (c *CapacityController) on(id, description, source string, kinds []string, detail *map[string]any) {
	awsevents.NewRule(c.construct, &id, &awsevents.RuleProps{
		Description:  &description,
		EventPattern: &awsevents.EventPattern{Source: jsii.Strings(source), DetailType: jsii.Strings(kinds...), Detail: detail},
		Targets:      c.target(),
	})
}

func (c *CapacityController) target() *[]awsevents.IRuleTarget {
	return &[]awsevents.IRuleTarget{awseventstargets.NewLambdaFunction(c.function.Function(), &awseventstargets.LambdaFunctionProps{
		// The next run sees what this one would have seen.
		RetryAttempts: jsii.Number(0),
		MaxEventAge:   awscdk.Duration_Minutes(jsii.Number(1)),
	})}
}

func (c *CapacityController) grantScaling(props *Props) {
	role := c.function.Role()
	var services, groups []*string
	for _, service := range props.Services {
		services = append(services, service.ServiceArn())
	}
	for _, group := range props.Groups {
		groups = append(groups, group.AutoScalingGroupArn())
	}
	if len(services) > 0 {
		grant(role, services, "ecs:UpdateService", "ecs:DescribeServices")
		// For tasks of an old revision that outlast a deploy's drain: which those are
		// is known only then.
		grant(role, []*string{c.ofCluster(props, "container-instance")}, "ecs:ListTasks")
		grant(role, []*string{c.ofCluster(props, "task")}, "ecs:DescribeTasks", "ecs:StopTask", "ecs:GetTaskProtection")
		accepted.OnPolicies(role, accepted.Finding{
			Rule:   "AwsSolutions-IAM5",
			Reason: "autoscaling:Describe* has no resource to name, a group's ARN holds an id that only AWS knows before its name, and the cluster's tasks and instances come and go.",
		})
	}
	if len(groups) > 0 {
		grant(role, groups, "autoscaling:SetDesiredCapacity",
			// Instances of an earlier launch template, once their workers are idle.
			"autoscaling:TerminateInstanceInAutoScalingGroup")
		grant(role, []*string{jsii.String("*")}, "autoscaling:DescribeAutoScalingGroups")
		grant(role, []*string{props.Cluster.ClusterArn()}, "ecs:ListContainerInstances")
		grant(role, []*string{c.ofCluster(props, "container-instance")}, "ecs:DescribeContainerInstances")
	}
}

// ofCluster is the ARN of all tasks or instances of the cluster.
func (c *CapacityController) ofCluster(props *Props, kind string) *string {
	return awscdk.Stack_Of(c.construct).FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("ecs"), Resource: &kind, ResourceName: jsii.String(*props.Cluster.ClusterName() + "/*"),
	})
}

func grant(role awsiam.IRole, resources []*string, actions ...string) {
	awsiam.Grant_AddToPrincipal(&awsiam.GrantOnPrincipalOptions{
		Grantee: role, Actions: jsii.Strings(actions...), ResourceArns: &resources,
	})
}

// Construct is the scope that holds the controller.
func (c *CapacityController) Construct() constructs.Construct { return c.construct }

// Metric of what the controller writes into its log, by a name of
// runtime/settings such as settings.MetricWakeSeconds.
func (c *CapacityController) Metric(name string, options *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return metric.New(&awscloudwatch.MetricProps{
		Namespace: jsii.String(settings.CapacityNamespace), MetricName: &name,
		DimensionsMap: &map[string]*string{"Application": &c.release.Application, "Environment": &c.release.Environment},
	}, options)
}

// Function runs the controller; submit invokes it when nothing is running.
func (c *CapacityController) Function() *gofunction.Function { return c.function }
