//go:build !linux

package kmsg

import "time"

// sinceBoot is not known: each line counts as written now.
func sinceBoot() time.Duration { return 0 }
