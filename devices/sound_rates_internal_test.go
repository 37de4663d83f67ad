package devices

import (
	"slices"
	"testing"
	"time"

	"parley/devices/soundtest"
	"parley/devices/tone"
)

// TestADeviceThatIsAskedForItsOwnRateIsConvertedHere opens a speaker and a microphone of 44100 Hz, stereo, as the systems are opened that do
// not convert well themselves.
func TestADeviceThatIsAskedForItsOwnRateIsConvertedHere(t *testing.T) {
	s := soundtest.Start(t)
	s.Use()
	s.AddSpeakerOf("CD", 44100, "front-left", "front-right")
	s.AddMicrophone("Deck", "CD")
	rates := map[Kind]uint32{}
	start := func(kind Kind, label string, move atRate) *stream {
		found, err := theSound.list(kind)
		h, ok := choose(found, label)
		if !ok {
			t.Fatalf("no %s %q: %v", kind, label, err)
		}
		h.converts = false
		st := &stream{}
		err = st.open(kind, h, false, 1, func(rate uint32) transfer {
			rates[kind] = rate
			return move(rate)
		}, func() {})
		if err != nil {
			t.Fatal(err)
		}
		return st
	}
	heard := make(chan []int16, 1)
	var all []int16
	speaker := start(KindSpeaker, "CD", playing(1, tone.NewSource(2).Fill))
	defer speaker.stop()
	microphone := start(KindMicrophone, "Deck", capturing(1, func(samples []int16, _ time.Time) {
		if all = append(all, samples...); len(all) == 3*SampleRate {
			heard <- slices.Clone(all)
		}
	}))
	defer microphone.stop()
	if n := tone.InOrder(tone.Detect(<-heard), 2); n < 8 {
		t.Errorf("%d tones were heard in order", n)
	}
	if rates[KindSpeaker] != 44100 || rates[KindMicrophone] != 44100 {
		t.Errorf("the devices run at %v", rates)
	}
}
