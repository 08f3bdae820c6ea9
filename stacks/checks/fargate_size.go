package checks

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tandem/config"
)

func fargateSize() rule {
	return rule{Rule{
		Name:     "fargate-size",
		Severity: Error,
		What:     "A task for Fargate has one of the sizes that Fargate sells, and its containers fit into it.",
		Why:      "ECS refuses to register any other combination of vCPUs and memory, in the middle of a deploy.",
		Source:   "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html",
		Checked:  read,
	}, func(c *checker) {
		for _, task := range c.fargateTasks() {
			c.judgeSize(task)
		}
	}}
}

func (c *checker) fargateTasks() []*resource {
	var found []*resource
	for _, task := range c.All(typeTaskDefinition) {
		compatible := slices.ContainsFunc(task.Prop("RequiresCompatibilities").List(), func(v value) bool { return v.Is("FARGATE") })
		used := slices.ContainsFunc(c.fleet().services, func(s *service) bool { return s.fargate && s.task == task })
		if compatible || used {
			found = append(found, task)
		}
	}
	return found
}

func (c *checker) judgeSize(task *resource) {
	units, knownCPU := sized(task.Prop("Cpu"), "vcpu", 1024)
	mib, knownMemory := sized(task.Prop("Memory"), "gb", 1024)
	if !task.Prop("Cpu").Exists() || !task.Prop("Memory").Exists() {
		c.report(task, problem{
			found: "no Cpu or no Memory for the task", expected: "both, as Fargate asks", fix: "add them", key: "memory",
		})
		return
	}
	if !knownCPU || !knownMemory {
		return
	}
	vcpus, memory := units/1024, mebibytes(mib)
	var sold []string
	for _, size := range config.FargateSizes() {
		sold = append(sold, strconv.FormatFloat(size.VCPUs, 'g', -1, 64))
		if size.VCPUs != vcpus {
			continue
		}
		if !size.Holds(memory) {
			c.report(task, problem{
				found:    fmt.Sprintf("%g vCPUs with %d MiB", vcpus, memory.MiB()),
				expected: fmt.Sprintf("%s to %s in the steps that Fargate sells", size.Least, size.Most),
				fix:      "change the memory", key: "memory",
			})
		}
		c.judgeContainers(task, units, memory)
		return
	}
	c.report(task, problem{
		found: fmt.Sprintf("%g vCPUs", vcpus), expected: strings.Join(sold, ", "), fix: "change the CPU", key: "cpu",
	})
}

func (c *checker) judgeContainers(task *resource, units float64, memory config.Size) {
	var cpu float64
	var soft config.Size
	for _, container := range containers(task) {
		each, _ := container.At("Cpu").Number()
		cpu += each
		reservation, _ := container.At("MemoryReservation").Number()
		if reservation == 0 {
			reservation, _ = container.At("Memory").Number()
		}
		soft += mebibytes(reservation)
	}
	if cpu > units || soft > memory {
		c.report(task, problem{
			found:    fmt.Sprintf("containers that reserve %g CPU units and %d MiB", cpu, soft.MiB()),
			expected: fmt.Sprintf("at most the task's %g and %d MiB", units, memory.MiB()),
			fix:      "lower a container's share or raise the task's", key: "memory",
		})
	}
}

// sized reads 1024 as well as "1 vCPU", or 2048 as well as "2 GB".
func sized(v value, unit string, each float64) (float64, bool) {
	text, known := v.Literal()
	if !known {
		return 0, false
	}
	number, inUnits := strings.CutSuffix(strings.ToLower(text), unit)
	parsed, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if inUnits {
		parsed *= each
	}
	return parsed, err == nil
}
