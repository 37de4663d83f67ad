package audio_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"parley/call/audio"
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

// levelOfVoice returns how loud the tones of a voice are, in dBFS: the median.
func levelOfVoice(heard []tone.Heard, voice int) float64 {
	var levels []float64
	for _, h := range heard {
		if h.Voice == voice {
			levels = append(levels, h.Level)
		}
	}
	if len(levels) < 5 {
		return math.Inf(-1)
	}
	slices.Sort(levels)
	return levels[len(levels)/2]
}

func TestEachPersonIsAsLoudAsTheirVolumeSays(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var there room
		listener := there.listener(t)
		var people []*audio.Receiver
		for _, voice := range []string{"0", "1"} {
			var here room
			singer, path := here.engine(t), newPath(steady(40*time.Millisecond))
			tap(t, singer, path)
			people = append(people, listener.Receive(path, 0))
			if err := singer.SetMicrophone(voice); err != nil {
				t.Fatal(err)
			}
		}
		hear := func() (levels [2]float64) {
			time.Sleep(time.Second)
			there.heard()
			time.Sleep(4 * time.Second)
			heard := tone.Detect(there.heard())
			return [2]float64{levelOfVoice(heard, 0), levelOfVoice(heard, 1)}
		}
		usual := hear()
		for _, c := range []struct{ volume, dB float64 }{{0.5, -6}, {2, 6}, {1000, 6}, {1, 0}, {0, math.Inf(-1)}, {-1, math.Inf(-1)}} {
			people[0].SetVolume(c.volume)
			now := hear()
			if by := now[0] - usual[0]; by != c.dB && math.Abs(by-c.dB) > 0.5 {
				t.Errorf("at a volume of %v a person is louder by %.1f dB, want %.0f", c.volume, by, c.dB)
			}
			if by := now[1] - usual[1]; math.Abs(by) > 0.5 {
				t.Errorf("where one has a volume of %v, the other is louder by %.1f dB", c.volume, by)
			}
		}
	})
}

func TestAVolumeThatChangesDoesNotClick(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c, usual := settledHum(t)
		for range 20 {
			c.receiver.SetVolume(0)
			time.Sleep(103 * time.Millisecond)
			c.receiver.SetVolume(1)
			time.Sleep(103 * time.Millisecond)
		}
		if step := steepest(c.there.heard()); step > 2*usual {
			t.Errorf("a step of %d where %d is the steepest of the hum", step, usual)
		}
	})
}
