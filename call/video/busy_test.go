package video_test

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/rtp"

	"parley/call/video"
)

// slow is a connection over which packets go out one after another, at a rate.
type slow struct {
	tap
	rate int // bit/s

	mu    sync.Mutex
	until time.Time // when the last of them has gone out
}

func (w *slow) WriteRTP(h *rtp.Header, payload []byte) (int, error) {
	w.mu.Lock()
	w.until = later(w.until, time.Now()).Add(time.Duration(len(payload)) * 8 * time.Second / time.Duration(w.rate))
	w.mu.Unlock()
	return w.tap.WriteRTP(h, payload)
}

// stall lets nothing through for that long.
func (w *slow) stall(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.until = later(w.until, time.Now()).Add(d)
}

// waits returns for how long what was written last has to wait.
func (w *slow) waits() time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	return time.Until(w.until)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func TestAPictureThatWouldBeLateForEverybodyIsNotMade(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSender(t)
		s.SetSource(newCamera(320, 180))
		busy := [2]bool{}
		var taps [2]tap
		var mu sync.Mutex
		set := func(first, second bool) int {
			mu.Lock()
			busy = [2]bool{first, second}
			mu.Unlock()
			time.Sleep(time.Second)
			return s.Stats().FramesEncoded
		}
		for i := range taps {
			bind(t, s, string(rune('a'+i)), &taps[i]).SetBusy(func() bool {
				mu.Lock()
				defer mu.Unlock()
				return busy[i]
			})
		}
		began := set(false, false)
		keys := taps[0].keyFrames()
		if n := set(true, true) - began; n > 1 {
			t.Errorf("%d pictures were made while each would have been late for both", n)
		}
		stopped := s.Stats().FramesEncoded
		if n := set(true, false) - stopped; n < 25 {
			t.Errorf("%d pictures in a second in which one of two waited for them", n)
		}
		if n := set(false, false) - stopped; n < 55 {
			t.Errorf("%d pictures in two seconds", n)
		}
		if n := taps[0].keyFrames() - keys; n > 0 {
			t.Errorf("%d key frames, though no picture was left out that another refers to", n)
		}
	})
}

func TestPicturesComeAtTheirRateAgainAfterSomeWereLeftOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const rate = 300_000
		s := video.NewSender(video.SenderConfig{BitRate: rate})
		defer s.Close()
		w := &slow{rate: rate}
		bind(t, s, "a", w).SetBusy(func() bool { return w.waits() > 200*time.Millisecond })
		s.SetSource(newCamera(640, 360))
		time.Sleep(3 * time.Second)
		w.stall(time.Second)
		time.Sleep(1500 * time.Millisecond)
		before := s.Stats().FramesEncoded
		time.Sleep(2 * time.Second)
		if n := s.Stats().FramesEncoded - before; n < 58 {
			t.Errorf("%d pictures in two seconds: each is as large as the time since the one before allows, and makes the next come as late", n)
		}
	})
}
