package checks

import (
	"fmt"
	"strings"
	"time"

	"tandem/gpuagent/internal/finding"
	"tandem/gpuagent/internal/observe"
)

// Container finds tasks whose processes have all left the GPUs.
type Container struct {
	noEvents
	// users are tasks that ran while processes were on the GPUs.
	users map[string]bool
	empty time.Time
}

// leftFor is how long the GPUs may be without a process.
const leftFor = 10 * time.Minute

// Doc implements [Check].
func (*Container) Doc() Doc {
	return Doc{
		Name: "container_gpu", Finds: "tasks that ran while processes used the GPUs, and run on while no process does",
		When: "for 10 minutes; gone with the first process",
		Reasons: []Reason{
			{"CONTAINER_LOST_GPU", finding.Note, finding.RestartTask, "Tasks may have lost their GPUs, as containers do when systemd reloads its units."},
		},
		Why: "After a reload of systemd, or an update of its units, containers keep running and may no longer open their GPUs ('Failed to initialize NVML: Unknown Error'). " +
			"From outside neither the rules of their control group can be read (they are BPF programs), nor whether a process would like to use a GPU; " +
			"that all have left at once is the honest trace. It may also be a model that unloads itself: hence a note, on which nothing is done.",
		Source: "https://github.com/NVIDIA/nvidia-container-toolkit/issues/48, 2026-11-24",
	}
}

// Look implements [Check].
func (c *Container) Look(host observe.Host) []finding.Finding {
	if host.DevicesErr != nil || host.TasksErr != nil {
		return nil
	}
	running := map[string]bool{}
	for _, task := range host.Tasks {
		if task.Known == "RUNNING" {
			running[task.ARN] = true
		}
	}
	for _, device := range host.Devices {
		if device.Lost || device.Err != nil {
			// What runs on a device that cannot be read is not known.
			c.empty = time.Time{}
			return nil
		}
		if len(device.Processes) > 0 {
			c.users, c.empty = running, time.Time{}
			return nil
		}
	}
	if c.empty.IsZero() {
		c.empty = host.At
	}
	var left []string
	for arn := range c.users {
		if running[arn] {
			left = append(left, arn[strings.LastIndexByte(arn, '/')+1:])
		}
	}
	if len(left) == 0 || host.At.Sub(c.empty) < leftFor {
		return nil
	}
	f := c.Doc().reason("CONTAINER_LOST_GPU")
	f.Evidence = fmt.Sprintf("no process on any GPU for %s, while %d tasks run that did before", host.At.Sub(c.empty).Truncate(time.Minute), len(left))
	return []finding.Finding{f}
}
