package audio_test

import (
	"math"
	"math/rand/v2"
	"os/exec"
	"testing"
	"time"

	"parley/call/audio"
)

// amplitude is that of a sound with so many dBFS, root mean square of uniform noise.
func amplitude(dBFS float64) float64 { return 32768 * math.Sqrt(3) * math.Pow(10, dBFS/20) }

// noise makes a steady hiss.
func noise(dBFS float64, seed uint64) func([]int16) {
	dice, a := dice(seed), amplitude(dBFS)
	return func(samples []int16) { hiss(samples, dice, a) }
}

//go:norace
func hiss(samples []int16, dice *rand.Rand, amplitude float64) {
	for i := range samples {
		samples[i] = int16(max(-32768, min(32767, amplitude*(2*dice.Float64()-1))))
	}
}

// voice speaks syllables of 180 ms, four a second, with a pause of half a second after every sixth, over a background. Its vowels
// are a pulse of 130 Hz through two resonances; dBFS is the level of the vowels.
func voice(dBFS, background float64, seed uint64) func([]int16) {
	hiss, v := noise(background, seed), vowels{dice: rand.New(rand.NewPCG(seed, 2)), peak: 32768 * math.Pow(10, dBFS/20)}
	return func(samples []int16) {
		hiss(samples)
		v.speak(samples)
	}
}

type vowels struct {
	dice        *rand.Rand
	peak, pitch float64
	n           int
}

// speak adds to samples what comes next.
//
//go:norace
func (v *vowels) speak(samples []int16) {
	for i := range samples {
		syllable, at := v.n/12000, v.n%12000
		if at == 0 {
			v.pitch = 110 + 50*v.dice.Float64()
		}
		if syllable%8 < 6 && at < 8640 {
			turns := v.pitch * float64(at) / audio.SampleRate
			s := sine(turns) + 0.7*sine(4*turns) + 0.4*sine(9*turns)
			samples[i] = int16(max(-32768, min(32767, float64(samples[i])+v.peak*sine(float64(at)/8640/2)*s*1.55)))
		}
		v.n++
	}
}

// sine is that of so many turns, 0 or more. It is looked up: to reckon it takes the race detector longer than all else that a voice does.
//
//go:norace
func sine(turns float64) float64 { return sines[int(turns*float64(len(sines)))%len(sines)] }

var sines = func() (all [1 << 16]float64) {
	for i := range all {
		all[i] = math.Sin(2 * math.Pi * float64(i) / float64(len(all)))
	}
	return all
}()

// slam is a bang of 50 ms every two seconds, which echoes for half a second.
func slam(background float64) func([]int16) {
	hiss, bang := noise(background, 5), noise(-6, 6)
	n := 0
	block := make([]int16, audio.BlockSize)
	return func(samples []int16) {
		hiss(samples)
		bang(block)
		for i := range samples {
			at := n % (2 * audio.SampleRate)
			gain := 1.0
			if at > audio.SampleRate/20 {
				gain = math.Pow(10, -3*float64(at-audio.SampleRate/20)/(audio.SampleRate/2)) // 60 dB in 0.5 s
			}
			samples[i] = int16(max(-32768, min(32767, float64(samples[i])+gain*float64(block[i]))))
			n++
		}
	}
}

// listen lets an engine hear a sound for that long, and returns the part of the time in which it heard talk.
func listen(t *testing.T, sound func([]int16), length time.Duration) (talking float64, loudness audio.Loudness) {
	t.Helper()
	bubble(t, func(t *testing.T) {
		r := room{make: sound}
		e := r.engine(t)
		e.SetMuted(true)
		if err := e.SetMicrophone("mouth"); err != nil {
			t.Fatal(err)
		}
		yes, steps := 0, int(length/(10*time.Millisecond))
		for range steps {
			time.Sleep(10 * time.Millisecond)
			if e.Talking() {
				yes++
			}
		}
		talking, loudness = float64(yes)/float64(steps), e.Loudness()
	})
	return talking, loudness
}

func TestTalkIsToldFromOtherSounds(t *testing.T) {
	hush := func(samples []int16) { clear(samples) }
	offset := func(samples []int16) { // a cheap sound card's
		for i := range samples {
			samples[i] = 3000
		}
	}
	hum50 := 0
	mains := func(samples []int16) {
		for i := range samples {
			samples[i] = int16(600 * math.Sin(2*math.Pi*50*float64(hum50)/audio.SampleRate))
			hum50++
		}
	}
	for name, sound := range map[string]func([]int16){
		"silence": hush, "a constant voltage": offset, "mains hum": mains, "a quiet room": noise(-70, 1), "a fan": noise(-45, 2),
		"a loud fan": noise(-32, 3), "a slamming door": slam(-70), "a slamming door in a loud room": slam(-40),
	} {
		if talking, loudness := listen(t, sound, 20*time.Second); talking > 0 || loudness != audio.LoudnessUnknown {
			t.Errorf("%s: taken for talk %.0f %% of the time, and as loud as %q", name, 100*talking, loudness)
		}
	}
	for name, sound := range map[string]func([]int16){
		"a voice": voice(-20, -70, 1), "a soft voice": voice(-42, -75, 2), "a voice over a fan": voice(-24, -48, 3), "a loud voice": voice(-8, -60, 4),
	} {
		if talking, _ := listen(t, sound, 20*time.Second); talking < 0.6 {
			t.Errorf("%s: taken for talk %.0f %% of the time only", name, 100*talking)
		}
	}
}

