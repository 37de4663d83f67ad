// Package tone plays a known sequence of tones, and hears it in a recording.
//
// A test of a call's sound has to tell one person's sound from another's, live sound from a loop or a stuck
// buffer, and order from disorder. So each test microphone sings with one of four voices. A voice has eight tones of
// 200 ms each, sung over and over in one order. All 32 tones lie on a grid of 96 Hz between 400 and 3400 Hz: within
// what any codec passes, so far apart that voices can be told apart when they sound at once, and placed
// such that no tone is a multiple of another (16·(25+6n) Hz), so that distortion is not taken for a voice.
//
// [Source] makes the samples; [Detect] says which tones a recording holds, and [InOrder] how long they followed the
// sequence. Samples are 16-bit, mono, 48000 a second throughout.
package tone

import (
	"math"
	"sync"
	"time"
)

const (
	// Voices is the number of voices, and Tones that of the tones of each.
	Voices, Tones = 4, 8
	// SampleRate is that of all samples of this package, in Hz.
	SampleRate = 48000
	// Duration is how long one tone sounds.
	Duration = 200 * time.Millisecond

	ramp      = 10 * time.Millisecond // a tone fades in and out, since a click sounds on all frequencies
	amplitude = 8231                  // -12 dB below a sine of full scale

	samplesPerTone = int(Duration * SampleRate / time.Second)
	samplesPerRamp = int(ramp * SampleRate / time.Second)
)

// order makes neighbours in time distant in pitch.
var order = [Tones]int{0, 4, 1, 5, 2, 6, 3, 7}

// Frequency returns that of a tone in Hz: voice from 0 to 3, tone from 0 to 7 in the order in which they are sung.
func Frequency(voice, tone int) float64 {
	return 400 + 96*float64(order[tone]*Voices+voice)
}

// Source sings with one voice, from the start of the sequence. One goroutine at a time may use it.
type Source struct {
	song []int16 // the whole sequence; it is not changed
	at   int     // samples made, modulo that
}

// NewSource returns a source for a voice from 0 to 3; other numbers are taken modulo 4.
func NewSource(voice int) *Source {
	return &Source{song: songs[((voice%Voices)+Voices)%Voices]()}
}

// Fill writes the next len(samples) samples. It does not allocate.
func (s *Source) Fill(samples []int16) {
	for len(samples) > 0 {
		n := copy(samples, s.song[s.at:])
		samples = samples[n:]
		s.at = (s.at + n) % len(s.song)
	}
}

// songs are what each voice sings, made for its first source: to reckon it for each block would cost a test of a call more than the sound's way through it.
var songs = func() (all [Voices]func() []int16) {
	for voice := range all {
		all[voice] = sync.OnceValue(func() []int16 { return song(voice) })
	}
	return all
}()

// song returns the whole sequence of a voice.
func song(voice int) []int16 {
	samples := make([]int16, 0, samplesPerTone*Tones)
	for tone := range Tones {
		turn := turns[voice*Tones+tone]
		for n := range samplesPerTone {
			samples = append(samples, int16(math.Round(amplitude*fade(n)*math.Sin(turn*float64(n)))))
		}
	}
	return samples
}

// fade is the raised cosine at both ends of a tone.
func fade(n int) float64 {
	edge := min(n, samplesPerTone-1-n)
	if edge >= samplesPerRamp {
		return 1
	}
	return 0.5 - 0.5*math.Cos(math.Pi*float64(edge)/float64(samplesPerRamp))
}
