package audio_test

import (
	"testing"
	"time"

	"parley/call/audio"
)

func TestASoundWaitsForAPictureThatComesLater(t *testing.T) {
	bubble(t, func(t *testing.T) {
		fate, sent := stamped(steady(40 * time.Millisecond))
		c := newCall(t, "1", fate)
		// waited is how long samples wait while what is said at a moment is to be heard that much after a packet of that moment came.
		waited := func(settle, wait time.Duration) time.Duration {
			hold := func(d time.Duration) {
				for ends := time.Now().Add(d); time.Now().Before(ends); time.Sleep(time.Second / 30) {
					c.receiver.HoldUntil(sent(time.Now()), time.Now().Add(40*time.Millisecond+wait))
				}
			}
			hold(settle)
			before := c.receiver.Stats()
			hold(2 * time.Second)
			return meanWait(before, c.receiver.Stats())
		}
		usual := waited(5*time.Second, 0)
		if held := waited(4*time.Second, 200*time.Millisecond); held < 190*time.Millisecond || held > 220*time.Millisecond {
			t.Errorf("samples wait for %v, and should for 200 ms", held)
		}
		for _, wait := range []time.Duration{-time.Hour, time.Hour} {
			if held := waited(6*time.Second, wait); held > usual+20*time.Millisecond {
				t.Errorf("samples wait for %v for a picture that is %v late, and for %v before", held, wait, usual)
			}
		}
		waited(4*time.Second, 200*time.Millisecond)
		time.Sleep(8 * time.Second)
		before := c.receiver.Stats()
		time.Sleep(2 * time.Second)
		if held := meanWait(before, c.receiver.Stats()); held > usual+20*time.Millisecond {
			t.Errorf("samples wait for %v 10 s after a picture ended, and for %v before", held, usual)
		}
		waited(8*time.Second, 400*time.Millisecond)
		waited(8*time.Second, 0)
		if s := c.receiver.Stats(); s.ConcealedSamples > uint64(audio.SampleRate/10) || s.PacketsDiscarded > 0 {
			t.Errorf("on the way %d samples were made up, and %d packets left out", s.ConcealedSamples, s.PacketsDiscarded)
		}
	})
}
