package gpuworker

import (
	"encoding/json"
	"fmt"
	"path"
	"strconv"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/jsii-runtime-go"

	"tandem/constructs/internal/containers"
	"tandem/constructs/internal/hostpaths"
	"tandem/runtime/settings"
)

const (
	// initMiB is what ECS counts for a container that runs before the others: it
	// has ended when they need their memory.
	initMiB = 8
	// initLimitMiB is what it may use.
	initLimitMiB = 512
	// programPath is where the worker's program is in the user's container, in exec mode.
	programPath = "/tandem"
)

func (w *GPUWorker) newTaskDefinition() awsecs.TaskDefinition {
	task := awsecs.NewTaskDefinition(w.construct, jsii.String("Task"), w.taskProps())
	if w.props.NodeStatusPath != "" {
		task.AddVolume(&awsecs.Volume{
			Name: jsii.String("node-status"),
			Host: &awsecs.Host{SourcePath: &w.props.NodeStatusPath},
		})
	}
	model, reporter := w.addContainers(task)
	if w.props.Weights != nil && !w.props.onFargate() {
		containers.AddFetch(w.construct, task, model, containers.FetchProps{
			Weights: *w.props.Weights, Image: w.props.WorkerImage, Cache: w.props.WeightsPath,
			Logging: containers.LogTo(w.logs), MemoryMiB: initMiB, LimitMiB: initLimitMiB,
		})
	}
	if w.props.NodeStatusPath != "" {
		// The folder, not the file: the agent replaces the file, and a mount would
		// go on showing the old one.
		reporter.AddMountPoints(containers.Mount("node-status", w.props.NodeStatusPath, true))
	}
	task.ObtainExecutionRole()
	return task
}

func (w *GPUWorker) taskProps() *awsecs.TaskDefinitionProps {
	props := &awsecs.TaskDefinitionProps{
		Compatibility: awsecs.Compatibility_EC2,
		NetworkMode:   awsecs.NetworkMode_AWS_VPC,
		TaskRole:      w.role,
	}
	if w.props.onFargate() {
		size := fargateSize(w.props.CPU+w.props.WorkerCPU, w.props.MemoryMiB+w.props.WorkerMemoryMiB)
		props.Compatibility = awsecs.Compatibility_FARGATE
		props.Cpu, props.MemoryMiB = jsii.String(strconv.Itoa(size.cpu)), jsii.String(strconv.Itoa(size.memoryMiB))
		props.RuntimePlatform = &awsecs.RuntimePlatform{
			CpuArchitecture:       awsecs.CpuArchitecture_X86_64(),
			OperatingSystemFamily: awsecs.OperatingSystemFamily_LINUX(),
		}
	}
	return props
}

// addContainers returns the user's container and the one that the worker's
// program runs in; in exec mode they are the same.
func (w *GPUWorker) addContainers(task awsecs.TaskDefinition) (model, reporter awsecs.ContainerDefinition) {
	if w.props.Mode == ModeExec {
		model = w.addExec(task)
		return model, model
	}
	return w.addServer(task)
}

// initContainers is how many containers run before the others.
func (w *GPUWorker) initContainers() int {
	count := 0
	if w.props.Weights != nil {
		count++
	}
	if w.props.Mode == ModeExec {
		count++
	}
	return count
}

// workerMiB is what is left for the worker, so that the task as a whole
// reserves what the props say.
func (w *GPUWorker) workerMiB() int { return w.props.WorkerMemoryMiB - w.initContainers()*initMiB }

// settings of the worker's program.
func (w *GPUWorker) settings() settings.Worker {
	s := w.props.Settings
	s.Name = w.props.Name
	s.Mode = w.props.Mode
	s.StopTimeout = w.stopTimeout()
	s.TaskProtection = true
	s.Endpoint, s.Command, s.NodeStatusFile = "", "", ""
	if w.props.Mode == ModeExec {
		raw, _ := json.Marshal(w.props.Command)
		s.Command = string(raw)
	} else {
		s.Endpoint = fmt.Sprintf("http://127.0.0.1:%d", w.props.Port)
	}
	if w.props.NodeStatusPath != "" {
		s.NodeStatusFile = path.Join(w.props.NodeStatusPath, hostpaths.NodeStatusFile)
	}
	return s
}

func (w *GPUWorker) stopTimeout() time.Duration {
	return time.Duration(*w.props.StopTimeout.ToSeconds(nil)) * time.Second
}

func seconds(d time.Duration) awscdk.Duration {
	return awscdk.Duration_Seconds(jsii.Number(d.Seconds()))
}
