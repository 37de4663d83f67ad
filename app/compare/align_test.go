package main

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"parley/devices/tone"
)

// murmur is noise without what lies high, which sounds somewhat like speech.
func murmur(seed uint64, samples int) []float64 {
	luck := rand.New(rand.NewPCG(seed, 0))
	out := make([]float64, samples)
	for i := range out {
		out[i] = 0.1 * luck.NormFloat64()
		if i > 0 {
			out[i] += 0.9 * out[i-1]
		}
	}
	return out
}

// later returns the sound so many samples later, at half its level and upside down.
func later(in []float64, by int) []float64 {
	out := make([]float64, len(in))
	for i := by; i < len(out); i++ {
		out[i] = -in[i-by] / 2
	}
	return out
}

func TestADelayIsFoundToTheSample(t *testing.T) {
	said := murmur(1, 4*tone.SampleRate)
	for _, by := range []int{0, 1, 777, 5_003, 40_000} {
		if got := delays(said, later(said, by)); !slices.Equal(got, []int{by}) {
			t.Errorf("got the delays %v, want %d", got, by)
		}
	}
}

func TestWhatIsNotHeardIsNotFound(t *testing.T) {
	said := murmur(1, 4*tone.SampleRate)
	for name, heard := range map[string][]float64{"silence": make([]float64, len(said)), "something else": murmur(2, len(said))} {
		if got := delays(said, heard); !slices.Equal(got, []int{-1}) {
			t.Errorf("%s: got the delays %v", name, got)
		}
	}
	if got := delays(make([]float64, len(said)), said); !slices.Equal(got, []int{-1}) {
		t.Errorf("silence is found at %v", got)
	}
}

func TestEachPieceIsAlignedByItself(t *testing.T) {
	said := murmur(3, 2*piece+latest)
	heard := append(later(said, 100)[:piece+200], later(said, 4_000)[piece+200:]...)
	a, b := aligned(said, heard, delays(said, heard))
	if len(a) != 2*piece || len(b) != 2*piece {
		t.Fatalf("got %d and %d samples", len(a), len(b))
	}
	differ := 0
	for i := range a {
		if math.Abs(a[i]+2*b[i]) > 1e-9 {
			differ++
		}
	}
	if differ > 5_000 {
		t.Errorf("%d samples differ, more than those about the change", differ)
	}
	a, _ = aligned(said, heard, []int{-1, 4_000})
	if len(a) != piece {
		t.Errorf("what was not found, with nothing before it, gave %d samples", len(a))
	}
}

func TestAGapIsMeasuredWhereSomethingIsSaid(t *testing.T) {
	said := murmur(4, 2*tone.SampleRate)
	clear(said[tone.SampleRate/2 : tone.SampleRate]) // a pause is no gap
	heard := slices.Clone(said)
	if gap := longestGap(said, heard); gap != 0 {
		t.Errorf("a gap of %v ms in what is whole", gap)
	}
	clear(heard[tone.SampleRate*3/2 : tone.SampleRate*3/2+tone.SampleRate*6/100])
	if gap := longestGap(said, heard); math.Abs(gap-60) > 5 {
		t.Errorf("a gap of %v ms, want 60", gap)
	}
}
