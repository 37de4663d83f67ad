package app

import (
	"time"

	"golang.org/x/sys/windows"
)

// measureProcess asks the system.
func measureProcess() processStats {
	var s processStats
	var created, exited, kernel, user windows.Filetime
	if err := windows.GetProcessTimes(windows.CurrentProcess(), &created, &exited, &kernel, &user); err == nil {
		s.CPUSeconds = (hundredNanoseconds(kernel) + hundredNanoseconds(user)).Seconds()
	}
	return s
}

// hundredNanoseconds reads a Filetime that is a duration.
func hundredNanoseconds(t windows.Filetime) time.Duration {
	return time.Duration(int64(t.HighDateTime)<<32|int64(t.LowDateTime)) * 100
}
