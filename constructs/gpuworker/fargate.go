package gpuworker

import "slices"

// taskSize is what a task on Fargate pays for.
type taskSize struct{ cpu, memoryMiB int }

// fargateMemory is the memory that Fargate sells with a number of CPU units: from, to, in steps of
// (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html, 2026-11-24).
type fargateMemory struct{ cpu, from, to, step int }

func fargateSizes() []fargateMemory {
	const gib = 1024
	return []fargateMemory{
		{256, gib / 2, gib, gib / 2},
		{256, gib, 2 * gib, gib},
		{512, gib, 4 * gib, gib},
		{1024, 2 * gib, 8 * gib, gib},
		{2048, 4 * gib, 16 * gib, gib},
		{4096, 8 * gib, 30 * gib, gib},
		{8192, 16 * gib, 60 * gib, 4 * gib},
		{16384, 32 * gib, 120 * gib, 8 * gib},
	}
}

// fargateSize is the smallest size with at least so much of both; zero when
// there is none.
func fargateSize(cpu, memoryMiB int) taskSize {
	for _, size := range fargateSizes() {
		if size.cpu < cpu || size.to < memoryMiB {
			continue
		}
		steps := (max(memoryMiB, size.from) - size.from + size.step - 1) / size.step
		return taskSize{size.cpu, size.from + steps*size.step}
	}
	return taskSize{}
}

func largestFargate() taskSize {
	last := slices.MaxFunc(fargateSizes(), func(a, b fargateMemory) int { return a.cpu - b.cpu })
	return taskSize{last.cpu, last.to}
}
