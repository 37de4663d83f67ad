package app

import (
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestAThreadIsMadeToSleepLongerByAnother(t *testing.T) {
	id, measured, slack := make(chan int), make(chan struct{}), make(chan time.Duration)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends
		id <- unix.Gettid()
		<-measured
		n, err := unix.PrctlRetInt(unix.PR_GET_TIMERSLACK, 0, 0, 0, 0)
		if err != nil {
			t.Error(err)
		}
		slack <- time.Duration(n)
	}()
	if err := relax(<-id, 7*time.Millisecond); err != nil {
		t.Error(err)
	}
	close(measured)
	if got := <-slack; got != 7*time.Millisecond {
		t.Errorf("it sleeps up to %v longer", got)
	}
}

func TestAThreadThatIsNotThereCannotBeRelaxed(t *testing.T) {
	if err := relax(1<<30, slackElse); err == nil {
		t.Error("it was")
	}
}

func TestTheMonitorRunsNothingOfTheProgram(t *testing.T) {
	thread, err := monitor()
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var busy []int
	var all sync.WaitGroup
	ready, done := sync.WaitGroup{}, make(chan struct{})
	const more = 64 // threads than were there: every one that can run goroutines has to
	ready.Add(more)
	for range more {
		all.Go(func() {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			mu.Lock()
			busy = append(busy, unix.Gettid())
			mu.Unlock()
			ready.Done()
			<-done
		})
	}
	ready.Wait()
	close(done)
	all.Wait()
	if slices.Contains(busy, thread) {
		t.Error("it runs goroutines")
	}
}
