package emulator

import (
	"os"
	"syscall"
	"time"
)

// stopGrace is how long the emulator may take to end by itself.
const stopGrace = 3 * time.Second

// stopGroup ends a process that leads its group, then whatever it left behind.
func stopGroup(leader *os.Process, exited <-chan struct{}) {
	_ = syscall.Kill(leader.Pid, syscall.SIGTERM)
	select {
	case <-exited:
	case <-time.After(stopGrace):
	}
	_ = syscall.Kill(-leader.Pid, syscall.SIGKILL)
	<-exited
}
