//go:build unix

package app

import (
	"bytes"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// measureProcess asks the system. Only Linux tells how much memory is resident now; others tell the peak, which is something else.
func measureProcess() processStats {
	var s processStats
	var usage unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &usage); err == nil {
		s.CPUSeconds = seconds(usage.Utime) + seconds(usage.Stime)
	}
	if data, err := os.ReadFile("/proc/self/statm"); err == nil { // proc(5): size, resident, …, in pages
		if fields := bytes.Fields(data); len(fields) > 1 {
			if pages, err := strconv.ParseInt(string(fields[1]), 10, 64); err == nil {
				s.RSSBytes = pages * int64(os.Getpagesize())
			}
		}
	}
	return s
}

func seconds(t unix.Timeval) float64 { return float64(t.Sec) + float64(t.Usec)/1e6 }
