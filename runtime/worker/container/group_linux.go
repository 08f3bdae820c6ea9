package container

import "syscall"

// groupOfItsOwn lets the command be ended with all its children, and ends it
// when the worker is killed: a job that runs elsewhere must not run here too.
func groupOfItsOwn() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
