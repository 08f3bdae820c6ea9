package config

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"
	"sync"
)

//go:embed instances.csv
var instancesCSV string

// InstanceType is one EC2 type with a GPU, as instances.csv has it.
type InstanceType struct {
	Name  string
	VCPUs int
	// Memory is what AWS sells; RegisteredMemory is what ECS can place on.
	Memory Size
	// GPUs is 0 for types that hold a fraction of one.
	GPUs      int
	GPUModel  string
	GPUMemory Size
}

// Family is the part of the name before the dot.
func (t InstanceType) Family() string {
	family, _, _ := strings.Cut(t.Name, ".")
	return family
}

// ARM is whether the processor is arm64, which images for linux/amd64 do not
// run on: Graviton families carry a g after their generation, as in g5g.
func (t InstanceType) ARM() bool {
	generation := strings.TrimLeft(t.Family(), "abcdefghijklmnopqrstuvwxyz")
	return strings.HasPrefix(strings.TrimLeft(generation, "0123456789"), "g")
}

// QuotaFamily is which vCPU quota counts the type: G (with VT) or P.
func (t InstanceType) QuotaFamily() string {
	return strings.ToUpper(t.Name[:1])
}

// RegisteredMemory is what the ECS agent registers, at least. The firmware and
// the kernel keep a part, and the agent registers what the kernel reports as
// total: 2.5 % less than nominal on an m4.large by AWS's own example, 5.5 % on
// a g6.4xlarge seen in the field. Seven percent, and 256 MiB at least, errs low:
// a task that is too large for its instance waits for ever, without an error.
// Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/memory-management.html
// and https://github.com/pytorch/ci-infra/pull/1082, read 2026-11-24.
func (t InstanceType) RegisteredMemory() Size {
	return t.Memory - max(t.Memory*7/100, 256*MiB)
}

// instanceTypes reads the embedded table once: it never changes.
var instanceTypes = sync.OnceValue(func() map[string]InstanceType {
	reader := csv.NewReader(strings.NewReader(instancesCSV))
	reader.Comment = '#'
	rows, err := reader.ReadAll()
	if err != nil {
		panic(fmt.Sprintf("config/instances.csv: %v", err))
	}
	types := make(map[string]InstanceType, len(rows))
	for _, row := range rows[1:] {
		number := func(column int) int {
			n, err := strconv.Atoi(row[column])
			if err != nil {
				panic(fmt.Sprintf("config/instances.csv: %s: %v", row[0], err))
			}
			return n
		}
		types[row[0]] = InstanceType{
			Name: row[0], VCPUs: number(1), Memory: Size(number(2)) * MiB,
			GPUs: number(3), GPUModel: row[4], GPUMemory: Size(number(5)) * MiB,
		}
	}
	return types
})

// LookupInstanceType finds a GPU instance type by its name.
func LookupInstanceType(name string) (InstanceType, bool) {
	t, ok := instanceTypes()[name]
	return t, ok
}

// InstanceTypeNames are all GPU instance types that are known, sorted.
func InstanceTypeNames() []string {
	return sortedKeys(instanceTypes())
}
