package audio_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"parley/call/audio"
	"parley/devices"
)

func TestAMicrophoneThatCannotBeOpenedLeavesTheOneBefore(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c := newCall(t, "0", steady(40*time.Millisecond))
		time.Sleep(2 * time.Second)
		if err := c.singer.SetMicrophone("no such"); !errors.Is(err, devices.ErrNotFound) {
			t.Errorf("a microphone that is not there gave %v", err)
		}
		if label, using, err := c.singer.Microphone(); label != "no such" || using != "0" || !errors.Is(err, devices.ErrNotFound) {
			t.Errorf("told is %q, in use %q, %v", label, using, err)
		}
		time.Sleep(8 * time.Second)
		if n := c.inOrder(0); n < 48 {
			t.Errorf("of 50 tones, %d in a row were heard", n)
		}
		if err := c.singer.SetMicrophone("0"); err != nil {
			t.Error(err)
		}
		if label, using, err := c.singer.Microphone(); label != "0" || using != "0" || err != nil {
			t.Errorf("asked for again, told is %q, in use %q, %v", label, using, err)
		}
		if n := len(c.here.microphones); n != 1 {
			t.Errorf("it was opened %d times", n)
		}
	})
}

func TestASpeakerThatCannotBeOpenedLeavesTheOneBefore(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c := newCall(t, "0", steady(40*time.Millisecond))
		if err := c.listener.SetSpeaker("no such"); !errors.Is(err, devices.ErrNotFound) {
			t.Errorf("a speaker that is not there gave %v", err)
		}
		if label, using, err := c.listener.Speaker(); label != "no such" || using != "loud" || !errors.Is(err, devices.ErrNotFound) {
			t.Errorf("told is %q, in use %q, %v", label, using, err)
		}
		time.Sleep(5 * time.Second)
		if n := c.inOrder(0); n < 23 {
			t.Errorf("of 25 tones, %d in a row were heard", n)
		}
	})
}

// recorded returns a second of an engine's microphone, in which do is done.
func recorded(t *testing.T, e *audio.Engine, do func()) []int16 {
	t.Helper()
	go func() {
		time.Sleep(100 * time.Millisecond)
		do()
	}()
	samples, err := e.Record(context.Background(), time.Second, nil)
	if err != nil {
		t.Fatal(err)
	}
	return samples
}

// silent returns the longest run of silence in samples.
func silent(samples []int16) time.Duration {
	longest, run := 0, 0
	for _, s := range samples {
		if run++; s > 100 || s < -100 {
			run = 0
		}
		longest = max(longest, run)
	}
	return time.Duration(longest) * time.Second / audio.SampleRate
}

func TestMicrophonesGoOverIntoEachOther(t *testing.T) {
	for name, change := range map[string]func(t *testing.T, r *room, e *audio.Engine){
		"chosen": func(t *testing.T, _ *room, e *audio.Engine) {
			if err := e.SetMicrophone("mouth"); err != nil {
				t.Error(err)
			}
		},
		"chosen three times in a row": func(t *testing.T, _ *room, e *audio.Engine) {
			for _, label := range []string{"mouth", "hum", "mouth"} {
				if err := e.SetMicrophone(label); err != nil {
					t.Error(err)
				}
			}
		},
		"chosen, but not there": func(_ *testing.T, _ *room, e *audio.Engine) { _ = e.SetMicrophone("no such") },
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				r := room{opening: 130 * time.Millisecond, make: hum()}
				e := r.engine(t)
				if err := e.SetMicrophone("hum"); err != nil {
					t.Fatal(err)
				}
				samples := recorded(t, e, func() { change(t, &r, e) })
				if gap := silent(samples[480:]); gap > 20*time.Millisecond {
					t.Errorf("silent for %v", gap)
				}
				if step := steepest(samples); step > 500 { // that of the hum is 215, of two that fade 300
					t.Errorf("a click: a step of %d", step)
				}
			})
		})
	}
}

