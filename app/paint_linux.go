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

// yieldPainting lets the call go before the painting, which takes two thirds of a core where there is no GPU: sound would be cut, and the first picture of somebody
// late, for a window that is painted a little sooner. It is called by the thread that paints, while it does.
func yieldPainting() error {
	if err := syscall.Setpriority(syscall.PRIO_PROCESS, 0, paintNice); err != nil { // Linux means the thread
		return fmt.Errorf("the priority of the thread that paints: %w", err)
	}
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
