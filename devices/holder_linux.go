package devices

import (
	"bufio"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// maxDescriptors bounds the search for a device's holder; a desktop has some ten thousand.
const maxDescriptors = 1 << 18

// isBusy says whether an error of a driver means that another has the device.
func isBusy(err error) bool { return errors.Is(err, syscall.EBUSY) }

// holderOf returns another program that has a device open, as far as the system lets this user see it. A program that has its
// memory mapped, as who takes pictures has, goes before one that merely has it open.
// https://man7.org/linux/man-pages/man5/proc_pid_fd.5.html
func holderOf(path string) (program string, pid int, found bool) {
	left := maxDescriptors
	for _, p := range processes() {
		if p == os.Getpid() || left <= 0 {
			continue
		}
		held, looked := descriptorsOf(p, path)
		left -= looked
		if len(held) == 0 {
			continue
		}
		mapped := hasMapped(p, path)
		if !found || mapped {
			program, pid, found = programOf(p), p, true
		}
		if mapped {
			break
		}
	}
	return program, pid, found
}

func processes() []int {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	var pids []int
	for _, e := range entries {
		if pid, err := strconv.Atoi(e.Name()); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}

// descriptorsOf returns the descriptors that a process has of a file, and how many were looked at; none of a process that
// another user runs.
func descriptorsOf(pid int, path string) (held []int, looked int) {
	dir := filepath.Join("/proc", strconv.Itoa(pid), "fd")
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, 1
	}
	for _, e := range entries {
		target, err := os.Readlink(filepath.Join(dir, e.Name()))
		if err != nil || target != path {
			continue
		}
		if fd, err := strconv.Atoi(e.Name()); err == nil {
			held = append(held, fd)
		}
	}
	return held, len(entries)
}

func hasMapped(pid int, path string) bool {
	maps, err := os.Open(filepath.Join("/proc", strconv.Itoa(pid), "maps"))
	if err != nil {
		return false
	}
	defer maps.Close()
	for lines := bufio.NewScanner(maps); lines.Scan(); {
		if strings.HasSuffix(lines.Text(), " "+path) {
			return true
		}
	}
	return false
}

// programOf returns what a process is called.
func programOf(pid int) string {
	name, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "comm"))
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(name))
}

// closeOnExec keeps this program's descriptors of a device from the programs that it starts, which would hold the device on when it is
// closed here. The driver does not see to that.
func closeOnExec(path string) {
	held, _ := descriptorsOf(os.Getpid(), path)
	for _, fd := range held {
		unix.CloseOnExec(fd)
	}
}
