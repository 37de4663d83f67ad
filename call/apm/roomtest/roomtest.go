// Package roomtest makes what a test of echo cancellation hears: speech, rooms, and clocks that drift. Sounds are float64, as loud as 16-bit
// samples, mono, 48000 a second.
package roomtest

import (
	"math"
	"math/rand/v2"
	"time"
)

const second = 48000

// Speech is noise of a voice's rhythm and colour: syllables of 4 a second, a pause now and then, less at high frequencies.
//
//go:norace
func Speech(seconds int, seed uint64) []float64 {
	dice := rand.New(rand.NewPCG(seed, 1))
	x := make([]float64, seconds*second)
	low := 0.0
	for i := range x {
		low += 0.15 * (dice.NormFloat64() - low)
		syllable := i / (second / 4)
		if syllable%9 < 7 {
			swell := math.Sin(math.Pi * float64(i%(second/4)) / (second / 4))
			x[i] = 9000 * low * swell * swell
		}
	}
	return x
}

// Room is how a speaker's sound comes to the microphone: after a delay, softer by gain, and with reverberation of 100 ms.
//
//go:norace
func Room(x []float64, delay time.Duration, gain float64) []float64 {
	const taps = second / 10
	dice := rand.New(rand.NewPCG(7, 7))
	type tap struct {
		at   int
		gain float64
	}
	path := []tap{{0, 1}}
	for range 60 {
		at := dice.IntN(taps)
		path = append(path, tap{at, 0.35 * dice.NormFloat64() * math.Exp(-4*float64(at)/taps)})
	}
	energy := 0.0
	for _, t := range path {
		energy += t.gain * t.gain
	}
	late := int(delay * second / time.Second)
	y := make([]float64, len(x))
	for _, t := range path {
		g := gain * t.gain / math.Sqrt(energy)
		for i := late + t.at; i < len(y); i++ {
			y[i] += g * x[i-late-t.at]
		}
	}
	return y
}

// DB is a ratio of amplitudes in decibels, and FromDB the ratio.
func DB(ratio float64) float64 { return 20 * math.Log10(ratio) }

// FromDB is the ratio of amplitudes; see [DB].
func FromDB(level float64) float64 { return math.Pow(10, level/20) }

// RMS is how loud a sound is, and never 0.
//
//go:norace
func RMS(x []float64) float64 {
	sum := 1e-9
	for _, v := range x {
		sum += v * v
	}
	return math.Sqrt(sum / float64(len(x)))
}

// Hiss is what a microphone hears in a quiet room.
//
//go:norace
func Hiss(n int) []float64 {
	dice := rand.New(rand.NewPCG(3, 3))
	x := make([]float64, n)
	for i := range x {
		x[i] = 6 * dice.NormFloat64()
	}
	return x
}

// At is x between its samples, by the cubic through the four around (Catmull and Rom); 0 outside.
//
//go:norace
func At(x []float64, where float64) float64 {
	n := int(where)
	if n < 1 || n+2 >= len(x) {
		return 0
	}
	t := where - float64(n)
	a, b, c, d := x[n-1], x[n], x[n+1], x[n+2]
	return b + t/2*(c-a+t*(2*a-5*b+4*c-d+t*(3*(b-c)+d-a)))
}
