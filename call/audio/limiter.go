package audio

import "math"

const (
	ceiling = 0.9 * fullScale // that the limiter holds a sum to
	release = 1.02            // by which its gain recovers each block: 20 dB in about a second
	attack  = BlockSize / 10  // samples in which its gain falls: 1 ms
)

// limiter turns a sum of voices into 16-bit samples. It turns a sum that is too loud down as a whole, which is heard as
// softer, and not as distortion as clipping would be. The zero value is ready.
type limiter struct {
	reduction float64 // 1 - gain, so that zero is "as it is"
}

// limit writes a block. in and out have the same length, and both channels the same gain, so that sounds stay where they are.
func (l *limiter) limit(out []int16, in []float32) {
	peak := 0.0
	for _, x := range in {
		if loud := math.Abs(float64(x)); loud > peak {
			peak = loud
		}
	}
	before := 1 - l.reduction
	gain := min(1, before*release)
	if peak*gain > ceiling {
		gain = ceiling / peak
	}
	if gain == 1 && before == 1 { // as nearly always, and then a loop without the rest takes half the time
		for i, x := range in {
			out[i] = int16(math.RoundToEven(float64(x)))
		}
		return
	}
	steps := len(in) / Channels
	if gain < before {
		steps = min(steps, attack)
	}
	step := (gain - before) / float64(max(steps, 1))
	now := before
	for i, x := range in {
		if i%Channels == 0 && i/Channels < steps {
			now += step
		}
		out[i] = int16(math.RoundToEven(soften(float64(x) * now)))
	}
	l.reduction = 1 - gain
}

// soften bends what is over the ceiling, as at the start of a loud block, instead of cutting it off.
func soften(x float64) float64 {
	const space = fullScale - 1 - ceiling
	switch {
	case x > ceiling:
		return ceiling + space*math.Tanh((x-ceiling)/space)
	case x < -ceiling:
		return -ceiling + space*math.Tanh((x+ceiling)/space)
	}
	return x
}
