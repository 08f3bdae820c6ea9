//go:build cgo && linux

package nvml

import (
	"math"
	"strings"

	"github.com/NVIDIA/go-nvml/pkg/nvml"

	"tandem/gpuagent/internal/observe"
)

// What is still believed. A driver on its way out has been seen to answer with
// all bits set, or with what was in the memory before.
const (
	// hottest in degrees Celsius; GPUs shut down near 110.
	hottest = 200
	// strongest in watts; a B300 draws 1,400.
	strongest = 5000
	// fastest in MHz; memory of today runs at 14,000.
	fastest = 50_000
	// mostErrors that a counter is believed to have seen.
	mostErrors = 1 << 48
	// longestName in bytes: NVML's buffers have 96.
	longestName = 96
)

func within(value, least, most float64) *float64 {
	if math.IsNaN(value) || value < least || value > most {
		return nil
	}
	return &value
}

// counter of events; nil where there is none to believe.
func counter(value *nvml.FieldValue) *uint64 {
	decoded, ok := number(value)
	if !ok || decoded < 0 || decoded > mostErrors {
		return nil
	}
	count := uint64(decoded)
	return &count
}

func integer(count uint64) int { return int(min(count, math.MaxInt32)) }

// split checks that the parts of the memory fit into it.
func split(total, used, free uint64) (usedBytes, freeBytes *uint64) {
	if total == 0 || total > 1<<50 || used > total || free > total {
		return nil, nil
	}
	return &used, &free
}

// mask of bits; with all of them set it is none.
func mask(bits uint64) *uint64 {
	if bits == math.MaxUint64 || bits == math.MaxUint32 {
		return nil
	}
	return &bits
}

// link between device and slot; nil where a part of it cannot be: there are
// generations 1 to 7, and 1 to 32 lanes.
func link(generation, maxGeneration, width, maxWidth int) *observe.PCIeLink {
	for _, g := range []int{generation, maxGeneration} {
		if g < 1 || g > 7 {
			return nil
		}
	}
	for _, w := range []int{width, maxWidth} {
		if w < 1 || w > 32 {
			return nil
		}
	}
	return &observe.PCIeLink{Generation: generation, MaxGeneration: maxGeneration, Width: width, MaxWidth: maxWidth}
}

// clean makes a name safe for logs, labels and JSON.
func clean(name string) string {
	if len(name) > longestName {
		name = name[:longestName]
	}
	printable := func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '\uFFFD' {
			return -1
		}
		return r
	}
	return strings.TrimSpace(strings.Map(printable, strings.ToValidUTF8(name, "")))
}
