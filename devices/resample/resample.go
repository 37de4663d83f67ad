// Package resample changes how many samples a second a sound has, and by how much a clock is fast or slow.
//
// A [Resampler] reads the sound at any point between its samples: there it is the sum of the samples around, each weighted with a sinc
// pulse that a Kaiser window ends. What the lower of the two rates cannot hold is filtered out by the same pulses, so that
// nothing comes back as another pitch. See J. O. Smith, Digital Audio Resampling, https://ccrma.stanford.edu/~jos/resample/
package resample

import "math"

const (
	taps   = 32   // samples that each sample is made of
	phases = 1024 // points between two samples, of which the nearest is taken
	beta   = 7.0  // of the window: 70 dB

	// maxPending bounds the input that waits, in samples: 170 ms at 48 kHz.
	maxPending = 8192
)

// A Resampler makes a sound of one rate out of one of another. It belongs to one goroutine, and does not allocate once made.
type Resampler struct {
	step   float64 // input samples for each output sample
	kernel [phases + 1][taps]float32
	input  [maxPending + taps]float32
	have   int     // samples in input
	at     float64 // where in input the next output sample begins, its taps samples before its middle
}

// New returns a resampler between two rates, in samples a second. Its output is later than its input by 16 input samples.
func New(from, to float64) *Resampler {
	r := &Resampler{have: taps / 2} // silence before the first sample
	r.SetRates(from, to)
	// Half way in the slope of the filter is Nyquist's frequency of the lower rate.
	cutoff := min(1, to/from)
	for p := range r.kernel {
		sum := 0.0
		var row [taps]float64
		for i := range row {
			x := float64(i) - float64(taps/2-1) - float64(p)/phases
			row[i] = cutoff * sinc(cutoff*x) * kaiser(x/(taps/2))
			sum += row[i]
		}
		for i := range row {
			r.kernel[p][i] = float32(row[i] / sum)
		}
	}
	return r
}

// SetRates changes the rates from the next sample on. Both may differ by some thousandths from those that the resampler was made for.
func (r *Resampler) SetRates(from, to float64) { r.step = from / to }

// Push takes in samples. What is more than there is room for pushes out the oldest that wait.
func (r *Resampler) Push(in []int16) {
	for len(in) > 0 {
		if r.have == len(r.input) {
			r.drop(max(int(r.at), min(len(in), maxPending)))
		}
		n := min(len(in), len(r.input)-r.have)
		for i, s := range in[:n] {
			r.input[r.have+i] = float32(s)
		}
		r.have += n
		in = in[n:]
	}
}

// drop forgets the oldest n samples.
func (r *Resampler) drop(n int) {
	r.have = copy(r.input[:], r.input[n:r.have])
	r.at = max(0, r.at-float64(n))
}

// Pull makes as many samples as there is input for, up to len(out), and returns how many that were.
func (r *Resampler) Pull(out []int16) int {
	for i := range out {
		first := int(r.at)
		if first+taps > r.have {
			r.drop(min(first, r.have))
			return i
		}
		phase := int((r.at-float64(first))*phases + 0.5)
		out[i] = round(dot(&r.kernel[phase], (*[taps]float32)(r.input[first:])))
		r.at += r.step
	}
	return len(out)
}

func round(x float32) int16 {
	return int16(math.RoundToEven(float64(min(math.MaxInt16, max(math.MinInt16, x)))))
}

// dot is the sum of the products, in four parts that the processor can add up at once.
func dot(a, b *[taps]float32) float32 {
	var s0, s1, s2, s3 float32
	for i := 0; i < taps; i += 4 {
		s0 += a[i] * b[i]
		s1 += a[i+1] * b[i+1]
		s2 += a[i+2] * b[i+2]
		s3 += a[i+3] * b[i+3]
	}
	return s0 + s1 + (s2 + s3)
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	return math.Sin(math.Pi*x) / (math.Pi * x)
}

// kaiser is the window from -1 to 1, but for a factor.
func kaiser(x float64) float64 {
	if x <= -1 || x >= 1 {
		return 0
	}
	return bessel(beta*math.Sqrt(1-x*x)) / bessel(beta)
}

// bessel is the modified Bessel function of the first kind and order zero, by its series.
func bessel(x float64) float64 {
	sum, term := 1.0, 1.0
	for k := 1.0; term > 1e-12*sum; k++ {
		term *= x * x / (4 * k * k)
		sum += term
	}
	return sum
}
