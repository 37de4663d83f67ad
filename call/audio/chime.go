package audio

import (
	"math"
	"time"
)

// note is one stroke of a soft bell.
type note struct {
	at time.Duration
	hz float64
}

const (
	bellAttack   = 8 * time.Millisecond
	bellDecay    = 160 * time.Millisecond // in which a stroke falls to 1/e
	bellTail     = 50 * time.Millisecond  // at the end, over which everything fades
	signalStep   = 110 * time.Millisecond // between the strokes of Arrival and Departure
	signalLength = 450 * time.Millisecond
	bellPeak     = 0.2 // of full scale: -14 dBFS
)

// Chime returns the sound for trying a speaker: three soft strokes of a bell, upwards, in a second. Its peak is -14 dBFS.
func Chime() []int16 {
	return ring(time.Second, note{0, 523.25}, note{150 * time.Millisecond, 659.26}, note{300 * time.Millisecond, 783.99})
}

// Arrival returns the sound for somebody who comes: two soft strokes upwards, in less than half a second. [Departure] is the same downwards.
// Their peaks are those of [Chime].
func Arrival() []int16 { return ring(signalLength, note{0, 587.33}, note{signalStep, 880}) }

// Departure returns the sound for somebody who goes.
func Departure() []int16 { return ring(signalLength, note{0, 587.33}, note{signalStep, 440}) }

// ring lets the notes sound together for that long, and begins and ends in silence.
func ring(length time.Duration, notes ...note) []int16 {
	sum := make([]float64, toSamples(length))
	for _, n := range notes {
		start := int(toSamples(n.at))
		for i := range sum[start:] {
			sum[start+i] += bell(n.hz, float64(i)/SampleRate)
		}
	}
	peak, tail := 0.0, int(toSamples(bellTail))
	for i := range sum {
		if left := len(sum) - 1 - i; left < tail {
			sum[i] *= rise(float64(left) / float64(tail))
		}
		peak = max(peak, math.Abs(sum[i]))
	}
	samples := make([]int16, len(sum))
	for i, s := range sum {
		samples[i] = int16(math.Round(s / peak * bellPeak * fullScale))
	}
	return samples
}

// bell is a stroke of 1 at the most, seconds after it began: the note, and softly its octave, which dies sooner.
func bell(hz, seconds float64) float64 {
	t := seconds / bellDecay.Seconds()
	swing := math.Sin(2*math.Pi*hz*seconds)*math.Exp(-t) + 0.25*math.Sin(4*math.Pi*hz*seconds)*math.Exp(-3*t)
	return rise(seconds/bellAttack.Seconds()) * swing
}

// rise goes from 0 at 0 to 1 at 1 without a corner.
func rise(x float64) float64 {
	return 0.5 - 0.5*math.Cos(math.Pi*min(1, max(0, x)))
}
