package devices

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"
)

// hints tells of changes to the nodes of cameras. Where the system watches no more folders for this user, it never tells anything:
// Watch looks often enough.
func hints() (<-chan struct{}, func()) {
	changes, stop, err := watchFolder("/dev", "video")
	if err != nil {
		return nil, func() {}
	}
	return changes, stop
}

// watchFolder tells when a file whose name begins with prefix has come or gone or changed its permissions, until stop is called.
// Changes that nobody has fetched count as one.
func watchFolder(dir, prefix string) (changes <-chan struct{}, stop func(), err error) {
	file, err := openInotify(dir)
	if err != nil {
		return nil, nil, err
	}
	told := make(chan struct{}, 1)
	var reading sync.WaitGroup
	reading.Go(func() {
		buf := make([]byte, 16<<10)
		for {
			n, err := file.Read(buf)
			if err != nil {
				return // closed
			}
			if !concerns(buf[:n], prefix) {
				continue
			}
			select {
			case told <- struct{}{}:
			default:
			}
		}
	})
	return told, func() {
		_ = file.Close() // ends the reading
		reading.Wait()
	}, nil
}

// openInotify returns what a folder's changes are read from. It does not ask to be told of writing, of which /dev/null alone sees a lot.
// https://man7.org/linux/man-pages/man7/inotify.7.html
func openInotify(dir string) (*os.File, error) {
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		return nil, fmt.Errorf("inotify: %w", err)
	}
	file := os.NewFile(uintptr(fd), "inotify") // which waits without a thread, and can be closed meanwhile
	const events = unix.IN_CREATE | unix.IN_DELETE | unix.IN_ATTRIB | unix.IN_MOVED_FROM | unix.IN_MOVED_TO | unix.IN_ONLYDIR
	if _, err := unix.InotifyAddWatch(fd, dir, events); err != nil {
		return nil, errors.Join(fmt.Errorf("watching %s: %w", dir, err), file.Close())
	}
	return file, nil
}

// concerns says whether one of the events is about a file whose name begins with prefix, or may be: some were lost.
func concerns(events []byte, prefix string) bool {
	for len(events) >= unix.SizeofInotifyEvent {
		e := *(*unix.InotifyEvent)(unsafe.Pointer(&events[0]))
		end := unix.SizeofInotifyEvent + int(e.Len)
		if end > len(events) {
			return true
		}
		name, _, _ := bytes.Cut(events[unix.SizeofInotifyEvent:end], []byte{0})
		if e.Mask&unix.IN_Q_OVERFLOW != 0 || strings.HasPrefix(string(name), prefix) {
			return true
		}
		events = events[end:]
	}
	return false
}
