package devices_test

import (
	"math"
	"testing"
	"time"

	"parley/devices"
	"parley/devices/tone"
)

// cleanest is the best tenth of a second in which the tone sounds: what a busy machine interrupts is not the matter here.
func cleanest(x []int16, hz, rate float64) (level, rest float64) {
	rest = math.Inf(1)
	for n := int(rate / 10); len(x) >= n; x = x[n:] {
		if l, r := tone.Fit(x[:n], hz, rate); l > -20 && r-l < rest-level {
			level, rest = l, r
		}
	}
	return level, rest
}

func sine(hz, rate float64) func(samples []int16) {
	n := 0
	return func(samples []int16) {
		for i := range samples {
			samples[i] = int16(math.Round(16384 * math.Sin(2*math.Pi*hz*float64(n)/rate)))
			n++
		}
	}
}

func TestATonePassesASpeakerAndAMicrophoneOfAnyRateAlone(t *testing.T) {
	const hz, below = 3000.0, 60.0
	s := server(t)
	for label, kind := range map[string]struct {
		rate     int
		channels []string
	}{
		"CD":      {44100, []string{"front-left", "front-right"}},
		"Headset": {16000, []string{"mono"}},
	} {
		s.AddSpeakerOf(label, kind.rate, kind.channels...)
		s.AddMicrophone("Microphone "+label, label)
		recording := s.RecordOf(label, kind.rate, kind.channels...)
		speaker, err := devices.OpenSpeaker(label, 1, sine(hz, devices.SampleRate))
		if err != nil {
			t.Fatal(err)
		}
		closes(t, speaker)
		heard := newEar(time.Second)
		microphone, err := devices.OpenMicrophone("Microphone "+label, 1, heard.block)
		if err != nil {
			t.Fatal(err)
		}
		<-heard.enough
		microphone.Close()
		speaker.Close()
		all := recording.Stop()
		sounds := map[string][]int16{"microphone": heard.pcm}
		for channel, name := range kind.channels {
			for i := channel; i < len(all); i += len(kind.channels) {
				sounds[name] = append(sounds[name], all[i])
			}
		}
		for name, samples := range sounds {
			rate := float64(kind.rate)
			if name == "microphone" {
				rate = devices.SampleRate
			}
			level, rest := cleanest(samples, hz, rate)
			if math.Abs(level+6.02) > 0.5 || level-rest < below {
				t.Errorf("%s, %s: a tone of -6 dBFS is heard at %.1f, and all else %.0f dB below", label, name, level, level-rest)
			} else {
				t.Logf("%s, %s: all else is %.0f dB below", label, name, level-rest)
			}
		}
	}
}
