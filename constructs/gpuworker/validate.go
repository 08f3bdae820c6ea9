package gpuworker

import (
	"fmt"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"

	"tandem/constructs/internal/check"
)

const (
	// stopBudget is what the containers of a task may take to stop, one after
	// the other: a spot notice comes two minutes ahead
	// (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html,
	// 2026-11-24), and ECS needs some seconds to act on it.
	stopBudget = 110 * time.Second
	// workerMargin is between the worker's own limit and the moment that ECS kills it.
	workerMargin = 5 * time.Second
	// modelStop is the time that the model container has once the worker has ended.
	modelStop = 15 * time.Second
)

func required(scope constructs.Construct, props *Props) {
	check.Required(scope, "gpuworker", map[string]bool{
		"Cluster": props.Cluster == nil, "VPC": props.VPC == nil, "Name": props.Name == "", "ModelImage": props.ModelImage == nil,
		"WorkerImage": props.WorkerImage == nil, "MemoryMiB": props.MemoryMiB == 0, "Settings": props.Settings.Timeout == 0,
	})
	if props.Mode != "" && props.Mode != ModeServer && props.Mode != ModeExec {
		panic(fmt.Sprintf("%s: gpuworker.Props.Mode is %q, and there are only %s and %s", *scope.Node().Path(), props.Mode, ModeServer, ModeExec))
	}
}

// validate reports what ECS would refuse, or accept and never place. It returns
// props with which the synth can go on, so that all errors are reported.
func validate(scope constructs.Construct, props Props) Props {
	if !props.onFargate() && props.SpotProviderName == nil && props.OnDemandProviderName == nil {
		check.Error(scope, check.Finding{
			Rule: "worker-has-capacity", Found: fmt.Sprintf("%d GPUs and no capacity provider", props.GPUs),
			Expected: "spot, on-demand, or both", Fix: "give the worker's group a maximum above 0, or set gpu to 0 to run on Fargate",
		})
	}
	if props.Mode == ModeExec && len(props.Command) == 0 {
		check.Error(scope, check.Finding{
			Rule: "exec-has-a-command", Found: "mode exec without a command", Expected: "what to run for each job", Fix: "set command",
		})
	}
	props = validateStop(scope, props)
	if props.onFargate() {
		validateFargate(scope, &props)
	} else if props.SharedMemoryMiB >= props.MemoryMiB {
		check.Error(scope, check.Finding{
			Rule: "shared-memory-fits", Found: fmt.Sprintf("%d MiB of shared memory in %d MiB", props.SharedMemoryMiB, props.MemoryMiB),
			Expected: "less than the container's memory, which it is part of", Fix: "lower it",
		})
	}
	return props
}

func validateStop(scope constructs.Construct, props Props) Props {
	longest := stopBudget - workerMargin - modelStop
	stop := time.Duration(*props.StopTimeout.ToSeconds(nil)) * time.Second
	if stop < time.Second || stop > longest {
		check.Error(scope, check.Finding{
			Rule:     "stop-timeouts-fit",
			Found:    fmt.Sprintf("a stop timeout of %s, which with the containers' own %s adds up to %s", stop, workerMargin+modelStop, stop+workerMargin+modelStop),
			Expected: fmt.Sprintf("1s to %s, as all have to end within %s of a spot notice", longest, stopBudget),
			Fix:      "lower it, and save checkpoints more often",
		})
		props.StopTimeout = awscdk.Duration_Seconds(new(longest.Seconds()))
	}
	return props
}

func validateFargate(scope constructs.Construct, props *Props) {
	cpu, memory, largest := props.CPU+props.WorkerCPU, props.MemoryMiB+props.WorkerMemoryMiB, largestFargate()
	if fargateSize(cpu, memory) == (taskSize{}) {
		check.Error(scope, check.Finding{
			Rule: "fargate-has-the-size", Found: fmt.Sprintf("%d CPU units and %d MiB for a task", cpu, memory),
			Expected: fmt.Sprintf("at most %d and %d", largest.cpu, largest.memoryMiB), Fix: "lower cpu or memory, or give the worker a GPU group",
		})
		props.CPU, props.MemoryMiB = largest.cpu/2, largest.memoryMiB/2
	}
	if props.Weights != nil {
		check.Error(scope, check.Finding{
			Rule: "weights-need-a-host", Found: "weights for a task on Fargate", Expected: "none, as no host keeps them from task to task",
			Fix: "bring them in the image, or give the worker a GPU group",
		})
	}
	// No agent runs there, and no folder could be mounted.
	props.NodeStatusPath = ""
}
