package pattern

import (
	"time"

	"golang.org/x/sys/windows"
)

// Now returns the machine's monotonic clock: the same for all its programs, never set back.
func Now() time.Duration { return windows.DurationSinceBoot() }
