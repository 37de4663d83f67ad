package tone_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"parley/devices/tone"
)

// sing returns what a voice sings in that time, starting with the samples to skip.
func sing(voice int, skip, length time.Duration) []int16 {
	pcm := make([]int16, (skip+length)*tone.SampleRate/time.Second)
	tone.NewSource(voice).Fill(pcm)
	return pcm[skip*tone.SampleRate/time.Second:]
}

func mix(parts ...[]int16) []int16 {
	out := make([]int16, len(parts[0]))
	for _, p := range parts {
		for i := range out {
			out[i] = int16(max(min(int(out[i])+int(p[i]), math.MaxInt16), math.MinInt16))
		}
	}
	return out
}

func of(heard []tone.Heard, voice int) (tones []tone.Heard) {
	for _, h := range heard {
		if h.Voice == voice {
			tones = append(tones, h)
		}
	}
	return tones
}

func TestEveryToneOfEveryVoiceIsHeardWhenItSounds(t *testing.T) {
	for voice := range tone.Voices {
		heard := tone.Detect(sing(voice, 0, 2*tone.Tones*tone.Duration))
		if len(heard) != 2*tone.Tones {
			t.Fatalf("voice %d: heard %d tones, sang %d: %v", voice, len(heard), 2*tone.Tones, heard)
		}
		for i, h := range heard {
			if h.Voice != voice || h.Tone != i%tone.Tones {
				t.Errorf("voice %d: tone %d was heard as %d of voice %d", voice, i, h.Tone, h.Voice)
			}
			if off := (h.At - time.Duration(i)*tone.Duration).Abs(); i > 0 && off > 40*time.Millisecond {
				t.Errorf("voice %d: tone %d was heard %v from where it began", voice, i, off)
			}
			if math.Abs(h.Level+12) > 0.5 {
				t.Errorf("voice %d: tone %d has %.1f dBFS, want -12", voice, i, h.Level)
			}
		}
		if n := tone.InOrder(heard, voice); n != 2*tone.Tones {
			t.Errorf("voice %d: a run of %d, want %d", voice, n, 2*tone.Tones)
		}
	}
}

func TestVoicesAreToldApartWhenTheySoundAtOnce(t *testing.T) {
	quiet := sing(2, 140*time.Millisecond, 4*time.Second)
	for i := range quiet {
		quiet[i] /= 6 // 15.6 dB
	}
	heard := tone.Detect(mix(sing(0, 0, 4*time.Second), sing(1, 70*time.Millisecond, 4*time.Second), quiet))
	for voice := range 3 {
		if n := tone.InOrder(heard, voice); n < 18 {
			t.Errorf("voice %d: %d of 20 tones in order", voice, n)
		}
	}
	if ghosts := of(heard, 3); len(ghosts) != 0 {
		t.Errorf("voice 3 did not sing, and was heard: %v", ghosts)
	}
}

func TestAShortGapDoesNotSplitATone(t *testing.T) {
	pcm := sing(1, 0, 2*time.Second)
	at := 5*tone.SampleRate/5 + 4000 // within the sixth tone
	clear(pcm[at : at+1920])
	if n := tone.InOrder(tone.Detect(pcm), 1); n != 10 {
		t.Errorf("%d of 10 tones in order", n)
	}
}

func TestALostToneBreaksTheRun(t *testing.T) {
	pcm := sing(0, 0, 2*time.Second)
	per := tone.SampleRate / 5
	clear(pcm[4*per : 5*per])
	heard := tone.Detect(pcm)
	if len(heard) != 9 || tone.InOrder(heard, 0) != 5 {
		t.Errorf("heard %d tones with a run of %d, want 9 and 5: %v", len(heard), tone.InOrder(heard, 0), heard)
	}
}

func TestAPauseOfAWholeSequenceBreaksTheRun(t *testing.T) {
	first, second := sing(0, 0, time.Second), sing(0, time.Second, time.Second)
	pause := make([]int16, 8*tone.SampleRate/5)
	heard := tone.Detect(append(append(first, pause...), second...))
	if n := tone.InOrder(heard, 0); n != 5 {
		t.Errorf("a run of %d across a pause, want 5", n)
	}
}

func TestNoToneIsHeardInSilenceNoiseOrNothing(t *testing.T) {
	noise := make([]int16, 3*tone.SampleRate)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range noise {
		noise[i] = int16(random.IntN(8000) - 4000)
	}
	for name, pcm := range map[string][]int16{"silence": make([]int16, 48000), "noise": noise, "nothing": nil} {
		if n := tone.InOrder(tone.Detect(pcm), 0); n > 1 {
			t.Errorf("a run of %d in %s", n, name)
		}
	}
}

func TestBlocksOfAnySizeContinueEachOther(t *testing.T) {
	whole := sing(2, 0, 2*time.Second)
	s := tone.NewSource(2)
	for at, size := 0, 1; at < len(whole); size = size*7%1001 + 1 {
		part := make([]int16, min(size, len(whole)-at))
		s.Fill(part)
		for i := range part {
			if part[i] != whole[at+i] {
				t.Fatalf("sample %d differs when made in parts", at+i)
			}
		}
		at += len(part)
	}
}

func TestFillDoesNotAllocate(t *testing.T) {
	s, block := tone.NewSource(0), make([]int16, 480)
	if n := testing.AllocsPerRun(100, func() { s.Fill(block) }); n != 0 {
		t.Errorf("%v allocations a block", n)
	}
}

func BenchmarkFill(b *testing.B) {
	s, block := tone.NewSource(0), make([]int16, 480)
	for b.Loop() {
		s.Fill(block)
	}
}
