package audio_test

import (
	"math"
	"testing"
	"time"

	"parley/call/apm"
	"parley/call/audio"
)

// power is the level of a sound in dBFS.
//
//go:norace
func power(samples []int16) float64 {
	sum := 1.0
	for _, s := range samples {
		sum += float64(s) * float64(s)
	}
	return 10 * math.Log10(sum/float64(len(samples))/(1<<30))
}

// fiveSeconds of what an engine's microphone hears, processed.
func fiveSeconds(t *testing.T, e *audio.Engine) []int16 {
	t.Helper()
	samples, err := e.Record(t.Context(), 5*time.Second, nil)
	if err != nil {
		t.Fatal(err)
	}
	return samples
}

func TestWhoSpeaksDoesNotHearTheirEcho(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c := call{path: newPath(steady(40 * time.Millisecond))}
		c.here.make = voice(-16, -80, 1)
		c.there.hardware = true
		c.start(t, "mouth")
		if err := c.listener.SetMicrophone("echo"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Second)
		clean := power(fiveSeconds(t, c.listener))
		if heard, sent := c.listener.Level(), c.listener.LevelSent(); sent > heard-0.2 {
			t.Errorf("the microphone's level is %.2f, that of what is sent %.2f", heard, sent)
		}
		c.listener.SetProcessing(apm.Options{})
		time.Sleep(time.Second)
		plain := power(fiveSeconds(t, c.listener))
		if plain-clean < 20 {
			t.Errorf("the echo is at %.0f dBFS, and after processing at %.0f", plain, clean)
		}
	})
}

func TestWhatATestSourcePlaysIsNotProcessed(t *testing.T) {
	for _, hardware := range []bool{true, false} {
		bubble(t, func(t *testing.T) {
			r := room{make: noise(-40, 1), hardware: hardware}
			e := r.engine(t)
			if err := e.SetMicrophone("mouth"); err != nil {
				t.Fatal(err)
			}
			time.Sleep(5 * time.Second)
			level := power(fiveSeconds(t, e))
			if processed := level < -45; processed != hardware {
				t.Errorf("noise of -40 dBFS comes out at %.0f; hardware: %v", level, hardware)
			}
		})
	}
}

func TestMuchNoiseIsTakenOutFirmlyAndLittleGently(t *testing.T) {
	for _, c := range []struct {
		name        string
		sound       func([]int16)
		least, most float64 // dB by which what is heard while nobody talks becomes softer
	}{
		{"a quiet room", noise(-60, 1), 4, 8},
		{"a loud fan", noise(-40, 1), 10, 14},
		{"a soft voice and a fan", voice(-38, -44, 1), 10, 14},
		{"a loud voice and a fan", voice(-12, -44, 1), 4, 8},
	} {
		bubble(t, func(t *testing.T) {
			r := room{make: c.sound, hardware: true}
			e := r.engine(t)
			if err := e.SetMicrophone("mouth"); err != nil {
				t.Fatal(err)
			}
			softest := func(options apm.Options) float64 {
				e.SetProcessing(options)
				time.Sleep(10 * time.Second)
				level, samples := 0.0, fiveSeconds(t, e)
				for at := 0; at < len(samples); at += audio.SampleRate / 5 {
					level = min(level, power(samples[at:][:audio.SampleRate/5]))
				}
				return level
			}
			if by := softest(apm.Options{}) - softest(apm.Options{Noise: true}); by < c.least || by > c.most {
				t.Errorf("%s: noise is softer by %.1f dB", c.name, by)
			}
		})
	}
}

func TestProcessingMayChangeInMidCall(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := room{make: noise(-40, 1), hardware: true}
		e := r.listener(t)
		if err := e.SetMicrophone("mouth"); err != nil {
			t.Fatal(err)
		}
		for _, noise := range []bool{true, false, true} {
			e.SetProcessing(apm.Options{Noise: noise})
			time.Sleep(5 * time.Second)
			level := power(fiveSeconds(t, e))
			if processed := level < -45; processed != noise {
				t.Errorf("noise suppression %v: noise of -40 dBFS comes out at %.0f", noise, level)
			}
		}
		e.Close()
		e.SetProcessing(apm.Options{Gain: true}) // of no effect, and no harm
	})
}
