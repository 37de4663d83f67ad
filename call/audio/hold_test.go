package audio_test

import (
	"testing"
	"time"

	"parley/call/audio"
)

func TestASoundWaitsForAPictureThatComesLater(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c := newCall(t, "1", steady(40*time.Millisecond))
		waited := func() time.Duration {
			before := c.receiver.Stats()
			time.Sleep(2 * time.Second)
			return meanWait(before, c.receiver.Stats())
		}
		time.Sleep(5 * time.Second)
		usual := waited()
		c.receiver.SetMinimumDelay(200 * time.Millisecond)
		time.Sleep(10 * time.Second)
		if held := waited(); held < 190*time.Millisecond || held > 260*time.Millisecond {
			t.Errorf("samples wait for %v, and should for 200 ms", held)
		}
		c.receiver.SetMinimumDelay(-time.Hour)
		time.Sleep(10 * time.Second)
		if held := waited(); held > usual+20*time.Millisecond {
			t.Errorf("samples wait for %v once they need not, and for %v before", held, usual)
		}
		c.receiver.SetMinimumDelay(time.Hour)
		if s := c.receiver.Stats(); s.ConcealedSamples > uint64(audio.SampleRate/10) {
			t.Errorf("%d samples were made up on the way", s.ConcealedSamples)
		}
	})
}
