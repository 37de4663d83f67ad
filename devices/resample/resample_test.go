package resample_test

import (
	"fmt"
	"math"
	"testing"

	"parley/devices/resample"
	"parley/devices/tone"
)

// convert sends a sine of half the full scale through a resampler, in pieces as devices hand them over.
func convert(r *resample.Resampler, hz, from float64, seconds int) []int16 {
	var out []int16
	var piece [441]int16
	var made [480]int16
	for n := 0; n < seconds*int(from); n += len(piece) {
		for i := range piece {
			piece[i] = int16(math.Round(16384 * math.Sin(2*math.Pi*hz*float64(n+i)/from)))
		}
		r.Push(piece[:])
		for {
			got := r.Pull(made[:])
			out = append(out, made[:got]...)
			if got < len(made) {
				break
			}
		}
	}
	return out
}

// apart returns the level of a tone and that of all the rest, in dB relative to what convert sends.
func apart(x []int16, hz, rate float64) (level, rest float64) {
	level, rest = tone.Fit(x, hz, rate)
	return level + 20*math.Log10(2), rest + 20*math.Log10(2)
}

func TestATonePassesAloneAndAtItsLevel(t *testing.T) {
	for _, c := range []struct{ from, to, hz, cleaner float64 }{
		{44100, 48000, 440, -75},
		{44100, 48000, 3000, -70},
		{44100, 48000, 10000, -62},
		{44100, 48000, 16000, -58},
		{48000, 44100, 440, -72},
		{48000, 44100, 3000, -70},
		{48000, 44100, 10000, -62},
		{16000, 48000, 1000, -70},
		{48000, 16000, 1000, -70},
		{96000, 48000, 5000, -70},
		{8000, 48000, 1000, -60},
		{48000, 48000 * 1.0002, 3000, -70},
	} {
		x := convert(resample.New(c.from, c.to), c.hz, c.from, 2)
		if want := 2 * c.to; math.Abs(float64(len(x))-want) > 600*c.to/c.from {
			t.Errorf("%v: of two seconds, %d samples came, want %.0f", c, len(x), want)
		}
		level, rest := apart(x[1000:len(x)-1000], c.hz, c.to)
		if math.Abs(level) > 0.1 || rest > c.cleaner {
			t.Errorf("%v to %v: a tone of %v Hz comes out at %.2f dB, and all else at %.0f dB", c.from, c.to, c.hz, level, rest)
		}
	}
}

func TestWhatTheLowerRateCannotHoldIsFilteredOut(t *testing.T) {
	for _, c := range []struct{ from, to, hz float64 }{{48000, 16000, 12000}, {96000, 48000, 32000}} {
		x := convert(resample.New(c.from, c.to), c.hz, c.from, 1)
		if _, rest := apart(x[1000:len(x)-1000], 1, c.to); rest > -60 {
			t.Errorf("%v to %v: of %v Hz, %.0f dB are left", c.from, c.to, c.hz, rest)
		}
	}
}

func TestASoundAtFullScaleDoesNotTurnOver(t *testing.T) {
	r := resample.New(44100, 48000)
	in, out := make([]int16, 4410), make([]int16, 4800)
	for i := range in {
		if in[i] = math.MaxInt16; i/441%2 == 1 {
			in[i] = math.MinInt16
		}
	}
	r.Push(in)
	for i, s := range out[:r.Pull(out)] {
		if at := i % 480; at > 2 && at < 478 && (s > 0) != (i/480%2 == 0) { // it rings at its edges, beyond full scale
			t.Fatalf("sample %d of a square wave is %d", i, s)
		}
	}
}

func TestRatesMayChangeWhileTheSoundGoesOn(t *testing.T) {
	const hz = 3000
	r := resample.New(48000, 48000)
	convert(r, hz, 48000, 1)
	r.SetRates(48000, 48000*1.001)
	x := convert(r, hz, 48000, 147) // of which pieces of 441 samples make up whole seconds
	if want := 147 * 48000 * 1.001; math.Abs(float64(len(x))-want) > 20 {
		t.Errorf("147 s are %d samples of a clock that is fast by a thousandth, want %.0f", len(x), want)
	}
	if level, rest := apart(x[1000:len(x)-1000], hz, 48000*1.001); math.Abs(level) > 0.1 || rest > -70 {
		t.Errorf("a tone comes out at %.2f dB, and all else at %.0f dB", level, rest)
	}
}

func TestAResamplerThatNobodyPullsKeepsTheNewest(t *testing.T) {
	r := resample.New(48000, 48000)
	for n := range 100 {
		block := make([]int16, 480)
		for i := range block {
			block[i] = int16(n)
		}
		r.Push(block)
	}
	out := make([]int16, 48000)
	n := r.Pull(out)
	if n == 0 || n > 8192+32 || out[n-1] != 99 || out[0] < 80 {
		t.Errorf("%d samples, from block %d to %d", n, out[0], out[max(0, n-1)])
	}
}

func BenchmarkResampler(b *testing.B) {
	for _, rates := range [][2]float64{{48000, 48009.6}, {44100, 48000}, {48000, 16000}} {
		b.Run(fmt.Sprintf("%.0fto%.0f", rates[0], rates[1]), func(b *testing.B) {
			r := resample.New(rates[0], rates[1])
			in, out := make([]int16, int(rates[0])/100), make([]int16, 500)
			b.ReportAllocs()
			for b.Loop() {
				r.Push(in)
				r.Pull(out)
			}
		})
	}
}
