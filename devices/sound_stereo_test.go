package devices_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"parley/devices"
	"parley/devices/tone"
)

// duet sings with voice 0 on the left, and with voice 1 on the right.
func duet() func(both []int16) {
	left, right, one := tone.NewSource(0), tone.NewSource(1), make([]int16, devices.BlockSamples)
	return func(both []int16) {
		for channel, voice := range []*tone.Source{left, right} {
			voice.Fill(one)
			for i, s := range one {
				both[2*i+channel] = s
			}
		}
	}
}

// voices returns which voices are heard on a channel of so many, not counting what the clicks of a busy machine resemble here and there.
func voices(samples []int16, channel, channels int) (heard []int) {
	var one []int16
	for i := channel; i < len(samples); i += channels {
		one = append(one, samples[i])
	}
	var inOrder []int
	for voice := range tone.Voices {
		inOrder = append(inOrder, tone.InOrder(tone.Detect(one), voice))
	}
	for voice, n := range inOrder {
		if n >= 3 && n >= slices.Max(inOrder)/2 {
			heard = append(heard, voice)
		}
	}
	return heard
}

func TestTwoChannelsPassASpeakerAndAMicrophoneApart(t *testing.T) {
	s := server(t)
	sides := []string{"front-left", "front-right"}
	s.AddSpeakerOf("Hi-Fi", 44100, sides...)
	s.AddSpeaker("Desk")
	s.AddMicrophone("Stage", "Hi-Fi")
	s.AddMicrophone("Head Set", "Desk")
	hifi, desk := s.RecordOf("Hi-Fi", 48000, sides...), s.Record("Desk")
	for _, label := range []string{"Hi-Fi", "Desk"} {
		speaker, err := devices.OpenSpeaker(label, 2, duet())
		if err != nil {
			t.Fatal(err)
		}
		closes(t, speaker)
	}
	ears := map[string]*ear{}
	for name, k := range map[string]struct {
		label    string
		channels int
	}{"both of two": {"Stage", 2}, "one of two": {"Stage", 1}, "two of one": {"Head Set", 2}} {
		ears[name] = newEar(time.Duration(k.channels) * 3 * time.Second)
		microphone, err := devices.OpenMicrophone(k.label, k.channels, ears[name].block)
		if err != nil {
			t.Fatal(err)
		}
		closes(t, microphone)
		<-ears[name].enough
		microphone.Close()
		if !ears[name].sizes[k.channels*devices.BlockSamples] || len(ears[name].sizes) != 1 {
			t.Errorf("%s: blocks of %v samples", name, ears[name].sizes)
		}
	}
	both := []int{0, 1}
	for name, k := range map[string]struct {
		samples           []int16
		channel, channels int
		want              []int
	}{
		"the left of a speaker of two":           {hifi.Stop(), 0, 2, []int{0}},
		"the right of a speaker of two":          {hifi.Stop(), 1, 2, []int{1}},
		"a speaker of one":                       {desk.Stop(), 0, 1, both},
		"the left of a microphone":               {ears["both of two"].pcm, 0, 2, []int{0}},
		"the right of a microphone":              {ears["both of two"].pcm, 1, 2, []int{1}},
		"one channel of a microphone of two":     {ears["one of two"].pcm, 0, 1, both},
		"the left of a microphone that has one":  {ears["two of one"].pcm, 0, 2, both},
		"the right of a microphone that has one": {ears["two of one"].pcm, 1, 2, both},
	} {
		if got := voices(k.samples, k.channel, k.channels); !slices.Equal(got, k.want) {
			t.Errorf("%s: the voices %v are heard, want %v", name, got, k.want)
		}
	}
}

func TestTheTestMicrophoneSingsOnBothChannelsAlike(t *testing.T) {
	heard := newEar(time.Second)
	m, err := devices.OpenMicrophone(devices.Tone, 2, heard.block)
	if err != nil {
		t.Fatal(err)
	}
	<-heard.enough
	m.Close()
	loudest := 0.0
	for i := 0; i < len(heard.pcm); i += 2 {
		if heard.pcm[i] != heard.pcm[i+1] {
			t.Fatal("left and right differ")
		}
		loudest = max(loudest, math.Abs(float64(heard.pcm[i])))
	}
	if loudest < 8000 {
		t.Errorf("it is no louder than %.0f", loudest)
	}
}
