package audio_test

import (
	"testing"
	"time"
)

// settledHum is a call in which somebody hums, and how steep that usually is.
func settledHum(t *testing.T) (c *call, usual int) {
	t.Helper()
	c = newCall(t, "hum", steady(40*time.Millisecond))
	time.Sleep(3 * time.Second)
	c.there.heard()
	time.Sleep(time.Second)
	return c, steepest(c.there.heard())
}

func TestMutingAndUnmutingDontClick(t *testing.T) {
	for pause, times := range map[time.Duration]int{60 * time.Millisecond: 10, 300 * time.Millisecond: 10, 3 * time.Second: 10, time.Minute: 2} {
		t.Run(pause.String(), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				c, usual := settledHum(t)
				for range times {
					c.singer.SetMuted(true)
					time.Sleep(pause)
					c.singer.SetMuted(false)
					time.Sleep(time.Second + 3*time.Millisecond)
				}
				if s := steepest(c.there.heard()); s > 2*usual {
					t.Errorf("a step of %d where %d is the steepest of the hum", s, usual)
				}
			})
		})
	}
}
