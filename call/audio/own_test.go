package audio_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	"parley/call/audio"
	"parley/devices"
	"parley/devices/tone"
)

func sung(voice int, length time.Duration) []int16 {
	samples := make([]int16, int(length*audio.SampleRate/time.Second))
	tone.NewSource(voice).Fill(samples)
	return samples
}

func TestAPlaybackIsHeardBesideTheOthers(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c := newCall(t, "0", steady(40*time.Millisecond))
		time.Sleep(time.Second)
		c.there.heard()
		p := c.listener.Play(sung(2, 3*time.Second))
		time.Sleep(1500 * time.Millisecond)
		if done := p.Progress(); math.Abs(done-0.5) > 0.02 {
			t.Errorf("at half time, %.2f is done", done)
		}
		<-p.Done()
		if p.Err() != nil || p.Progress() != 1 {
			t.Errorf("it ended with %v after %.2f", p.Err(), p.Progress())
		}
		heard := tone.Detect(c.there.heard())
		if own, other := tone.InOrder(heard, 2), tone.InOrder(heard, 0); own < 14 || other < 14 {
			t.Errorf("of 15 tones each, %d of the playback and %d of the other person were heard in a row", own, other)
		}
		c.wire.sent()
		time.Sleep(time.Second)
		if n := tone.InOrder(tone.Detect(c.there.heard()), 2); n > 1 {
			t.Errorf("after its end, %d tones of it were heard", n)
		}
	})
}

func TestAPlaybackThatIsStoppedFades(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var r room
		e := r.listener(t)
		samples := make([]int16, 10*audio.SampleRate)
		hum()(samples)
		p := e.Play(samples)
		time.Sleep(time.Second)
		p.Stop()
		p.Stop()
		<-p.Done()
		time.Sleep(time.Second)
		heard := r.heard()
		if step := steepest(heard); step > 500 {
			t.Errorf("a click: a step of %d", step)
		}
		if loudest := slices.Max(heard[len(heard)-audio.SampleRate/2:]); loudest > 0 {
			t.Error("it goes on")
		}
		if p.Err() != nil || p.Progress() > 0.11 {
			t.Errorf("told is %v after %.2f", p.Err(), p.Progress())
		}
	})
}

func TestAPlaybackEndsWithItsSpeaker(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var r room
		e := r.engine(t)
		p := e.Play(sung(0, time.Second))
		<-p.Done()
		if !errors.Is(p.Err(), devices.ErrNotFound) {
			t.Errorf("without a speaker: %v", p.Err())
		}
		if err := e.SetSpeaker("loud"); err != nil {
			t.Fatal(err)
		}
		p = e.Play(sung(0, time.Hour/360))
		time.Sleep(time.Second)
		r.newest(&r.speakers).unplug(devices.ErrGone)
		<-p.Done()
		if !errors.Is(p.Err(), devices.ErrGone) {
			t.Errorf("when the speaker was unplugged: %v", p.Err())
		}
		e.Close()
		p = e.Play(sung(0, time.Second))
		<-p.Done()
		if !errors.Is(p.Err(), audio.ErrClosed) {
			t.Errorf("on a closed engine: %v", p.Err())
		}
	})
}

func TestOnlySoManyPlaybacksSoundAtOnce(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var r room
		e := r.listener(t)
		var all []*audio.Playback
		for range 20 {
			all = append(all, e.Play(sung(0, time.Minute)))
		}
		playing := 0
		for _, p := range all {
			select {
			case <-p.Done():
			default:
				playing++
			}
		}
		if playing != 8 {
			t.Errorf("%d play at once", playing)
		}
		if p := e.Play(nil); p.Progress() != 1 {
			t.Error("nothing is not played at once")
		}
	})
}

