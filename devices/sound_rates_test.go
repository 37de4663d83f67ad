package devices_test

import (
	"math"
	"testing"
	"time"

	"parley/devices"
)

// apart fits a sine of that frequency to the sound and returns its level, in dBFS, and that of all the rest.
func apart(x []int16, hz, rate float64) (tone, rest float64) {
	var s, c float64
	for i, v := range x {
		w := 2 * math.Pi * hz * float64(i) / rate
		s, c = s+float64(v)*math.Sin(w), c+float64(v)*math.Cos(w)
	}
	s, c = 2*s/float64(len(x)), 2*c/float64(len(x))
	left := 0.0
	for i, v := range x {
		w := 2 * math.Pi * hz * float64(i) / rate
		d := float64(v) - s*math.Sin(w) - c*math.Cos(w)
		left += d * d
	}
	return 20 * math.Log10(math.Hypot(s, c)/32768), 10 * math.Log10(2*left/float64(len(x))/32768/32768+1e-20)
}

// cleanest is the best tenth of a second in which the tone sounds: what a busy machine interrupts is not the matter here.
func cleanest(x []int16, hz, rate float64) (tone, rest float64) {
	rest = math.Inf(1)
	for n := int(rate / 10); len(x) >= n; x = x[n:] {
		if t, r := apart(x[:n], hz, rate); t > -20 && r-t < rest-tone {
			tone, rest = t, r
		}
	}
	return tone, rest
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
			tone, rest := cleanest(samples, hz, rate)
			if math.Abs(tone+6.02) > 0.5 || tone-rest < below {
				t.Errorf("%s, %s: a tone of -6 dBFS is heard at %.1f, and all else %.0f dB below", label, name, tone, tone-rest)
			} else {
				t.Logf("%s, %s: all else is %.0f dB below", label, name, tone-rest)
			}
		}
	}
}
