// Package stoi tells how well speech can be understood after something was done to it, by comparing it with what it was: by the
// short-time objective intelligibility measure STOI and its extension ESTOI.
//
// Both cut the speech into frames of 25.6 ms and these into bands of a third of an octave, and ask, for stretches of 384 ms, how much what
// is heard goes up and down as the original does. STOI asks that of each band by itself:
//
//	C. H. Taal, R. C. Hendriks, R. Heusdens, J. Jensen: An Algorithm for Intelligibility Prediction of Time-Frequency Weighted
//	Noisy Speech. IEEE Transactions on Audio, Speech, and Language Processing 19 (7), 2011. https://doi.org/10.1109/TASL.2011.2114881
//
// ESTOI asks it of all bands together, and so also hears noise that comes and goes:
//
//	J. Jensen, C. H. Taal: An Algorithm for Predicting the Intelligibility of Speech Masked by Modulated Noise Maskers. IEEE/ACM
//	Transactions on Audio, Speech, and Language Processing 24 (11), 2016. https://doi.org/10.1109/TASLP.2016.2585878
//
// 1 stands for the original; about 0 for what has nothing to do with it.
package stoi

import (
	"errors"
	"fmt"
	"math"
)

// ErrTooShort says that there is less than a stretch of speech.
var ErrTooShort = errors.New("too little speech to judge")

const (
	rate    = 10_000 // Hz, at which all is done
	frame   = 256    // samples
	hop     = frame / 2
	bins    = 2*frame/2 + 1 // of a transform of two frames' length
	bands   = 15
	lowest  = 150.0 // Hz, the middle of the first band
	stretch = 30    // frames
	quiet   = 40.0  // dB below the loudest frame: not speech
	clip    = -15.0 // dB, the worst signal-to-distortion ratio that STOI tells from worse ones
)

// Measure compares what is heard with what was said. Both are samples at that rate in Hz, of any level, and start at the same
// moment; the shorter one's length counts. The error wraps [ErrTooShort].
func Measure(said, heard []float64, sampleRate int) (stoi, estoi float64, err error) {
	n := min(len(said), len(heard))
	x, y := resample(said[:n], sampleRate), resample(heard[:n], sampleRate)
	x, y = speech(x, y)
	a, b := spectrum(x), spectrum(y)
	if len(a) < stretch {
		return 0, 0, fmt.Errorf("%d frames of speech, %d are needed: %w", len(a), stretch, ErrTooShort)
	}
	stretches := 0
	for m := stretch; m <= len(a); m++ {
		stoi += alike(a[m-stretch:m], b[m-stretch:m])
		estoi += alikeTogether(a[m-stretch:m], b[m-stretch:m])
		stretches++
	}
	return stoi / float64(stretches), estoi / float64(stretches), nil
}

// resample returns samples at the rate that all is done at, without what lies above half of it.
func resample(in []float64, from int) []float64 {
	if from == rate {
		return in
	}
	const crossings = 24 // of the sinc on each side
	step := float64(from) / rate
	wide := max(step, 1)
	reach := int(crossings * wide)
	// The place between two samples repeats, so a few kernels serve all.
	kernels := make([][]float64, rate/gcd(from, rate))
	for phase := range kernels {
		_, off := math.Modf(float64(phase) * step)
		kernels[phase] = make([]float64, 2*reach+1)
		for k := range kernels[phase] {
			t := (float64(k-reach) - off) / wide
			kernels[phase][k] = sinc(t) * (0.5 + 0.5*math.Cos(math.Pi*min(math.Abs(t)/crossings, 1))) / wide
		}
	}
	out := make([]float64, len(in)*rate/from)
	for i := range out {
		kernel, first := kernels[i%len(kernels)], i*from/rate-reach
		for j := max(first, 0); j <= min(first+2*reach, len(in)-1); j++ {
			out[i] += in[j] * kernel[j-first]
		}
	}
	return out
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	return math.Sin(math.Pi*x) / (math.Pi * x)
}

// window is that of Hann, without its zeros at the ends.
var window = func() (w [frame]float64) {
	for i := range w {
		w[i] = 0.5 - 0.5*math.Cos(2*math.Pi*float64(i+1)/(frame+1))
	}
	return w
}()

