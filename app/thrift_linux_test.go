package app

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"parley/call/codec"
	"parley/call/coded"
)

func TestEveryThreadMaySleepALittleLonger(t *testing.T) {
	for range 4 {
		slack := make(chan time.Duration)
		go func() {
			runtime.LockOSThread() // never unlocked: the thread ends, and the next is a new one
			n, err := unix.PrctlRetInt(unix.PR_GET_TIMERSLACK, 0, 0, 0, 0)
			if err != nil {
				t.Error(err)
			}
			slack <- time.Duration(n)
		}()
		if got := <-slack; got != 500*time.Microsecond {
			t.Errorf("a thread sleeps up to %v longer", got)
		}
	}
}

// arenas counts the stores of memory that glibc has made beside the first: each takes up 64 MiB of addresses, from a multiple of that on, of which
// little is used. So does each piece of Go's own heap, which begins at 0xc000000000.
func arenas(t *testing.T) (n int) {
	t.Helper()
	const size = 64 << 20
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		t.Fatal(err)
	}
	var began, end uint64
	for line := range strings.Lines(string(maps)) {
		var from, to, offset, inode uint64
		var rights, device string
		if _, err := fmt.Sscanf(line, "%x-%x %s %x %s %d", &from, &to, &rights, &offset, &device, &inode); err != nil {
			t.Fatal(err)
		}
		switch {
		case inode != 0:
			end = 0
		case from>>32 == 0xc0:
		case from%size == 0 && rights == "rw-p":
			began, end = from, to
		case from == end && rights == "---p" && to == began+size:
			n++
		}
	}
	return n
}

func TestHoweverManyThreadsOpenCodecsTheyShareTheirMemory(t *testing.T) {
	var opened, ended sync.WaitGroup
	opened.Add(8)
	for range 8 {
		ended.Go(func() {
			runtime.LockOSThread()
			e, err := codec.Available()[0].NewEncoder(coded.Settings{Width: 160, Height: 90, BitRate: 100_000})
			opened.Done()
			if err != nil {
				t.Error(err)
				return
			}
			opened.Wait() // each has a thread of its own
			if err := e.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	ended.Wait()
	if n := arenas(t); n > 1 {
		t.Errorf("they have %d stores beside the first", n)
	}
}
