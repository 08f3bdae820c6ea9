package gpuworker

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"tandem/constructs/internal/containers"
)

// GPUWorker is a task definition and its two services.
type GPUWorker struct {
	construct     constructs.Construct
	props         Props
	role          awsiam.Role
	logs          awslogs.LogGroup
	task          awsecs.TaskDefinition
	securityGroup awsec2.ISecurityGroup
	spot          awsecs.BaseService
	onDemand      awsecs.BaseService
	// Asked for once: each question goes through jsii.
	clusterName  string
	serviceNames []string
	minute       awscdk.Duration
}

// New creates the task definition and the services. It panics, with the
// construct's path, when a required prop is missing; values that ECS would
// refuse become error annotations.
func New(scope constructs.Construct, id string, props *Props) *GPUWorker {
	this := constructs.NewConstruct(scope, &id)
	required(this, props)
	w := &GPUWorker{construct: this, props: validate(this, props.withDefaults())}
	w.clusterName, w.minute = *w.props.Cluster.ClusterName(), awscdk.Duration_Minutes(jsii.Number(1))
	w.role = containers.NewTaskRole(this, "TaskRole", "What a task of the worker '"+props.Name+"' may do")
	w.allowProtection()
	w.logs = containers.NewLogGroup(this, w.props.LogRetention)
	w.task = w.newTaskDefinition()
	w.securityGroup = w.props.SecurityGroup
	if w.securityGroup == nil {
		w.securityGroup = awsec2.NewSecurityGroup(this, jsii.String("SecurityGroup"), &awsec2.SecurityGroupProps{
			Vpc:         w.props.VPC,
			Description: jsii.String("Worker " + props.Name + ": nothing in, everything out"),
		})
	}
	spot, onDemand := w.providers()
	if spot != nil {
		w.spot = w.newService("Spot", spot)
	}
	if onDemand != nil {
		w.onDemand = w.newService("OnDemand", onDemand)
	}
	for _, service := range w.Services() {
		w.serviceNames = append(w.serviceNames, *service.ServiceName())
	}
	containers.Explain(w.task)
	return w
}

// providers are the capacity providers for spot and on-demand, nil where there is none.
func (w *GPUWorker) providers() (spot, onDemand *string) {
	if w.props.onFargate() {
		return jsii.String("FARGATE_SPOT"), jsii.String("FARGATE")
	}
	return w.props.SpotProviderName, w.props.OnDemandProviderName
}
