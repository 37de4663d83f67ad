package audio_test

import (
	"math"
	"testing"
	"time"

	"parley/devices/tone"
)

func TestVoicesThatSoundAtOnceAreAllHeard(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var there room
		listener := there.listener(t)
		for _, voice := range []string{"0", "1", "2", "3"} {
			var here room
			singer, path := here.engine(t), newPath(steady(40*time.Millisecond))
			tap(t, singer, path)
			listener.Receive(path, 0)
			if err := singer.SetMicrophone(voice); err != nil {
				t.Fatal(err)
			}
			time.Sleep(33 * time.Millisecond)
		}
		time.Sleep(5 * time.Second)
		heard := tone.Detect(there.heard())
		for voice := range 4 {
			if n := tone.InOrder(heard, voice); n < 23 {
				t.Errorf("of 25 tones of voice %d, %d in a row were heard", voice, n)
			}
		}
	})
}

func TestTwentyAtOnceAreLoudButDontClip(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var here, there room
		singer, listener := here.engine(t), there.listener(t)
		for range 20 {
			path := newPath(steady(40 * time.Millisecond))
			tap(t, singer, path)
			listener.Receive(path, 0)
		}
		if err := singer.SetMicrophone("0"); err != nil { // -12 dBFS, twenty times: 14 dB too much
			t.Fatal(err)
		}
		time.Sleep(5 * time.Second)
		heard := there.heard()
		flat, loudest := 0, 0.0
		for i := 1; i < len(heard); i++ {
			size := math.Abs(float64(heard[i]))
			loudest = max(loudest, size)
			if heard[i] == heard[i-1] && size > 32000 {
				flat++
			}
		}
		if flat > 0 {
			t.Errorf("%d samples are cut off", flat)
		}
		if loudest < 25000 {
			t.Errorf("twenty people are no louder than %v", loudest)
		}
		tones := tone.Detect(heard)
		if n := tone.InOrder(tones, 0); n < 23 {
			t.Errorf("of 25 tones, %d in a row were heard", n)
		}
		for _, h := range tones {
			if h.Voice != 0 {
				t.Errorf("a tone of voice %d that nobody sang, at %.0f dBFS", h.Voice, h.Level)
			}
		}
	})
}
