//go:build unix

package pattern

import (
	"time"

	"golang.org/x/sys/unix"
)

// Now returns the machine's monotonic clock: the same for all its programs, never set back.
func Now() time.Duration {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts); err != nil {
		// POSIX demands the clock; a system without it cannot say how old a picture is.
		panic("pattern: no monotonic clock: " + err.Error())
	}
	return time.Duration(ts.Nano())
}
