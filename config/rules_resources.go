package config

import (
	"fmt"
	"strings"
)

func resourceRules() []rule {
	return []rule{
		{"gpu-divides", "A task's GPUs divide those of its group's instances without rest.", checkGPUDivides},
		{"task-memory-fits", "As many tasks as the GPUs allow fit into the memory that the smallest type registers, beside the agent.", checkMemoryFits},
		{"task-cpu-fits", "As many tasks as the GPUs allow fit into the vCPUs of the smallest type, beside the agent.", checkCPUFits},
		{"fargate-size", "Fargate sells the task's vCPUs with that memory.", checkFargateSize},
	}
}

func checkGPUDivides(j *judge) {
	j.eachContainer(func(p path, c container) {
		gpus := j.GroupGPUs(c.capacity)
		reads := []path{p.key("capacity"), at("capacity", "groups", c.capacity, "instanceTypes")}
		switch {
		case gpus == 0 || c.gpu == 0:
		case c.gpu > gpus:
			j.report(p.key("gpu"), fmt.Sprintf("%d GPUs a task, but instances of group %s have %d", c.gpu, c.capacity, gpus),
				fmt.Sprintf("write %d or less, or choose another group", gpus), reads...)
		case gpus%c.gpu != 0:
			j.report(p.key("gpu"), fmt.Sprintf("%d GPUs a task leave %d of an instance's %d idle and paid for", c.gpu, gpus%c.gpu, gpus),
				fmt.Sprintf("write one of %s", joinInts(divisors(gpus))), reads...)
		}
	})
}

func divisors(n int) []int {
	var all []int
	for i := 1; i <= n; i++ {
		if n%i == 0 {
			all = append(all, i)
		}
	}
	return all
}

func joinInts(numbers []int) string {
	texts := make([]string, len(numbers))
	for i, n := range numbers {
		texts[i] = fmt.Sprint(n)
	}
	return strings.Join(texts, ", ")
}

// tasksAnInstance is how many tasks the GPUs allow; 0 where that is unknown.
func (j *judge) tasksAnInstance(c container) int {
	gpus := j.GroupGPUs(c.capacity)
	if c.gpu == 0 || gpus < c.gpu {
		return 0
	}
	return gpus / c.gpu
}

func checkMemoryFits(j *judge) {
	j.eachContainer(func(p path, c container) {
		tasks := j.tasksAnInstance(c)
		if tasks == 0 || !j.given(p.key("memory")) {
			return
		}
		registered := j.smallest(c.capacity).RegisteredMemory() - HostMemory
		each := (registered-AgentMemory)/Size(tasks) - c.resources.SideMemory
		if c.resources.Memory > each {
			j.report(p.key("memory"), fmt.Sprintf("%s is more than the %s that %s leaves: ECS registers about %s, of which the agent takes %s%s",
				c.resources.Memory, each/MiB*MiB, share(tasks, j.smallestName(c.capacity)), registered/MiB*MiB, AgentMemory, beside(c.resources.SideMemory)),
				fmt.Sprintf("write %s or less, or nothing: the default is all there is", each/MiB*MiB),
				p.key("capacity"), p.key("gpu"), at("capacity", "groups", c.capacity, "instanceTypes"))
		}
	})
}

func beside(side Size) string {
	if side == 0 {
		return ""
	}
	return fmt.Sprintf(" and the worker %s a task", side)
}

func share(tasks int, instanceType string) string {
	if tasks == 1 {
		return instanceType
	}
	return fmt.Sprintf("one of %d tasks on %s", tasks, instanceType)
}

// smallestName is the type of a group with the least memory.
func (c *Config) smallestName(group string) string {
	least := InstanceType{}
	for _, name := range c.Capacity.Groups[group].InstanceTypes {
		if t, known := LookupInstanceType(name); known && (least.Name == "" || t.Memory < least.Memory) {
			least = t
		}
	}
	return least.Name
}

func checkCPUFits(j *judge) {
	j.eachContainer(func(p path, c container) {
		tasks := j.tasksAnInstance(c)
		if tasks == 0 || !j.given(p.key("cpu")) {
			return
		}
		each := (j.smallest(c.capacity).VCPUs*unitsPerVCPU-AgentCPUUnits)/tasks - c.resources.SideCPUUnits
		if c.resources.CPUUnits > each {
			j.report(p.key("cpu"), fmt.Sprintf("%.5g vCPUs are more than the %.5g that the smallest type of group %s leaves a task, beside agent and worker",
				float64(c.resources.CPUUnits)/unitsPerVCPU, float64(each)/unitsPerVCPU, c.capacity),
				"lower it, or write nothing: the default is all there is",
				p.key("capacity"), p.key("gpu"), at("capacity", "groups", c.capacity, "instanceTypes"))
		}
	})
}

func checkFargateSize(j *judge) {
	for _, name := range sortedKeys(j.Workers) {
		w, p := j.Workers[name], at("workers", name)
		if !w.onFargate() || w.Capacity != "" || !j.given(p.key("gpu")) {
			continue
		}
		var sold []string
		fits := false
		for _, size := range FargateSizes() {
			sold = append(sold, fmt.Sprintf("%g", size.VCPUs))
			if size.VCPUs != w.CPU {
				continue
			}
			fits = true
			if !size.Holds(w.Memory) {
				j.report(p.key("memory"), fmt.Sprintf("Fargate does not sell %s with a cpu of %g", w.Memory, w.CPU),
					fmt.Sprintf("with that it sells %s to %s", size.Least, size.Most), p.key("cpu"))
			}
		}
		if !fits {
			j.report(p.key("cpu"), fmt.Sprintf("Fargate does not sell a cpu of %g", w.CPU), "it sells "+strings.Join(sold, ", "))
		}
	}
}
