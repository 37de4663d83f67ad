package audio

import "math"

// Time-stretching by one period of the sound: a vowel or a tone repeats itself every 2.5 to 10 ms, and one repetition more
// or less is not heard. Where a sound does not repeat itself, it is left alone. This is the idea of WSOLA
// (Verhelst and Roelands, 1993). All lengths are in samples of each channel, and both channels are moved by the same, lest a sound wander from
// one side to the other.
const (
	minPeriod = SampleRate / 400 // samples
	maxPeriod = SampleRate / 100
	alike     = 0.9   // correlation of two neighbouring periods from which on one may be spared
	hushed    = 0.003 // level (-50 dBFS) below which no seam is heard
)

// period returns how far the start of a sound is to be moved to fit itself best, up to longest samples, and whether the seam will not be
// heard; 0 when the sound, or longest, is too short to tell.
func period(x []int16, longest int) (lag int, smooth bool) {
	longest = min(maxPeriod, longest, len(x)/Channels/2)
	if longest < minPeriod {
		return 0, false
	}
	const coarse = 4
	best := math.Inf(-1)
	try := func(from, to, step int) {
		for l := from; l <= to; l += step {
			if c := likeness(x, l, step); c > best {
				best, lag = c, l
			}
		}
	}
	try(minPeriod, longest, coarse)
	best = math.Inf(-1) // of a comparison of all samples
	try(max(minPeriod, lag-coarse+1), min(longest, lag+coarse-1), 1)
	return lag, best >= alike || rootMeanSquare(x) < hushed
}

// likeness is the normalised correlation of the first lag samples with the lag samples after them, by every step-th of them, of both channels
// together.
func likeness(x []int16, lag, step int) float64 {
	var ab, aa, bb float64
	for i := 0; i < lag; i += step {
		left, right := float64(x[Channels*i]), float64(x[Channels*i+1])
		nextLeft, nextRight := float64(x[Channels*(i+lag)]), float64(x[Channels*(i+lag)+1])
		ab += left*nextLeft + right*nextRight
		aa += left*left + right*right
		bb += nextLeft*nextLeft + nextRight*nextRight
	}
	if aa == 0 || bb == 0 {
		return 0
	}
	return ab / math.Sqrt(aa*bb)
}

// shorten takes one period of lag samples out of x, in place, and returns what is left of x.
func shorten(x []int16, lag int) []int16 {
	lag *= Channels
	for i := range lag {
		x[i] = blend(x[i], x[i+lag], i/Channels, lag/Channels)
	}
	copy(x[lag:], x[2*lag:])
	return x[:len(x)-lag]
}

// lengthen repeats one period of lag samples of x, whose capacity must allow it, and returns the longer x.
func lengthen(x []int16, lag int) []int16 {
	lag *= Channels
	n := len(x)
	x = x[:n+lag]
	copy(x[2*lag:], x[lag:n])
	for i := range lag {
		// What was at lag+i is at 2*lag+i now; its place takes the way from there back to i.
		x[lag+i] = blend(x[2*lag+i], x[i], i/Channels, lag/Channels)
	}
	return x
}

// blend goes from a to b as i goes from 0 to n.
func blend(a, b int16, i, n int) int16 {
	return int16((int(a)*(n-i) + int(b)*i) / n)
}