func TestTheMicrophoneIsRecordedMutedOrNot(t *testing.T) {
	for _, muted := range []bool{false, true} {
		bubble(t, func(t *testing.T) {
			var r room
			e := r.engine(t)
			if err := e.SetMicrophone("1"); err != nil {
				t.Fatal(err)
			}
			e.SetMuted(muted)
			var steps []float64
			samples, err := e.Record(t.Context(), 5*time.Second, func(done float64) { steps = append(steps, done) })
			if err != nil || len(samples) != 5*audio.SampleRate {
				t.Fatalf("muted %v: %d samples, %v", muted, len(samples), err)
			}
			if n := tone.InOrder(tone.Detect(samples), 1); n < 24 {
				t.Errorf("muted %v: of 25 tones, %d in a row were recorded", muted, n)
			}
			if len(steps) < 100 || !slices.IsSorted(steps) || steps[len(steps)-1] > 1 {
				t.Errorf("muted %v: %d steps were told", muted, len(steps))
			}
		})
	}
}

func TestARecordingSaysWhyItCannotGoOn(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var r room
		e := r.engine(t)
		if _, err := e.Record(t.Context(), time.Second, nil); !errors.Is(err, devices.ErrNotFound) {
			t.Errorf("without a microphone: %v", err)
		}
		for name, test := range map[string]struct {
			end  func()
			want error
		}{
			"unplugged": {func() { r.newest(&r.microphones).unplug(devices.ErrGone) }, devices.ErrGone},
			"silent":    {func() { r.newest(&r.microphones).stall() }, devices.ErrGone},
			"put away":  {func() { _ = e.SetMicrophone(devices.None) }, devices.ErrNotFound},
		} {
			if err := e.SetMicrophone("0"); err != nil {
				t.Fatal(err)
			}
			time.AfterFunc(time.Second, test.end)
			if samples, err := e.Record(t.Context(), time.Minute, nil); !errors.Is(err, test.want) || samples != nil {
				t.Errorf("%s: %d samples, %v", name, len(samples), err)
			}
		}
		if err := e.SetMicrophone("0"); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := e.Record(ctx, time.Minute, nil); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("given up: %v", err)
		}
		time.AfterFunc(time.Second, func() { e.Close() })
		if _, err := e.Record(t.Context(), time.Minute, nil); !errors.Is(err, audio.ErrClosed) {
			t.Errorf("closed: %v", err)
		}
	})
}

func TestTheSoundsOfOurOwnAreSoftAndDoNotClick(t *testing.T) {
	for name, c := range map[string]struct {
		samples []int16
		length  time.Duration
		highest float64 // Hz: the octave of the highest note
	}{
		"chime":     {audio.Chime(), time.Second, 1568},
		"arrival":   {audio.Arrival(), 450 * time.Millisecond, 1760},
		"departure": {audio.Departure(), 450 * time.Millisecond, 1175},
	} {
		t.Run(name, func(t *testing.T) {
			samples := c.samples
			if want := int(c.length.Seconds() * audio.SampleRate); len(samples) != want {
				t.Errorf("it lasts %d samples, want %d", len(samples), want)
			}
			if peak := max(slices.Max(samples), -slices.Min(samples)); peak < 4000 || peak > 8231 {
				t.Errorf("its peak is %d, want at most -12 dBFS, which is 8231", peak)
			}
			if samples[0] != 0 || samples[len(samples)-1] != 0 {
				t.Errorf("it begins with %d and ends with %d", samples[0], samples[len(samples)-1])
			}
			bend := 0.0 // a click is a corner: the largest change of slope, where a pure tone of its pitch and peak has (2πf/48000)²·peak
			for i := 2; i < len(samples); i++ {
				bend = max(bend, math.Abs(float64(samples[i])-2*float64(samples[i-1])+float64(samples[i-2])))
			}
			if most := math.Pow(2*math.Pi*c.highest/audio.SampleRate, 2) * 6554; bend > most {
				t.Errorf("it bends by %.0f, want %.0f at the most", bend, most)
			}
		})
	}
}
