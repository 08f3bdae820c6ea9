package settings

import "strconv"

// Collector sets Go's garbage collector, which reads these variables itself: no
// program does.
type Collector struct {
	// Percent that the heap may grow before the collector runs. At 400 it doesn't
	// before the heap has 16 MiB, more than a function makes before its first answer:
	// collecting meanwhile takes a fifth of a cold start (2026-11-24).
	Percent int `env:"GOGC"`
	// Limit of the memory above which it runs all the same.
	Limit string `env:"GOMEMLIMIT"`
}

// FunctionCollector is that of a Lambda function with so much memory.
func FunctionCollector(memoryMiB int) Collector {
	return Collector{Percent: 400, Limit: strconv.Itoa(memoryMiB*3/4) + "MiB"}
}
