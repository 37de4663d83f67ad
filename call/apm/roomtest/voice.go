package roomtest

import (
	"math"
	"math/rand/v2"
)

// Voice is somebody who talks: vowels, whose pitch glides around so many Hz, with a voice's formants, and hisses between them, in syllables
// of uneven length, with pauses. Unlike [Speech] it leaves most frequencies free at any one time, as a voice does, so that
// two of them can be told apart.
func Voice(seconds int, seed uint64, pitch float64) []float64 {
	dice := rand.New(rand.NewPCG(seed, 2))
	between := func(low, high float64) float64 { return low + (high-low)*dice.Float64() }
	x := make([]float64, seconds*second)
	var throat [3]resonance
	phase := 0.0
	for at := 0; at < len(x); {
		length := int(between(0.14, 0.3) * second)
		hiss := int(between(0, 0.07) * second)
		from, to := pitch*between(0.85, 1.2), pitch*between(0.85, 1.2)
		throat[0].tune(between(300, 800), 80)
		throat[1].tune(between(900, 2200), 110)
		throat[2].tune(between(2400, 3100), 160)
		loud := between(0.5, 1)
		for i := range min(length, len(x)-at) {
			part := float64(i) / float64(length)
			source := 0.02 * dice.NormFloat64()
			if i < hiss {
				source = 0.25 * dice.NormFloat64()
			} else if phase += (from + (to-from)*part) / second; phase >= 1 {
				phase--
				source += 20
			}
			sound := throat[0].pass(source) + 0.5*throat[1].pass(source) + 0.3*throat[2].pass(source)
			x[at+i] = sound * loud * math.Sqrt(math.Sin(math.Pi*part))
		}
		at += length
		if dice.IntN(7) == 0 {
			at += int(between(0.2, 0.5) * second)
		}
	}
	return louder(x, 1500)
}

// louder makes a sound as loud as that, on the whole.
func louder(x []float64, level float64) []float64 {
	gain := level / RMS(x)
	for i := range x {
		x[i] *= gain
	}
	return x
}

// resonance is a filter that lets one frequency through.
type resonance struct{ gain, a, b, last, before float64 }

// tune sets the frequency and how wide it is, in Hz.
func (r *resonance) tune(frequency, width float64) {
	radius := math.Exp(-math.Pi * width / second)
	r.a, r.b = 2*radius*math.Cos(2*math.Pi*frequency/second), -radius*radius
	r.gain = 1 - radius
}

func (r *resonance) pass(x float64) float64 {
	y := r.gain*x + r.a*r.last + r.b*r.before
	r.last, r.before = y, r.last
	return y
}
