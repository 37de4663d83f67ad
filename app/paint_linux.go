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

// paintNice is by how much they are nicer than the rest of the program: each gets a third of what another thread gets that wants the same core.
const paintNice = 5

// yieldPainting lets the call go before the painting, which takes two thirds of a core where there is no GPU: the first picture of somebody would be late for a
// window that is painted a little sooner. It is called by the thread that paints, while it does.
func yieldPainting() error {
	own, err := syscall.Getpriority(syscall.PRIO_PROCESS, 0) // Linux means the thread, and has it as 20 less the niceness
	if err != nil {
		return fmt.Errorf("the priority of the thread that paints: %w", err)
	}
	nice := min(19, 20-own+paintNice)
	if err := syscall.Setpriority(syscall.PRIO_PROCESS, 0, nice); err != nil {
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
			err = syscall.Setpriority(syscall.PRIO_PROCESS, thread, nice)
		}
		if err != nil {
			return fmt.Errorf("the priority of thread %d: %w", thread, err)
		}
	}
	return nil
}
