//go:build !linux

package doctext

// limitMemory does nothing: functions run on Linux.
func limitMemory(uint64) {}
