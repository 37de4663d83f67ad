package call_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"parley/call"
	"parley/devices"
)

// withSound lets a test have a microphone and a speaker that run.
func withSound(t *testing.T, test func(t *testing.T, h *hardware, m *call.Media)) {
	away(t, func(t *testing.T, h *hardware, m *call.Media) {
		for _, kind := range []devices.Kind{devices.KindMicrophone, devices.KindSpeaker} {
			h.plug(kind, "the "+string(kind))
			h.plug(kind, "another "+string(kind))
			m.Use(kind, "the "+string(kind))
		}
		settle()
		test(t, h, m)
	})
}

// expectPhase checks what the test of the own sound does now.
func expectPhase(t *testing.T, m *call.Media, phase call.SoundTestPhase, err error) {
	t.Helper()
	synctest.Wait()
	if s := m.SoundTest(); s.Phase != phase || !errors.Is(s.Err, err) || s.Done < 0 || s.Done > 1 {
		t.Errorf("the test of the own sound: %+v; want %q, %v", s, phase, err)
	}
}

func TestSignalsAreHeardOnTheSpeaker(t *testing.T) {
	for _, signal := range []call.Signal{call.SignalArrival, call.SignalDeparture} {
		withSound(t, func(t *testing.T, h *hardware, m *call.Media) {
			if n := h.loudest.Load(); n != 0 {
				t.Errorf("a speaker plays something already: %d", n)
			}
			m.Signal(signal)
			settle()
			if n := h.loudest.Load(); n < 3000 || n > 8231 {
				t.Errorf("the loudest sample of %q is %d", signal, n)
			}
			m.Use(devices.KindSpeaker, devices.None)
			settle()
			m.Signal(signal) // which nobody hears, and nobody minds
		})
	}
}

func TestTheChimePlaysToItsEnd(t *testing.T) {
	withSound(t, func(t *testing.T, _ *hardware, m *call.Media) {
		m.PlayChime()
		expectPhase(t, m, call.SoundTestChime, nil)
		time.Sleep(500 * time.Millisecond)
		if done := m.SoundTest().Done; done < 0.3 || done > 0.7 {
			t.Errorf("after half a second of one, %v is done", done)
		}
		settle()
		expectPhase(t, m, call.SoundTestIdle, nil)
	})
}

func TestARecordingIsMadeAndPlayedBack(t *testing.T) {
	withSound(t, func(t *testing.T, _ *hardware, m *call.Media) {
		m.RecordAndPlay()
		time.Sleep(4900 * time.Millisecond)
		expectPhase(t, m, call.SoundTestRecording, nil)
		time.Sleep(300 * time.Millisecond)
		expectPhase(t, m, call.SoundTestPlaying, nil)
		time.Sleep(4700 * time.Millisecond)
		expectPhase(t, m, call.SoundTestPlaying, nil)
		time.Sleep(300 * time.Millisecond)
		expectPhase(t, m, call.SoundTestIdle, nil)
	})
}

func TestASoundTestEndsWhenItIsToldTo(t *testing.T) {
	withSound(t, func(t *testing.T, _ *hardware, m *call.Media) {
		m.RecordAndPlay()
		expectPhase(t, m, call.SoundTestRecording, nil)
		m.PlayChime() // in its place
		expectPhase(t, m, call.SoundTestChime, nil)
		m.StopSoundTest()
		expectPhase(t, m, call.SoundTestIdle, nil)
	})
}

func TestASoundTestEndsWithItsDevice(t *testing.T) {
	withSound(t, func(t *testing.T, h *hardware, m *call.Media) {
		m.RecordAndPlay()
		expectPhase(t, m, call.SoundTestRecording, nil)
		m.Use(devices.KindMicrophone, "another microphone")
		time.Sleep(300 * time.Millisecond) // in which one goes over into the other
		expectPhase(t, m, call.SoundTestIdle, nil)

		m.PlayChime()
		expectPhase(t, m, call.SoundTestChime, nil)
		m.Use(devices.KindSpeaker, "another speaker")
		time.Sleep(300 * time.Millisecond)
		expectPhase(t, m, call.SoundTestIdle, nil)

		m.RecordAndPlay()
		expectPhase(t, m, call.SoundTestRecording, nil)
		h.pull(devices.KindMicrophone, "another microphone")
		expectPhase(t, m, call.SoundTestIdle, devices.ErrGone)
	})
}

func TestWithoutASpeakerASoundTestSaysSo(t *testing.T) {
	away(t, func(t *testing.T, _ *hardware, m *call.Media) {
		m.Use(devices.KindSpeaker, "a speaker that nobody has")
		settle()
		for _, test := range []func(){m.PlayChime, m.RecordAndPlay} {
			test()
			expectPhase(t, m, call.SoundTestIdle, devices.ErrNotFound)
		}
	})
}

// What the user records and hears again is theirs alone: others hear silence, and are told that the microphone is off.
func TestASoundTestIsNotSentToAnybody(t *testing.T) {
	annMedia := newMedia()
	_, ben, _ := couple(t, annMedia, newMedia())
	heard := func() float64 {
		for _, p := range ben.call.Stats() {
			if p.InAudio != nil {
				return p.InAudio.TotalAudioEnergy
			}
		}
		return 0
	}
	annSends := func() bool { people := ben.call.People(); return len(people) == 1 && people[0].Microphone }
	eventually(t, "Ben hears Ann", func() bool { return heard() > 0 && annSends() })

	annMedia.RecordAndPlay()
	eventually(t, "Ben is told that he does not hear Ann", func() bool { return !annSends() })
	var before float64
	eventually(t, "Ben hears nothing", func() bool {
		last := before
		before = heard()
		time.Sleep(300 * time.Millisecond)
		return last == before
	})
	annMedia.StopSoundTest()
	eventually(t, "Ben hears Ann again", func() bool { return heard() > before && annSends() })
}

func TestWhoTalksIntoAMutedMicrophoneIsTold(t *testing.T) {
	defer goleak.VerifyNone(t)
	m := newMedia() // whose microphone sings
	defer m.Close()
	eventually(t, "the microphone is heard", func() bool { return m.Choice(devices.KindMicrophone).Open && m.Level() > 0 })
	if m.TalkingMuted() {
		t.Error("told of a microphone that is not muted")
	}
	m.Switch(devices.KindMicrophone, false)
	eventually(t, "the user is told", m.TalkingMuted)
	m.Switch(devices.KindMicrophone, true)
	if m.TalkingMuted() {
		t.Error("told of a microphone that is not muted any more")
	}
}
