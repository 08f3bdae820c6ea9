package model

import "syscall"

// ownGroup keeps the terminal's Ctrl-C from the model, which must outlive the
// jobs that it runs, and does not let it outlive us, however we end.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
