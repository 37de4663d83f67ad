package devices

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// observed runs watch for a test, in synctest's time.
type observed struct {
	list  atomic.Value // of strings
	looks int
	told  []time.Duration // when changed was called
	hints chan struct{}
}

func observe(t *testing.T, steps func(o *observed)) *observed {
	t.Helper()
	o := &observed{}
	o.list.Store([]string{"a"})
	synctest.Test(t, func(t *testing.T) {
		o.hints = make(chan struct{}, 1)
		ctx, cancel := context.WithCancel(t.Context())
		began, ended := time.Now(), make(chan struct{})
		look := func() []string {
			o.looks++
			return o.list.Load().([]string)
		}
		go func() {
			defer close(ended)
			watch(ctx, o.hints, look, func() { o.told = append(o.told, time.Since(began)) })
		}()
		synctest.Wait()
		steps(o)
		synctest.Wait()
		cancel()
		<-ended
	})
	return o
}

func TestWatchTellsOfTheListsOnceAtTheStart(t *testing.T) {
	o := observe(t, func(*observed) { time.Sleep(10 * time.Second) })
	if len(o.told) != 1 || o.told[0] != 0 {
		t.Errorf("told at %v", o.told)
	}
}

func TestWatchTellsOfListsThatAreEmptyToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		told := 0
		watch(ctx, nil, func() []string { return nil }, func() { told++; cancel() })
		if told != 1 {
			t.Errorf("told %d times", told)
		}
	})
}

func TestAChangeOfWhichTheSystemSaysNothingIsToldWithinTwoSeconds(t *testing.T) {
	o := observe(t, func(o *observed) {
		time.Sleep(10*time.Second + time.Millisecond)
		o.list.Store([]string{"a", "b"})
		time.Sleep(2 * time.Second)
	})
	if len(o.told) != 2 || o.told[1] > 12*time.Second {
		t.Errorf("told at %v", o.told)
	}
}

func TestAChangeOfWhichTheSystemTellsIsToldOnceItHasSettled(t *testing.T) {
	const at = 10*time.Second + 500*time.Millisecond
	o := observe(t, func(o *observed) {
		time.Sleep(at)
		o.list.Store([]string{"a: not allowed"}) // its permissions are not set yet
		o.hints <- struct{}{}
		time.Sleep(watchSettle / 2)
		o.list.Store([]string{"a", "b"})
		o.hints <- struct{}{}
		time.Sleep(5 * time.Second)
	})
	if len(o.told) != 2 || o.told[1] != at+watchSettle {
		t.Errorf("told at %v", o.told)
	}
}

func TestAStormOfChangesDoesNotKeepWatchBusyNorSilent(t *testing.T) {
	o := observe(t, func(o *observed) {
		for range 1000 {
			o.list.Store([]string{time.Now().String()})
			select {
			case o.hints <- struct{}{}:
			default:
			}
			time.Sleep(5 * time.Millisecond)
		}
	})
	if len(o.told) < 5 || o.looks > 60 {
		t.Errorf("in 5 s it looked %d times and told of %d", o.looks, len(o.told))
	}
}
