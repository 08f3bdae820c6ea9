package metrics

import (
	"bytes"
	"os"
	"strconv"
)

var (
	cpuSeconds = family{"process_cpu_seconds_total", kindCounter, "Total user and system CPU time spent in seconds."}
	resident   = family{"process_resident_memory_bytes", kindGauge, "Resident memory size in bytes."}
)

// ticks a second, which Linux shows to programs everywhere.
const ticks = 100

// process writes what the agent itself costs, under the names that each program
// has in Prometheus.
func (p *page) process() {
	stat, err := os.ReadFile("/proc/self/stat")
	if err != nil {
		return
	}
	// The name, in parentheses, may hold anything; the fields are counted behind it.
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	if len(fields) < 22 {
		return
	}
	user, userErr := strconv.ParseFloat(string(fields[11]), 64)
	system, systemErr := strconv.ParseFloat(string(fields[12]), 64)
	pages, pagesErr := strconv.ParseFloat(string(fields[21]), 64)
	if userErr != nil || systemErr != nil || pagesErr != nil {
		return
	}
	p.one(cpuSeconds, (user+system)/ticks)
	p.one(resident, pages*float64(os.Getpagesize()))
}
