package app

import (
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"
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
