package tone

import (
	"cmp"
	"math"
	"slices"
	"time"
)

const (
	hop    = SampleRate / 50 // 20 ms
	window = 4 * hop         // 80 ms: a Hann window of it tells tones apart that are 25 Hz and more from each other
	silent = -48.0           // dBFS below which nothing counts as a tone
	masked = 26.0            // dB below the loudest of the moment: what changes of tone spill onto other frequencies
	ahead  = 6.0             // dB by which a voice's tone must lead the voice's other tones
	atMost = time.Second     // between the starts of two tones that follow each other
	merge  = 2 * Duration    // of silence within what is still one tone
	least  = 4               // hops that a tone must be heard for
)

// Heard is one tone in a recording.
type Heard struct {
	Voice, Tone int           // 0 to 3, 0 to 7
	At          time.Duration // when it began, from the start of the recording; right to about 20 ms
	Level       float64       // the loudest it was, in dB relative to a sine of full scale (at most 0)
}

// Detect returns the tones in a whole recording, ordered by when they began. Voices may sound at once, at levels up to
// 20 dB apart. A tone that is interrupted for a moment, by a lost packet for example, is one tone.
func Detect(pcm []int16) []Heard {
	var heard []Heard
	var voices [Voices]follower
	for at := 0; at+window <= len(pcm); at += hop {
		levels := levelsOf(pcm[at : at+window])
		floor := max(silent, slices.Max(levels[:])-masked)
		middle := time.Duration(at+window/2) * time.Second / SampleRate
		for v := range voices {
			heard = voices[v].next(heard, v, leader(levels[v*Tones:][:Tones], floor), middle)
		}
	}
	for v := range voices {
		heard = voices[v].flush(heard, v)
	}
	slices.SortStableFunc(heard, func(a, b Heard) int { return cmp.Compare(a.At, b.At) })
	return heard
}

// InOrder returns the length of the longest run of one voice's tones that followed the sequence, each within a second of the
// one before. After the last tone comes the first again.
func InOrder(heard []Heard, voice int) int {
	longest, run := 0, 0
	var last Heard
	for _, h := range heard {
		if h.Voice != voice {
			continue
		}
		if run > 0 && h.Tone == (last.Tone+1)%Tones && h.At-last.At <= atMost {
			run++
		} else {
			run = 1
		}
		last, longest = h, max(longest, run)
	}
	return longest
}

// levelsOf returns the level of every tone in a window of samples, in dBFS, voice by voice.
func levelsOf(samples []int16) [Voices * Tones]float64 {
	var shaped [window]float64
	for i, s := range samples {
		shaped[i] = float64(s) * hann[i]
	}
	var levels [Voices * Tones]float64
	for i, turn := range turns {
		levels[i] = 20 * math.Log10(goertzel(shaped[:], turn)/math.MaxInt16+1e-6)
	}
	return levels
}

// goertzel returns the amplitude of the sine of one frequency in samples shaped by a window of mean 1.
// https://en.wikipedia.org/wiki/Goertzel_algorithm
//
// The samples are the caller's own, and to watch each for races takes far longer than the rest.
//
//go:norace
func goertzel(samples []float64, turn float64) float64 {
	c := 2 * math.Cos(turn)
	var s1, s2 float64
	for _, x := range samples {
		s1, s2 = x+c*s1-s2, s1
	}
	return 2 * math.Sqrt(max(s1*s1+s2*s2-c*s1*s2, 0)) / float64(len(samples))
}

var hann = func() (w [window]float64) {
	for i := range w {
		w[i] = 1 - math.Cos(2*math.Pi*(float64(i)+0.5)/window)
	}
	return w
}()

// turns is the angle a sample of every tone, voice by voice.
var turns = func() (t [Voices * Tones]float64) {
	for i := range t {
		t[i] = 2 * math.Pi * Frequency(i/Tones, i%Tones) / SampleRate
	}
	return t
}()

// moment is the tone that a voice sings in one window; tone is -1 for none.
type moment struct {
	tone  int
	level float64
}

func leader(levels []float64, floor float64) moment {
	best, second := -1, math.Inf(-1)
	for i, level := range levels {
		switch {
		case best < 0 || level > levels[best]:
			if best >= 0 {
				second = levels[best]
			}
			best = i
		case level > second:
			second = level
		}
	}
	if levels[best] < floor || levels[best]-second < ahead {
		return moment{tone: -1}
	}
	return moment{tone: best, level: levels[best]}
}

// follower gathers the moments of one voice into tones.
type follower struct {
	now  Heard
	hops int // that now was heard for; 0 when nothing is
	end  time.Duration
}

func (f *follower) next(heard []Heard, voice int, m moment, at time.Duration) []Heard {
	if m.tone < 0 {
		return heard
	}
	if f.hops > 0 && (m.tone != f.now.Tone || at-f.end > merge) {
		heard = f.flush(heard, voice)
	}
	if f.hops == 0 {
		f.now = Heard{Voice: voice, Tone: m.tone, At: at, Level: m.level}
	}
	f.hops++
	f.end = at
	f.now.Level = max(f.now.Level, m.level)
	return heard
}

// flush ends the tone that is sounding and adds it, if it lasted.
func (f *follower) flush(heard []Heard, voice int) []Heard {
	if f.hops >= least {
		heard = append(heard, f.now)
	}
	f.hops = 0
	return heard
}
