package config

import "math"

// What Tandem's own containers reserve; the constructs use these very numbers,
// so that what is checked here is what ECS must place.
const (
	// AgentCPUUnits and AgentMemory are the health agent's, once an instance.
	AgentCPUUnits = 128
	AgentMemory   = 128 * MiB
	// HostMemory is what ECS is told to keep for the host's own processes
	// (ECS_RESERVED_MEMORY in the user data of constructs/gpucapacity).
	HostMemory = 128 * MiB
	// SideCPUUnits and SideMemory are the worker's beside each model
	// container: it also fetches weights and streams results.
	SideCPUUnits = 256
	SideMemory   = 256 * MiB
	// WarmUpCPUUnits and WarmUpMemory are those of what warms a service up.
	WarmUpCPUUnits = 64
	WarmUpMemory   = 64 * MiB
)

// unitsPerVCPU is how ECS counts processors.
const unitsPerVCPU = 1024

// What a task on Fargate gets where nothing is said.
const (
	fargateVCPUs  = 1.0
	fargateMemory = 4 * GiB
)

// Resources are what one task reserves. CPU is in units, 1,024 a vCPU.
type Resources struct {
	// GPU count of the model container; 0 runs on Fargate.
	GPU int
	// CPUUnits and Memory of the model container.
	CPUUnits int
	Memory   Size
	// SideCPUUnits and SideMemory of what is beside it: the worker, or what
	// fetches a service's weights and warms it up; 0 where there is nothing.
	SideCPUUnits int
	SideMemory   Size
}

// TaskCPUUnits is the task's CPU, all containers together.
func (r Resources) TaskCPUUnits() int { return r.CPUUnits + r.SideCPUUnits }

// TaskMemory is the task's memory, all containers together.
func (r Resources) TaskMemory() Size { return r.Memory + r.SideMemory }

// WorkerResources is what one task of a worker reserves.
func (c *Config) WorkerResources(name string) Resources {
	w := c.Workers[name]
	r := Resources{GPU: deref(w.GPU), SideCPUUnits: SideCPUUnits, SideMemory: SideMemory}
	if w.onFargate() {
		return fargateResources(w.CPU, w.Memory)
	}
	return c.share(r, w.Capacity, w.CPU, w.Memory)
}

// ServiceResources is what one task of a service reserves.
func (c *Config) ServiceResources(name string) Resources {
	s := c.Services[name]
	r := Resources{GPU: deref(s.GPU)}
	if s.Weights != nil {
		r.SideCPUUnits, r.SideMemory = SideCPUUnits, SideMemory
	}
	if s.WarmUp != nil {
		r.SideCPUUnits, r.SideMemory = r.SideCPUUnits+WarmUpCPUUnits, r.SideMemory+WarmUpMemory
	}
	return c.share(r, s.Capacity, s.CPU, s.Memory)
}

// share gives a task that part of the smallest instance type which its GPUs
// are of all GPUs, less what stands beside the model.
func (c *Config) share(r Resources, group string, vcpus float64, memory Size) Resources {
	smallest := c.smallest(group)
	part := 1.0
	if smallest.GPUs > 0 && r.GPU > 0 {
		part = float64(r.GPU) / float64(smallest.GPUs)
	}
	r.CPUUnits = int(math.Round(vcpus * unitsPerVCPU))
	if r.CPUUnits == 0 {
		r.CPUUnits = max(int(float64(smallest.VCPUs*unitsPerVCPU-AgentCPUUnits)*part)-r.SideCPUUnits, 0)
	}
	r.Memory = memory
	if r.Memory == 0 {
		whole := Size(float64(smallest.RegisteredMemory()-HostMemory-AgentMemory)*part) - r.SideMemory
		r.Memory = max(whole/MiB*MiB, 0)
	}
	return r
}

// smallest is the least of each measure over a group's instance types: what a
// task may count on, whichever of them comes.
func (c *Config) smallest(group string) InstanceType {
	var least InstanceType
	for _, name := range c.Capacity.Groups[group].InstanceTypes {
		t, ok := LookupInstanceType(name)
		switch {
		case !ok:
		case least.Name == "":
			least = t
		default:
			least.VCPUs = min(least.VCPUs, t.VCPUs)
			least.Memory = min(least.Memory, t.Memory)
			least.GPUs = min(least.GPUs, t.GPUs)
			least.GPUMemory = min(least.GPUMemory, t.GPUMemory)
		}
	}
	return least
}

// GroupGPUs is how many GPUs an instance of a group has; 0 where the group or
// its types are unknown.
func (c *Config) GroupGPUs(group string) int { return c.smallest(group).GPUs }

// fargateResources divides a Fargate task, whose size is what cpu and memory
// mean there, between the model and the worker.
func fargateResources(vcpus float64, memory Size) Resources {
	if vcpus == 0 {
		vcpus = fargateVCPUs
	}
	if memory == 0 {
		memory = fargateMemory
	}
	units := int(math.Round(vcpus * unitsPerVCPU))
	side := min(SideCPUUnits, units/4)
	return Resources{
		CPUUnits: units - side, Memory: max(memory-SideMemory, 0),
		SideCPUUnits: side, SideMemory: SideMemory,
	}
}

func deref(n *int) int {
	if n == nil {
		return 0
	}
	return *n
}
