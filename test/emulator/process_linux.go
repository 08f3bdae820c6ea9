package emulator

import "syscall"

// ownGroup puts the emulator and the functions that it runs into a process
// group, which is killed when the process that started it dies, even by SIGKILL.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
