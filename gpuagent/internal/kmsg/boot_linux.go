package kmsg

import (
	"time"

	"golang.org/x/sys/unix"
)

// sinceBoot is the clock of the kernel log: it stands still while the machine sleeps.
func sinceBoot() time.Duration {
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &now); err != nil {
		return 0
	}
	return time.Duration(now.Nano())
}