// speech returns both signals without the frames in which the first is quiet, put together by overlap.
func speech(x, y []float64) (loudX, loudY []float64) {
	var levels []float64
	loudest := math.Inf(-1)
	for at := 0; at+frame <= len(x); at += hop {
		var sum float64
		for i, w := range window {
			sum += w * w * x[at+i] * x[at+i]
		}
		level := 10 * math.Log10(sum+1e-30)
		levels, loudest = append(levels, level), max(loudest, level)
	}
	kept := 0
	loudX, loudY = make([]float64, len(x)), make([]float64, len(x))
	for f, level := range levels {
		if level <= loudest-quiet {
			continue
		}
		for i, w := range window {
			loudX[kept*hop+i] += w * x[f*hop+i]
			loudY[kept*hop+i] += w * y[f*hop+i]
		}
		kept++
	}
	if kept == 0 {
		return nil, nil
	}
	return loudX[:(kept+1)*hop], loudY[:(kept+1)*hop]
}

// spectrum returns the amplitude in each band of each frame.
func spectrum(x []float64) [][bands]float64 {
	var frames [][bands]float64
	var data [2 * frame]complex128
	for at := 0; at+frame <= len(x); at += hop {
		clear(data[:])
		for i, w := range window {
			data[i] = complex(w*x[at+i], 0)
		}
		transform(data[:])
		var f [bands]float64
		for b := range f {
			for bin := edges[b][0]; bin < edges[b][1]; bin++ {
				re, im := real(data[bin]), imag(data[bin])
				f[b] += re*re + im*im
			}
			f[b] = math.Sqrt(f[b])
		}
		frames = append(frames, f)
	}
	return frames
}

// edges are the bins at which bands begin and end.
var edges = func() (e [bands][2]int) {
	for b := range e {
		middle := lowest * math.Pow(2, float64(b)/3)
		for side, factor := range []float64{-1.0 / 6, 1.0 / 6} {
			e[b][side] = min(int(math.Round(middle*math.Pow(2, factor)*2*frame/rate)), bins)
		}
	}
	return e
}()

// alike is STOI's judgement of one stretch: the mean over the bands of how the amplitudes correlate.
func alike(x, y [][bands]float64) float64 {
	limit := 1 + math.Pow(10, -clip/20)
	var sum float64
	for b := range bands {
		var said, heard [stretch]float64
		for i := range stretch {
			said[i], heard[i] = x[i][b], y[i][b]
		}
		scale := norm(said[:]) / (norm(heard[:]) + 1e-30)
		for i := range heard {
			heard[i] = min(heard[i]*scale, said[i]*limit)
		}
		centre(said[:])
		centre(heard[:])
		sum += dot(said[:], heard[:])
	}
	return sum / bands
}

// alikeTogether is ESTOI's judgement: how the spectra of each moment correlate, after each band was brought to one level.
func alikeTogether(x, y [][bands]float64) float64 {
	said, heard := level(x), level(y)
	var sum float64
	for i := range stretch {
		centre(said[i][:])
		centre(heard[i][:])
		sum += dot(said[i][:], heard[i][:])
	}
	return sum / stretch
}

// level centres each band of a stretch over time.
func level(x [][bands]float64) (l [stretch][bands]float64) {
	for b := range bands {
		var row [stretch]float64
		for i := range row {
			row[i] = x[i][b]
		}
		centre(row[:])
		for i, v := range row {
			l[i][b] = v
		}
	}
	return l
}

// centre takes the mean from v and brings what is left to a norm of 1.
func centre(v []float64) {
	var mean float64
	for _, x := range v {
		mean += x / float64(len(v))
	}
	for i := range v {
		v[i] -= mean
	}
	n := norm(v) + 1e-30
	for i := range v {
		v[i] /= n
	}
}

func norm(v []float64) float64 { return math.Sqrt(dot(v, v)) }

func dot(a, b []float64) float64 {
	var sum float64
	for i, x := range a {
		sum += x * b[i]
	}
	return sum
}
