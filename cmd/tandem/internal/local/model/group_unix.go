//go:build unix && !linux

package model

import "syscall"

// ownGroup keeps the terminal's Ctrl-C from the model, which must outlive the
// jobs that it runs.
func ownGroup() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
