//go:build unix && !linux

package container

import "syscall"

// groupOfItsOwn lets the command be ended with all its children.
func groupOfItsOwn() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}
