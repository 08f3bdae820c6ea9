package checks

import (
	"fmt"
	"math"
	"slices"

	"tandem/config"
)

func registeredMemory() rule {
	return rule{Rule{
		Name:     "registered-memory",
		Severity: Error,
		What: "One task of a service and the daemons beside it fit the smallest instance type of its group: " +
			"in GPUs, in vCPUs, and in the memory that the type registers with ECS. What is above it only by ECS_RESERVED_MEMORY is a warning: " +
			"what a type registers is an estimate that errs low.",
		Why: "ECS registers what the kernel leaves of an instance's memory, some percent below what is sold. " +
			"A task that asks for more stays PROVISIONING for ever, while instances come and go.",
		Source:  "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/memory-management.html",
		Checked: read,
	}, func(c *checker) {
		for _, task := range c.All(typeTaskDefinition) {
			c.requireFit(task)
		}
	}}
}

// need is what tasks reserve. GPUs are whole, CPU in units of 1,024 a vCPU.
type need struct {
	gpus, cpu float64
	memory    config.Size
}

// room is the smallest instance type of a group on which a task may be placed.
type room struct {
	*group
	config.InstanceType
}

func (c *checker) requireFit(task *resource) {
	var rooms []room
	for _, s := range c.fleet().services {
		if s.task != task || s.daemon {
			continue
		}
		if gpus := reserved(task).gpus; s.fargate && gpus > 0 {
			c.report(task, problem{
				found: fmt.Sprintf("%g GPUs on Fargate", gpus), expected: "none, Fargate has no GPUs", fix: "name a capacity group", key: "capacity",
			})
		}
		for _, g := range s.groups {
			if smallest, known := g.smallest(); known {
				rooms = append(rooms, room{g, smallest})
			}
		}
	}
	if len(rooms) > 0 {
		c.compareNeed(task, rooms)
	}
}

// compareNeed reports each measure once, against the group with the least of it.
func (c *checker) compareNeed(task *resource, rooms []room) {
	least := func(of func(r room) int) room {
		return slices.MinFunc(rooms, func(a, b room) int { return of(a) - of(b) })
	}
	own, daemons := reserved(task), c.daemonNeed(rooms[0].cluster)
	tightest := least(func(r room) int { return (r.RegisteredMemory() - r.reservedMemory()).MiB() })
	registered, kept := tightest.RegisteredMemory(), tightest.reservedMemory()
	if all := own.memory + daemons.memory; all > registered-kept {
		c.report(task, problem{
			found: fmt.Sprintf("%d MiB of memory, with %d MiB for daemons", own.memory.MiB(), daemons.memory.MiB()),
			expected: fmt.Sprintf("at most the %d MiB that %s registers, the smallest type of %s, less %d MiB by ECS_RESERVED_MEMORY",
				registered.MiB(), tightest.Name, tightest.Path, kept.MiB()),
			fix: "lower the memory or use larger instances", key: "memory", warning: all <= registered,
		})
	}
	tightest = least(func(r room) int { return r.VCPUs })
	if all := own.cpu + daemons.cpu; all > float64(tightest.VCPUs)*1024 {
		c.report(task, problem{
			found:    fmt.Sprintf("%g CPU units, with %g for daemons", own.cpu, daemons.cpu),
			expected: fmt.Sprintf("at most the %d of the smallest type of %s", tightest.VCPUs*1024, tightest.Path),
			fix:      "lower the CPU or use larger instances", key: "cpu",
		})
	}
	tightest = least(func(r room) int { return r.GPUs })
	if own.gpus > float64(tightest.GPUs) {
		c.report(task, problem{
			found: fmt.Sprintf("%g GPUs", own.gpus), expected: fmt.Sprintf("at most the %d of an instance of %s", tightest.GPUs, tightest.Path),
			fix: "lower the number or use larger instances", key: "gpu",
		})
	}
}

func (c *checker) daemonNeed(cluster *resource) need {
	var all need
	for _, daemon := range c.fleet().daemons(cluster) {
		if daemon.task != nil {
			each := reserved(daemon.task)
			all.cpu, all.memory = all.cpu+each.cpu, all.memory+each.memory
		}
	}
	return all
}

// reserved is what ECS subtracts from an instance for a task: the task's own
// size, or else the sum over its containers, of the soft limit where there is
// one and of the hard limit where there is none
// (https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html, 2026-11-24).
func reserved(task *resource) need {
	var sum need
	for _, container := range containers(task) {
		memory, soft := container.At("MemoryReservation").Number()
		if !soft {
			memory, _ = container.At("Memory").Number()
		}
		sum.memory += mebibytes(memory)
		cpu, _ := container.At("Cpu").Number()
		sum.cpu += cpu
		for _, requirement := range container.At("ResourceRequirements").List() {
			if count, known := requirement.At("Value").Number(); known && requirement.At("Type").Is("GPU") {
				sum.gpus += count
			}
		}
	}
	if memory, known := task.Prop("Memory").Number(); known {
		sum.memory = mebibytes(memory)
	}
	if cpu, known := task.Prop("Cpu").Number(); known {
		sum.cpu = cpu
	}
	return sum
}

func mebibytes(n float64) config.Size {
	return config.Size(math.Max(0, math.Min(n, 1<<40))) * config.MiB
}
