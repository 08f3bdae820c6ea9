//go:build !linux

package emulator

import "syscall"

// ownGroup puts the emulator and the functions that it runs into a process group.
func ownGroup() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