func TestASpeakerGoesOverIntoTheNext(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := room{opening: 130 * time.Millisecond}
		e := r.listener(t)
		samples := make([]int16, 2*audio.SampleRate)
		hum()(samples)
		played := e.Play(samples)
		time.Sleep(500 * time.Millisecond)
		if err := e.SetSpeaker("louder"); err != nil {
			t.Fatal(err)
		}
		<-played.Done()
		if err := played.Err(); err != nil {
			t.Errorf("the playback ended: %v", err)
		}
		// Both are recorded one block after the other: the one that fell silent puts blocks of silence in between.
		for i, d := range r.speakers {
			if d.ended() != (i == 0) {
				t.Errorf("speaker %d of 2 is open: %v", i+1, !d.ended())
			}
		}
		heard := r.heard()
		if step := steepest(heard); step > 500 {
			t.Errorf("a click: a step of %d", step)
		}
		loud := 0
		for block := range slices.Chunk(heard, audio.BlockSize) {
			if slices.Max(block) > 1000 {
				loud++
			}
		}
		if loud < 197 || loud > 202 {
			t.Errorf("of 200 blocks, %d were played by one of the two", loud)
		}
	})
}

func TestAMicrophoneThatDiedIsNotWaitedFor(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := room{make: hum()}
		e := r.engine(t)
		if err := e.SetMicrophone("hum"); err != nil {
			t.Fatal(err)
		}
		samples := recorded(t, e, func() {
			r.microphones[0].stall()
			if err := e.SetMicrophone("mouth"); err != nil {
				t.Error(err)
			}
		})
		if gap := silent(samples); gap > 20*time.Millisecond {
			t.Errorf("silent for %v", gap)
		}
		if _, using, err := e.Microphone(); using != "mouth" || err != nil {
			t.Errorf("in use is %q, %v", using, err)
		}
	})
}

func TestADeviceThatFallsSilentIsToldWithin3Seconds(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var r room
		gone := make(chan time.Time, 10)
		e := audio.NewEngine(audio.Config{OpenMicrophone: r.openMicrophone, OpenSpeaker: r.openSpeaker, OnChange: func() { gone <- time.Now() }})
		defer e.Close()
		for offset := range 10 {
			if err := e.SetMicrophone("0"); err != nil {
				t.Fatal(err)
			}
			<-gone
			time.Sleep(time.Duration(1000+51*offset) * time.Millisecond)
			began := time.Now()
			r.newest(&r.microphones).stall()
			if after := (<-gone).Sub(began); after > 3*time.Second {
				t.Errorf("told after %v", after)
			}
			if _, using, err := e.Microphone(); using != "" || !errors.Is(err, devices.ErrGone) {
				t.Errorf("in use is %q, %v", using, err)
			}
		}
	})
}

func TestTheDefaultIsTheSameHardwareAsItsOwnLabel(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := room{once: true}
		e := r.engine(t)
		for _, label := range []string{devices.Default, "0", devices.Default} {
			if err := e.SetMicrophone(label); err != nil {
				t.Errorf("the microphone %q, which is open by another label: %v", label, err)
			}
			time.Sleep(time.Second)
			if asked, using, err := e.Microphone(); asked != label || using != "0" || err != nil {
				t.Errorf("told is %q, in use %q, %v", asked, using, err)
			}
			if e.Level() == 0 {
				t.Errorf("nothing is heard by the label %q", label)
			}
		}
	})
}

func TestWhereTheDefaultIsBusyTheOneBeforeComesBack(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := room{once: true}
		other := r.engine(t)
		if err := other.SetMicrophone("0"); err != nil {
			t.Fatal(err)
		}
		e := r.engine(t)
		if err := e.SetMicrophone("1"); err != nil {
			t.Fatal(err)
		}
		if err := e.SetMicrophone(devices.Default); !errors.Is(err, devices.ErrNotReadable) {
			t.Errorf("a busy microphone gave %v", err)
		}
		time.Sleep(time.Second)
		if asked, using, err := e.Microphone(); asked != devices.Default || using != "1" || !errors.Is(err, devices.ErrNotReadable) {
			t.Errorf("told is %q, in use %q, %v", asked, using, err)
		}
		if e.Level() == 0 {
			t.Error("the microphone that ran is not heard any more")
		}
	})
}
