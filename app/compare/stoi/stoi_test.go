package stoi_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"parley/app/compare/stoi"
)

const rate = 16_000

// babble is something like speech: a buzz at a voice's pitch through formants that move, in syllables with pauses between them.
func babble(seed uint64, seconds int) []float64 {
	luck := rand.New(rand.NewPCG(seed, 0))
	out := make([]float64, seconds*rate)
	for at := 0; at < len(out); {
		length := int((0.1 + 0.2*luck.Float64()) * rate)
		pitch, first, second := 90+60*luck.Float64(), 300+500*luck.Float64(), 900+1500*luck.Float64()
		for i := 0; i < length && at+i < len(out); i++ {
			t := float64(i) / rate
			for h := 1.0; h*pitch < 4500; h++ {
				f := h * pitch
				gain := math.Exp(-math.Pow((f-first)/150, 2)) + 0.5*math.Exp(-math.Pow((f-second)/250, 2)) + 0.01
				out[at+i] += 0.1 * gain * math.Sin(2*math.Pi*f*t) * math.Sin(math.Pi*float64(i)/float64(length))
			}
		}
		at += length + int(0.15*luck.Float64()*rate)
	}
	return out
}

// with returns speech with white noise so many dB below it.
func with(speech []float64, snr float64) []float64 {
	luck := rand.New(rand.NewPCG(7, 0))
	var power float64
	for _, x := range speech {
		power += x * x / float64(len(speech))
	}
	gain := math.Sqrt(power / math.Pow(10, snr/10))
	noisy := make([]float64, len(speech))
	for i, x := range speech {
		noisy[i] = x + gain*luck.NormFloat64()
	}
	return noisy
}

func measure(t *testing.T, said, heard []float64) (s, e float64) {
	t.Helper()
	s, e, err := stoi.Measure(said, heard, rate)
	if err != nil {
		t.Fatal(err)
	}
	return s, e
}

func TestSpeechIsLikeItselfAtAnyLevel(t *testing.T) {
	said := babble(1, 6)
	soft := make([]float64, len(said))
	for i, x := range said {
		soft[i] = x / 50
	}
	for name, heard := range map[string][]float64{"the same": said, "softer": soft} {
		if s, e := measure(t, said, heard); math.Abs(s-1) > 1e-6 || math.Abs(e-1) > 1e-6 {
			t.Errorf("%s: STOI %v, ESTOI %v, want 1", name, s, e)
		}
	}
}

func TestNoiseLowersBothTheMoreTheLouderItIs(t *testing.T) {
	said := babble(1, 6)
	lastS, lastE := 1.0, 1.0
	for _, snr := range []float64{30, 20, 10, 5, 0, -5, -10} {
		s, e := measure(t, said, with(said, snr))
		if s >= lastS || e >= lastE {
			t.Errorf("at %v dB STOI %.3f and ESTOI %.3f are not below %.3f and %.3f", snr, s, e, lastS, lastE)
		}
		lastS, lastE = s, e
	}
	if lastS > 0.7 || lastE > 0.5 {
		t.Errorf("noise that is louder than speech leaves STOI %.3f, ESTOI %.3f", lastS, lastE)
	}
}

func TestOtherSpeechIsNotUnderstood(t *testing.T) {
	if s, e := measure(t, babble(1, 6), babble(2, 6)); math.Abs(s) > 0.3 || math.Abs(e) > 0.2 {
		t.Errorf("STOI %.3f, ESTOI %.3f, want about 0", s, e)
	}
}

func TestHolesLowerBothTheMoreTheMoreThereAre(t *testing.T) {
	said := babble(3, 6)
	lastS, lastE := 1.0, 1.0
	for _, part := range []float64{0.02, 0.1, 0.3} {
		luck := rand.New(rand.NewPCG(1, 1))
		heard := append([]float64(nil), said...)
		for at := 0; at < len(heard); at += rate / 50 {
			if luck.Float64() < part {
				clear(heard[at:min(at+rate/50, len(heard))])
			}
		}
		s, e := measure(t, said, heard)
		if s >= lastS || e >= lastE {
			t.Errorf("with %.0f %% of it missing STOI %.3f and ESTOI %.3f are not below %.3f and %.3f", 100*part, s, e, lastS, lastE)
		}
		lastS, lastE = s, e
	}
}

func TestPausesInTheOriginalDoNotCount(t *testing.T) {
	said := babble(4, 6)
	noisy := with(said, 10)
	s, e := measure(t, said, noisy)
	pause := make([]float64, 2*rate)
	longS, longE := measure(t, append(append([]float64(nil), said...), pause...), append(append([]float64(nil), noisy...), with(babble(5, 2), 0)...))
	if math.Abs(s-longS) > 0.02 || math.Abs(e-longE) > 0.02 {
		t.Errorf("STOI %.3f and ESTOI %.3f became %.3f and %.3f by what is heard while nothing is said", s, e, longS, longE)
	}
}

func TestTooLittleSpeechIsNotJudged(t *testing.T) {
	for name, said := range map[string][]float64{"nothing": nil, "a word": babble(1, 1)[:rate/5], "silence": make([]float64, 3*rate)} {
		s, e, err := stoi.Measure(said, said, rate)
		if name == "silence" && err == nil && !math.IsNaN(s) && !math.IsNaN(e) {
			continue // it is as loud as its loudest moment
		}
		if !errors.Is(err, stoi.ErrTooShort) {
			t.Errorf("%s: STOI %v, ESTOI %v, %v; want ErrTooShort", name, s, e, err)
		}
	}
}
