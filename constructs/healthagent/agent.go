package healthagent

import (
	"fmt"
	"path"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"tandem/constructs/internal/check"
	"tandem/constructs/internal/containers"
	"tandem/constructs/internal/hostpaths"
	"tandem/runtime/settings"
)

// libraryPath is where the dynamic linker of the agent's image looks for NVML.
const libraryPath = "/usr/lib/x86_64-linux-gnu/libnvidia-ml.so.1"

// HealthAgent is the daemon service.
type HealthAgent struct {
	construct constructs.Construct
	props     Props
	role      awsiam.Role
	logs      awslogs.LogGroup
	task      awsecs.Ec2TaskDefinition
	service   awsecs.Ec2Service
	// Asked for once: each question goes through jsii.
	clusterName, clusterARN string
}

// New creates the task definition and the service. It panics, with the
// construct's path, when a required prop is missing.
func New(scope constructs.Construct, id string, props *Props) *HealthAgent {
	this := constructs.NewConstruct(scope, &id)
	check.Required(this, "healthagent", map[string]bool{
		"Cluster": props.Cluster == nil, "Image": props.Image == nil, "Groups": len(props.Groups) == 0,
	})
	a := &HealthAgent{construct: this, props: props.withDefaults()}
	if mode := a.props.Settings.Mode; mode != ModeObserve && mode != ModeProtect {
		panic(fmt.Sprintf("%s: healthagent.Props.Settings.Mode is %q, and there are only %s and %s", *this.Node().Path(), mode, ModeObserve, ModeProtect))
	}
	a.clusterName, a.clusterARN = *a.props.Cluster.ClusterName(), *a.props.Cluster.ClusterArn()
	a.role = containers.NewTaskRole(this, "TaskRole", "What the GPU health agent may do")
	a.allow()
	a.logs = containers.NewLogGroup(this, a.props.LogRetention)
	a.task = a.newTaskDefinition()
	a.service = awsecs.NewEc2Service(this, jsii.String("Service"), &awsecs.Ec2ServiceProps{
		Cluster:        a.props.Cluster,
		TaskDefinition: a.task,
		Daemon:         jsii.Bool(true),
		// One an instance: the old one has to end before the new one starts.
		MinHealthyPercent:    jsii.Number(0),
		MaxHealthyPercent:    jsii.Number(100),
		CircuitBreaker:       &awsecs.DeploymentCircuitBreaker{Enable: jsii.Bool(true), Rollback: jsii.Bool(true)},
		PropagateTags:        awsecs.PropagatedTagSource_SERVICE,
		EnableECSManagedTags: jsii.Bool(true),
	})
	containers.Explain(a.task)
	return a
}

func (a *HealthAgent) newTaskDefinition() awsecs.Ec2TaskDefinition {
	task := awsecs.NewEc2TaskDefinition(a.construct, jsii.String("Task"), &awsecs.Ec2TaskDefinitionProps{
		NetworkMode: awsecs.NetworkMode_HOST,
		TaskRole:    a.role,
	})
	agent := task.AddContainer(jsii.String("agent"), &awsecs.ContainerDefinitionOptions{
		Image:                  a.props.Image,
		Environment:            a.environment(),
		Essential:              jsii.Bool(true),
		Cpu:                    jsii.Number(float64(a.props.CPU)),
		MemoryLimitMiB:         jsii.Number(float64(a.props.MemoryMiB)),
		Privileged:             jsii.Bool(true),
		ReadonlyRootFilesystem: jsii.Bool(true),
		User:                   jsii.String("0:0"),
		// It only has to say that the instance is unhealthy.
		StopTimeout: seconds(30),
		HealthCheck: &awsecs.HealthCheck{
			Command:     jsii.Strings("CMD", settings.AgentBinary, settings.AgentHealth),
			Interval:    seconds(30),
			Timeout:     seconds(10),
			Retries:     jsii.Number(3),
			StartPeriod: seconds(60),
		},
		Logging: containers.LogTo(a.logs),
	})
	a.mount(task, agent, "node-status", a.props.NodeStatusPath, a.props.NodeStatusPath, false)
	a.mount(task, agent, "nvml", a.props.NVMLLibrary, libraryPath, true)
	a.mount(task, agent, "kernel-log", "/dev/kmsg", "/dev/kmsg", true)
	task.ObtainExecutionRole()
	return task
}

func (a *HealthAgent) mount(task awsecs.TaskDefinition, agent awsecs.ContainerDefinition, name, host, at string, readOnly bool) {
	task.AddVolume(&awsecs.Volume{Name: &name, Host: &awsecs.Host{SourcePath: &host}})
	agent.AddMountPoints(containers.Mount(name, at, readOnly))
}

func (a *HealthAgent) environment() *map[string]*string {
	program := a.props.Settings
	program.Cluster = a.clusterName
	program.NodeStatusFile = path.Join(a.props.NodeStatusPath, hostpaths.NodeStatusFile)
	return containers.Environment(a.construct, settings.Encode(program))
}

func seconds(count float64) awscdk.Duration { return awscdk.Duration_Seconds(jsii.Number(count)) }
