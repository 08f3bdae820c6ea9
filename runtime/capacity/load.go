package capacity

// Load is what one worker puts on a group of instances.
type Load struct {
	// Tasks that should run there.
	Tasks int
	// GPUs that each reserves.
	GPUs int
}

// InstancesFor returns how many instances with so many GPUs hold the loads. Tasks of
// one worker share an instance where they fit, those of two workers do not: the
// answer is never too small. A task that fits on no instance counts for none.
func InstancesFor(gpus int, loads ...Load) int {
	instances := 0
	for _, load := range loads {
		perInstance := gpus
		if load.GPUs > 0 {
			perInstance = gpus / load.GPUs
		}
		if perInstance > 0 {
			instances += (load.Tasks + perInstance - 1) / perInstance
		}
	}
	return instances
}
