package app

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// painters begins the names of the threads by which Mesa paints where there is no GPU, one for each core.
const painters = "llvmpipe-"

// paintNice is by how much they are nicer than the rest of the program, 0 to 19: each gets a third of what another thread gets that wants the same core.
const paintNice = 5

// yieldPainting lets the call go before the painting, where that is done by the CPU: sound would be cut, and the first picture of somebody late, for a window that is
// painted a little sooner. It is called once there is a window.
func yieldPainting() error {
	names, err := filepath.Glob("/proc/self/task/*/comm")
	if err != nil {
		return err
	}
	for _, file := range names {
		if name, err := os.ReadFile(file); err != nil || !strings.HasPrefix(string(name), painters) {
			continue // one that has ended, or another
		}
		thread, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if err == nil {
			err = syscall.Setpriority(syscall.PRIO_PROCESS, thread, paintNice)
		}
		if err != nil {
			return fmt.Errorf("the priority of thread %d: %w", thread, err)
		}
	}
	return nil
}