func TestTalkIsKnownHalfASecondAfterItBegan(t *testing.T) {
	speak, hiss, n := voice(-22, -90, 1), noise(-60, 2), 0
	block := make([]int16, audio.BlockSize)
	sound := func(samples []int16) {
		hiss(samples)
		if n++; n > 500 && n <= 800 {
			speak(block)
			for i := range samples {
				samples[i] += block[i]
			}
		}
	}
	bubble(t, func(t *testing.T) {
		r := room{make: sound}
		e := r.engine(t)
		if err := e.SetMicrophone("mouth"); err != nil {
			t.Fatal(err)
		}
		for _, step := range []struct {
			at   time.Duration
			want bool
		}{{4900 * time.Millisecond, false}, {5550 * time.Millisecond, true}, {6 * time.Second, true}, {8600 * time.Millisecond, false}, {12 * time.Second, false}} {
			time.Sleep(time.Until(r.microphones[0].began.Add(step.at)))
			if got := e.Talking(); got != step.want {
				t.Errorf("after %v, talking is %v", step.at, got)
			}
		}
	})
}

func TestTheLoudnessOfAVoiceIsJudged(t *testing.T) {
	for name, test := range map[string]struct {
		sound func([]int16)
		want  audio.Loudness
	}{
		"far away":          {voice(-46, -80, 1), audio.LoudnessQuiet},
		"far away, and fan": {voice(-44, -62, 2), audio.LoudnessQuiet},
		"as it should be":   {voice(-20, -70, 3), audio.LoudnessGood},
		"rather soft":       {voice(-30, -70, 4), audio.LoudnessGood},
		"loud":              {voice(-12, -70, 5), audio.LoudnessGood},
		"overdriven":        {voice(2, -70, 6), audio.LoudnessClipping},
	} {
		if _, loudness := listen(t, test.sound, 10*time.Second); loudness != test.want {
			t.Errorf("%s: %q, want %q", name, loudness, test.want)
		}
	}
}

func TestALoudnessIsForgottenWithItsMicrophone(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := room{make: voice(4, -70, 1)}
		e := r.engine(t)
		if err := e.SetMicrophone("mouth"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Second)
		if l := e.Loudness(); l != audio.LoudnessClipping {
			t.Errorf("overdriven: %q", l)
		}
		if err := e.SetMicrophone("hush"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Second)
		if l := e.Loudness(); l != audio.LoudnessUnknown {
			t.Errorf("another microphone: %q", l)
		}
		if e.Talking() {
			t.Error("it hears talk")
		}
	})
}

// TestSpokenWordsAreTalk lets espeak-ng speak, where it is installed.
func TestSpokenWordsAreTalk(t *testing.T) {
	if _, err := exec.LookPath("espeak-ng"); err != nil {
		t.Skip("espeak-ng is not installed")
	}
	for name, test := range map[string]struct {
		gain float64
		want audio.Loudness
	}{"near": {1, audio.LoudnessGood}, "far": {0.06, audio.LoudnessQuiet}} {
		speech := spoken(t, test.gain)
		at := 0
		sound := noise(-75, 9)
		talking, loudness := listen(t, func(samples []int16) {
			sound(samples)
			for i := range samples {
				samples[i] += speech[at%len(speech)]
				at++
			}
		}, 15*time.Second)
		if talking < 0.6 || loudness != test.want {
			t.Errorf("%s: taken for talk %.0f %% of the time, and as loud as %q", name, 100*talking, loudness)
		}
	}
}

// spoken returns some sentences, 48000 samples a second, of a peak of about gain.
func spoken(t *testing.T, gain float64) []int16 {
	t.Helper()
	wav, err := exec.Command("espeak-ng", "--stdout", "-s", "150",
		"The call begins at nine. Please bring the figures of last week, and tell the others that the room has changed.").Output()
	if err != nil {
		t.Fatal(err)
	}
	const header, rate = 44, 22050
	raw := wav[header : len(wav)-len(wav)%2]
	at := func(i int) float64 { return float64(int16(uint16(raw[2*i]) | uint16(raw[2*i+1])<<8)) }
	out := make([]int16, (len(raw)/2-1)*audio.SampleRate/rate)
	for i := range out {
		x := float64(i) * rate / audio.SampleRate
		n := min(int(x), len(raw)/2-2)
		out[i] = int16(gain * (at(n) + (x-float64(n))*(at(n+1)-at(n))))
	}
	return out
}
