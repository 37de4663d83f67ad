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
	said := murmur(1, 3*tone.SampleRate)
	for _, by := range []int{0, 1, 777, 5_003, 40_000} {
		for i, got := range delays(said, later(said, by)) {
			if got != by {
				t.Errorf("part %d is found %d samples later, want %d", i, got, by)
			}
		}
	}
}

func TestWhatWasLostIsTakenToBeWhereItsNeighboursAre(t *testing.T) {
	said := murmur(1, 4*tone.SampleRate)
	heard := later(said, 2_000)
	copy(heard[5*part:7*part], murmur(2, 2*part))
	clear(said[9*part : 10*part])
	for i, got := range delays(said, heard) {
		if got < 2_000-3*creep*coarse || got > 2_000+3*creep*coarse {
			t.Errorf("part %d is found %d samples later", i, got)
		}
	}
}

func TestADelayThatChangesIsFollowed(t *testing.T) {
	said := murmur(3, 5*tone.SampleRate)
	at := 6*part + 200
	heard := append(later(said, 100)[:at], later(said, 4_000)[at:]...)
	all := delays(said, heard)
	a, b := aligned(said, heard, all)
	if len(a) != len(all)*part || len(b) != len(a) {
		t.Fatalf("got %d and %d samples", len(a), len(b))
	}
	differ := 0
	for i := range a {
		if math.Abs(a[i]+2*b[i]) > 1e-9 {
			differ++
		}
	}
	if differ > part {
		t.Errorf("%d samples differ, more than those about the change", differ)
	}
	if f := found(a, b); f < 0.9 {
		t.Errorf("%.2f of it is found", f)
	}
}

func TestWhatIsNotHeardIsNotFound(t *testing.T) {
	said := murmur(1, 4*tone.SampleRate)
	for name, heard := range map[string][]float64{"silence": make([]float64, len(said)), "something else": murmur(2, len(said))} {
		if f := found(aligned(said, heard, delays(said, heard))); f > 0.1 {
			t.Errorf("%s: %.2f of it is found", name, f)
		}
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
