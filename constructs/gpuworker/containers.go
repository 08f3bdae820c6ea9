package gpuworker

import (
	"fmt"
	"maps"
	"path"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/jsii-runtime-go"

	"tandem/constructs/internal/containers"
	"tandem/constructs/internal/hostpaths"
	"tandem/runtime/settings"
)

// addServer adds the model server and the worker beside it.
func (w *GPUWorker) addServer(task awsecs.TaskDefinition) (model, worker awsecs.ContainerDefinition) {
	options := w.modelOptions()
	options.Command = optional(w.props.Command)
	options.StopTimeout = seconds(modelStop)
	model = task.AddContainer(jsii.String(ModelContainer), options)
	beside := &awsecs.ContainerDefinitionOptions{
		Image:                  w.props.WorkerImage,
		Environment:            containers.Environment(w.construct, settings.Encode(w.settings())),
		Essential:              jsii.Bool(true),
		Cpu:                    jsii.Number(float64(w.props.WorkerCPU)),
		MemoryLimitMiB:         jsii.Number(float64(w.workerMiB())),
		User:                   jsii.String(fmt.Sprintf("%[1]d:%[1]d", hostpaths.User)),
		ReadonlyRootFilesystem: jsii.Bool(true),
		LinuxParameters:        containers.Unprivileged(w.construct, "WorkerLinux"),
		StopTimeout:            seconds(w.stopTimeout() + workerMargin),
		HealthCheck:            health(settings.WorkerBinary),
		Logging:                containers.LogTo(w.logs),
	}
	if !w.props.onFargate() {
		beside.DockerSecurityOptions = jsii.Strings(containers.NoNewPrivileges)
	}
	worker = task.AddContainer(jsii.String(WorkerContainer), beside)
	// Started after the model, and so stopped before it: it needs a model that
	// still answers to have it save a checkpoint.
	worker.AddContainerDependencies(&awsecs.ContainerDependency{Container: model, Condition: awsecs.ContainerDependencyCondition_START})
	return model, worker
}

// addExec adds the user's container with the worker's program as its entry point.
func (w *GPUWorker) addExec(task awsecs.TaskDefinition) awsecs.ContainerDefinition {
	program := path.Join(programPath, path.Base(settings.WorkerBinary))
	task.AddVolume(&awsecs.Volume{Name: jsii.String("program")})
	install := task.AddContainer(jsii.String("install"), &awsecs.ContainerDefinitionOptions{
		Image:                w.props.WorkerImage,
		Command:              jsii.Strings(settings.WorkerInstall, program),
		Essential:            jsii.Bool(false),
		MemoryReservationMiB: jsii.Number(initMiB),
		MemoryLimitMiB:       jsii.Number(initLimitMiB),
		// A new volume belongs to root, and nobody else may write to it. Without
		// capabilities root may do little more.
		User:                   jsii.String("0:0"),
		ReadonlyRootFilesystem: jsii.Bool(true),
		LinuxParameters:        containers.Unprivileged(w.construct, "InstallLinux"),
		Logging:                containers.LogTo(w.logs),
	})
	install.AddMountPoints(containers.Mount("program", programPath, false))

	options := w.modelOptions()
	options.EntryPoint = jsii.Strings(program)
	variables := map[string]string{}
	maps.Copy(variables, w.props.Environment)
	maps.Copy(variables, settings.Encode(w.settings()))
	options.Environment = containers.Environment(w.construct, variables)
	options.Cpu = jsii.Number(float64(w.props.CPU + w.props.WorkerCPU))
	options.MemoryLimitMiB = jsii.Number(float64(w.props.MemoryMiB + w.workerMiB()))
	options.StopTimeout = seconds(w.stopTimeout() + workerMargin + modelStop)
	options.HealthCheck = health(program)
	model := task.AddContainer(jsii.String(ModelContainer), options)
	model.AddMountPoints(containers.Mount("program", programPath, true))
	model.AddContainerDependencies(&awsecs.ContainerDependency{Container: install, Condition: awsecs.ContainerDependencyCondition_SUCCESS})
	return model
}

// modelOptions are what the user's container has in both modes.
func (w *GPUWorker) modelOptions() *awsecs.ContainerDefinitionOptions {
	linux := &awsecs.LinuxParametersProps{InitProcessEnabled: jsii.Bool(true)}
	options := &awsecs.ContainerDefinitionOptions{
		Image:          w.props.ModelImage,
		Environment:    containers.Environment(w.construct, w.props.Environment),
		Essential:      jsii.Bool(true),
		Cpu:            jsii.Number(float64(w.props.CPU)),
		MemoryLimitMiB: jsii.Number(float64(w.props.MemoryMiB)),
		Logging:        containers.LogTo(w.logs),
	}
	if len(w.props.Secrets) > 0 {
		options.Secrets = &w.props.Secrets
	}
	if !w.props.onFargate() {
		options.GpuCount = jsii.Number(float64(w.props.GPUs))
		linux.SharedMemorySize = jsii.Number(float64(w.props.SharedMemoryMiB))
	}
	options.LinuxParameters = awsecs.NewLinuxParameters(w.construct, jsii.String("ModelLinux"), linux)
	return options
}

// health replaces a task whose worker no longer answers: it would hold a GPU,
// and its protection, for nothing. A worker that is only busy has 2.5 minutes.
func health(program string) *awsecs.HealthCheck {
	return &awsecs.HealthCheck{
		Command:     jsii.Strings("CMD", program, settings.WorkerHealth),
		Interval:    seconds(30 * time.Second),
		Timeout:     seconds(10 * time.Second),
		Retries:     jsii.Number(5),
		StartPeriod: seconds(time.Minute),
	}
}

func optional(values []string) *[]*string {
	if len(values) == 0 {
		return nil
	}
	return jsii.Strings(values...)
}
