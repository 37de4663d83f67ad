package frame_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"parley/devices/frame"
)

func TestAFrameGoesBackToItsPoolWhenTheLastHolderLetsGo(t *testing.T) {
	var pool frame.Pool
	f := pool.Get(7, 5)
	if w, h := f.CStride, len(f.Cb)/f.CStride; w != 4 || h != 3 {
		t.Fatalf("chroma of a 7x5 picture is %dx%d, want 4x3", w, h)
	}
	f.Retain()
	f.Release()
	if pool.Get(7, 5) == f {
		t.Fatal("a frame that somebody still holds was handed out again")
	}
	f.Captured = time.Now()
	f.Release()
	again := pool.Get(7, 5)
	if again != f {
		t.Fatal("a released frame was not used again")
	}
	if !again.Captured.IsZero() {
		t.Error("a recycled frame remembers when its earlier picture was captured")
	}
}

func TestAPoolForgetsFramesOfAnotherSize(t *testing.T) {
	var pool frame.Pool
	pool.Get(4, 4).Release()
	if w, h := pool.Get(8, 2).Size(); w != 8 || h != 2 {
		t.Fatalf("asked for 8x2, got %dx%d", w, h)
	}
}

func TestReleasingTooOftenPanics(t *testing.T) {
	f := frame.New(2, 2)
	f.Release()
	defer func() {
		if recover() == nil {
			t.Error("the second release of one reference went unnoticed")
		}
	}()
	f.Release()
}

func TestASlotKeepsTheNewestAndDropsTheOlder(t *testing.T) {
	var pool frame.Pool
	var slot frame.Slot
	older, newer := pool.Get(2, 2), pool.Get(2, 2)
	slot.Put(older)
	slot.Put(newer)
	if got := slot.Take(); got != newer {
		t.Fatal("the slot did not give the newest frame")
	}
	if slot.Take() != nil {
		t.Fatal("the slot gave one frame twice")
	}
	if pool.Get(2, 2) != older {
		t.Error("the frame that was overtaken did not go back to its pool")
	}
}

func TestNextWaitsForAPictureAndEndsWithTheSlot(t *testing.T) {
	var slot frame.Slot
	got := make(chan error, 1)
	next := func() { _, err := slot.Next(context.Background()); got <- err }

	go next()
	slot.Put(frame.New(2, 2))
	if err := <-got; err != nil {
		t.Fatalf("a frame was put, Next said %v", err)
	}
	go next()
	slot.Close()
	if err := <-got; !errors.Is(err, frame.ErrClosed) {
		t.Fatalf("the slot was closed, Next said %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var open frame.Slot
	if _, err := open.Next(ctx); !errors.Is(err, context.Canceled) {
		t.Fatalf("the context was cancelled, Next said %v", err)
	}
}

func TestAPathThatHasWarmedUpDoesNotAllocate(t *testing.T) {
	var pool frame.Pool
	var slot frame.Slot
	n := testing.AllocsPerRun(100, func() {
		slot.Put(pool.Get(64, 64))
		slot.Take().Release()
	})
	if n != 0 {
		t.Errorf("%v allocations a frame", n)
	}
}

func TestASlotTellsTheLastAgesOnce(t *testing.T) {
	var slot frame.Slot
	for i := range 130 {
		slot.Presented(time.Duration(i))
	}
	ages := slot.PresentedAges()
	if len(ages) != 128 || ages[0] != 2 || ages[127] != 129 {
		t.Errorf("of the ages 0 to 129, it tells %v", ages)
	}
	if again := slot.PresentedAges(); len(again) != 0 {
		t.Errorf("it tells %v twice", again)
	}
}

func TestAPoolLetsGoOfWhatWaitsInIt(t *testing.T) {
	var pool frame.Pool
	out, spare := pool.Get(4, 4), pool.Get(4, 4)
	spare.Release()
	pool.Clear()
	if pool.Get(4, 4) == spare {
		t.Error("a frame that it let go of was handed out again")
	}
	out.Release()
	if pool.Get(4, 4) != out {
		t.Error("a frame that was out meanwhile was not used again")
	}
}
