package main

import (
	"math"

	"parley/devices/tone"
)

const (
	piece    = 2 * tone.SampleRate // samples that are looked for at once
	latest   = tone.SampleRate     // samples that they may be late
	coarse   = 6                   // samples that are taken together at first
	isSpeech = 0.01                // amplitude, in the mean over a piece: less says nothing of where it is
	isFound  = 0.3                 // how alike a piece and what is taken for it must be
)

// delays returns how many samples later each piece of what was said is heard; -1 for a piece that is not found.
func delays(said, heard []float64) []int {
	var all []int
	for at := 0; at+piece+latest <= min(len(said), len(heard)); at += piece {
		all = append(all, delay(said[at:at+piece], heard[at:at+piece+latest]))
	}
	return all
}

func delay(said, heard []float64) int {
	if math.Sqrt(product(said, said)/float64(len(said))) < isSpeech {
		return -1
	}
	near, _ := best(thin(said), thin(heard), 0, latest/coarse)
	at, like := best(said, heard, max((near-1)*coarse, 0), min((near+2)*coarse, latest))
	if like < isFound {
		return -1
	}
	return at
}

// thin takes samples together.
func thin(in []float64) []float64 {
	out := make([]float64, len(in)/coarse)
	for i := range out {
		for _, x := range in[i*coarse:][:coarse] {
			out[i] += x
		}
	}
	return out
}

// best returns where in heard, from one place to before another, said is, and how alike they are there, from -1 to 1. The sound may be turned
// upside down on its way, which nobody hears.
func best(said, heard []float64, from, to int) (at int, like float64) {
	n := len(said)
	own := product(said, said)
	other := product(heard[from:from+n], heard[from:from+n])
	for i := from; i < to && i+n <= len(heard); i++ {
		if c := math.Abs(product(said, heard[i:i+n])) / (math.Sqrt(own*other) + 1e-12); c > like {
			at, like = i, c
		}
		if i+n < len(heard) {
			other += heard[i+n]*heard[i+n] - heard[i]*heard[i]
		}
	}
	return at, like
}

func product(a, b []float64) float64 {
	var sum float64
	for i, x := range a {
		sum += x * b[i]
	}
	return sum
}

// aligned returns what was said and what was heard of it, each piece at its own delay, or at that of the piece before where it is not found.
func aligned(said, heard []float64, delays []int) (a, b []float64) {
	last := -1
	for i, d := range delays {
		if d < 0 {
			d = last
		}
		if d < 0 {
			continue
		}
		a = append(a, said[i*piece:][:piece]...)
		b = append(b, heard[i*piece+d:][:piece]...)
		last = d
	}
	return a, b
}

// longestGap returns for how many ms nothing was heard while something was said. Both are aligned; what was said must be loud for a while
// around, since a jitter buffer stretches sound.
func longestGap(said, heard []float64) float64 {
	const step, around = tone.SampleRate / 200, 8 // 5 ms, and steps of them
	loudness := func(x []float64) []float64 {
		levels := make([]float64, len(x)/step)
		for i := range levels {
			levels[i] = math.Sqrt(product(x[i*step:][:step], x[i*step:][:step]) / step)
		}
		return levels
	}
	a, b := loudness(said), loudness(heard)
	if len(a) <= 2*around {
		return 0
	}
	loud, soft := quantile(a, 0.95)/10, quantile(b, 0.95)/100
	longest, run := 0, 0
	for i := around; i < len(a)-around; i++ {
		if b[i] > soft || quantile(a[i-around:i+around+1], 0) < loud {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	return float64(longest) * 5
}
