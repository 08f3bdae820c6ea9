// Package nvml asks the NVIDIA driver through its management library, which is
// the host's own and loaded when it is first needed. A driver answers slowly,
// wrongly or not at all at the very moment in which its answer matters, so
// nothing here waits for it without a limit, and an answer that cannot be true
// counts as none. What a reading means is left to the checks.
//
// It takes cgo and Linux. Built without them it finds no driver.
package nvml
