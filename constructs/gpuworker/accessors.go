package gpuworker

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"tandem/constructs/accepted"
	"tandem/constructs/internal/metric"
)

// Construct is the scope that holds the worker.
func (w *GPUWorker) Construct() constructs.Construct { return w.construct }

// TaskRole is what grants are made to.
func (w *GPUWorker) TaskRole() awsiam.IRole { return w.role }

// GrantPrincipal is the task role: a worker can be granted to.
func (w *GPUWorker) GrantPrincipal() awsiam.IPrincipal { return w.role.GrantPrincipal() }

// TaskDefinition of both services.
func (w *GPUWorker) TaskDefinition() awsecs.TaskDefinition { return w.task }

// SpotService runs on spot, or is nil.
func (w *GPUWorker) SpotService() awsecs.IBaseService { return orNil(w.spot) }

// OnDemandService runs on on-demand, or is nil.
func (w *GPUWorker) OnDemandService() awsecs.IBaseService { return orNil(w.onDemand) }

// Services are those that there are, spot first.
func (w *GPUWorker) Services() []awsecs.IBaseService {
	var all []awsecs.IBaseService
	for _, service := range []awsecs.BaseService{w.spot, w.onDemand} {
		if service != nil {
			all = append(all, service)
		}
	}
	return all
}

// LogGroup is where all containers write.
func (w *GPUWorker) LogGroup() awslogs.ILogGroup { return w.logs }

// Connections is the tasks' place in the network.
func (w *GPUWorker) Connections() awsec2.Connections { return w.securityGroup.Connections() }

// GrantScale allows ecs:UpdateService and DescribeServices on the services.
func (w *GPUWorker) GrantScale(grantee awsiam.IGrantable) awsiam.Grant {
	var arns []*string
	for _, service := range w.Services() {
		arns = append(arns, service.ServiceArn())
	}
	return awsiam.Grant_AddToPrincipal(&awsiam.GrantOnPrincipalOptions{
		Grantee: grantee, Actions: jsii.Strings("ecs:UpdateService", "ecs:DescribeServices"), ResourceArns: &arns,
	})
}

// Metric returns a metric of ECS/ContainerInsights for each service that there
// is, spot first. Default: average over a minute.
func (w *GPUWorker) Metric(name string, options *awscloudwatch.MetricOptions) []awscloudwatch.Metric {
	var all []awscloudwatch.Metric
	for i := range w.Services() {
		all = append(all, metric.New(&awscloudwatch.MetricProps{
			Namespace:  jsii.String("ECS/ContainerInsights"),
			MetricName: &name,
			DimensionsMap: &map[string]*string{
				"ClusterName": &w.clusterName, "ServiceName": &w.serviceNames[i],
			},
			Statistic: jsii.String("Average"),
			Period:    w.minute,
		}, options))
	}
	return all
}

// MetricRunning counts tasks that run.
func (w *GPUWorker) MetricRunning(options *awscloudwatch.MetricOptions) []awscloudwatch.Metric {
	return w.Metric("RunningTaskCount", options)
}

// MetricDesired is how many tasks the controller asks for; above MetricRunning
// it shows tasks that wait for an instance.
func (w *GPUWorker) MetricDesired(options *awscloudwatch.MetricOptions) []awscloudwatch.Metric {
	return w.Metric("DesiredTaskCount", options)
}

// MetricPending counts tasks that start: images are pulled, weights fetched.
func (w *GPUWorker) MetricPending(options *awscloudwatch.MetricOptions) []awscloudwatch.Metric {
	return w.Metric("PendingTaskCount", options)
}

// allowProtection lets a task protect itself from scale-in while it is busy.
// The policy is one of its own, so that its reason explains nothing else.
func (w *GPUWorker) allowProtection() {
	tasks := awscdk.Stack_Of(w.construct).FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("ecs"), Resource: jsii.String("task"),
		ResourceName: jsii.String(w.clusterName + "/*"),
	})
	policy := awsiam.NewPolicy(w.construct, jsii.String("Protection"), &awsiam.PolicyProps{
		Roles: &[]awsiam.IRole{w.role},
		Statements: &[]awsiam.PolicyStatement{awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Sid: jsii.String("ProtectItself"), Actions: jsii.Strings("ecs:UpdateTaskProtection", "ecs:GetTaskProtection"),
			Resources: &[]*string{tasks},
		})},
	})
	accepted.OnResource(policy, accepted.Finding{
		Rule:   "AwsSolutions-IAM5",
		Reason: "A task protects itself by its id, which is not known before it runs; the policy is limited to tasks of this cluster.",
	})
}

func orNil(service awsecs.BaseService) awsecs.IBaseService {
	if service == nil {
		return nil
	}
	return service
}
