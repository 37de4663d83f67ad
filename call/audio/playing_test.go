package audio_test

import (
	"sync"
	"testing"
	"time"

	"github.com/pion/rtp"

	"parley/call/audio"
)

// stamped is a fate, and tells the timestamp of what is sent at a moment.
func stamped(f fate) (noting fate, sent func(at time.Time) uint32) {
	var mu sync.Mutex
	var stamp uint32
	var began time.Time
	noting = func(n int, p *rtp.Packet) time.Duration {
		mu.Lock()
		defer mu.Unlock()
		if n == 0 {
			stamp, began = p.Timestamp, time.Now()
		}
		return f(n, p)
	}
	return noting, func(at time.Time) uint32 {
		mu.Lock()
		defer mu.Unlock()
		return stamp + uint32(at.Sub(began)*audio.SampleRate/time.Second)
	}
}

func TestWhatIsHeardNowIsToldByItsTimestamp(t *testing.T) {
	for name, gulp := range map[string]int{"a speaker in blocks": 1, "a speaker in gulps": 5} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				fate, sent := stamped(steady(40 * time.Millisecond))
				c := call{path: newPath(fate)}
				c.there.gulp = gulp
				c.start(t, "1")
				if _, ok := c.receiver.Playing(time.Now()); ok {
					t.Error("something is heard before anything was sent")
				}
				time.Sleep(10 * time.Second)
				for range 100 {
					time.Sleep(7 * time.Millisecond)
					stamp, ok := c.receiver.Playing(time.Now())
					if !ok {
						t.Fatal("nothing is heard of a song")
					}
					// The first sample of a packet was captured 20 ms before it was sent.
					said := sent(time.Now().Add(20 * time.Millisecond))
					late := time.Duration(int32(said-stamp)) * time.Second / audio.SampleRate
					if late < 60*time.Millisecond || late > time.Duration(120+10*gulp)*time.Millisecond {
						t.Fatalf("what is heard now was said %v ago, on a path of 40 ms", late)
					}
				}
			})
		})
	}
}

func TestNothingIsHeardOfSomebodyWhoIsMuteForLong(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c := newCall(t, "1", steady(40*time.Millisecond))
		time.Sleep(5 * time.Second)
		before, _ := c.receiver.Playing(time.Now())
		c.singer.SetMuted(true)
		time.Sleep(time.Second)
		after, ok := c.receiver.Playing(time.Now())
		if passed := int32(after - before); !ok || passed < audio.SampleRate*9/10 || passed > audio.SampleRate*11/10 {
			t.Errorf("in a pause of a second, %d samples passed (%v)", passed, ok)
		}
		time.Sleep(2 * time.Second)
		if _, ok = c.receiver.Playing(time.Now()); ok {
			t.Error("somebody is heard 3 s after they muted themselves")
		}
		c.singer.SetMuted(false)
		time.Sleep(time.Second)
		if _, ok = c.receiver.Playing(time.Now()); !ok {
			t.Error("nothing is heard of somebody who talks again")
		}
	})
}

func TestInAPauseItIsToldHowLateSomebodyIsHeardNext(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c := newCall(t, "1", steady(40*time.Millisecond))
		time.Sleep(5 * time.Second)
		c.singer.SetMuted(true)
		time.Sleep(500 * time.Millisecond)
		before, _ := c.receiver.Playing(time.Now())
		const later = 200 * time.Millisecond
		c.receiver.HoldUntil(before, time.Now().Add(later))
		after, ok := c.receiver.Playing(time.Now())
		if by := time.Duration(int32(before-after)) * time.Second / audio.SampleRate; !ok || (by-later).Abs() > time.Millisecond {
			t.Errorf("who is to be heard %v later after a pause is said to be heard %v later", later, by)
		}
	})
}
