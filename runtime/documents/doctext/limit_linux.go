package doctext

import "syscall"

// limitMemory makes an allocation beyond the limit end the process.
func limitMemory(bytes uint64) {
	// Without the limit the function's own memory is the limit.
	_ = syscall.Setrlimit(syscall.RLIMIT_DATA, &syscall.Rlimit{Cur: bytes, Max: bytes})
}
