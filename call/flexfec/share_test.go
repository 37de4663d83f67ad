package flexfec_test

import (
	"math"
	"testing"
	"time"

	"parley/call/flexfec"
)

func TestAShareIsNothingWhereRepairsArriveInTimeAndGrowsWithLossAndRoundTrip(t *testing.T) {
	const ms = time.Millisecond
	for _, c := range []struct {
		name string
		path flexfec.Path
		want float64
	}{
		{"nothing known", flexfec.Path{}, 0},
		{"no loss, far away", flexfec.Path{RoundTrip: 400 * ms, BitRate: 1e6}, 0},
		{"a good path", flexfec.Path{Loss: 0.01, RoundTrip: 40 * ms, BitRate: 1e6}, 0},
		{"much loss, but near", flexfec.Path{Loss: 0.1, RoundTrip: 20 * ms, BitRate: 1e6}, 0},
		{"some loss, one repair in time", flexfec.Path{Loss: 0.05, RoundTrip: 100 * ms, BitRate: 5e5}, 0},
		{"the same with more packets a frame", flexfec.Path{Loss: 0.05, RoundTrip: 100 * ms, BitRate: 2e6}, 0.1},
		{"some loss, no repair in time", flexfec.Path{Loss: 0.05, RoundTrip: 200 * ms, BitRate: 5e5}, 0.2},
		{"little loss, no repair in time", flexfec.Path{Loss: 0.01, RoundTrip: 200 * ms, BitRate: 1e6}, 0.04},
		{"more loss, one repair in time", flexfec.Path{Loss: 0.1, RoundTrip: 100 * ms, BitRate: 5e5}, 0.15},
		{"much loss, one repair in time", flexfec.Path{Loss: 0.2, RoundTrip: 100 * ms, BitRate: 5e5}, 0.5},
		{"much loss, a patient receiver", flexfec.Path{Loss: 0.2, RoundTrip: 100 * ms, BitRate: 5e5, Wait: 500 * ms}, 0},
		{"hardly a path", flexfec.Path{Loss: 0.9, RoundTrip: 300 * ms, BitRate: 1e5}, 0.5},
		{"nonsense", flexfec.Path{Loss: math.NaN(), RoundTrip: -ms, BitRate: -1, FrameRate: math.NaN()}, 0},
		{"more nonsense", flexfec.Path{Loss: 7, RoundTrip: 300 * ms, FrameRate: math.Inf(1)}, 0.5},
	} {
		if got := flexfec.Share(c.path); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%s: a share of %.2f, want %.2f", c.name, got, c.want)
		}
	}
}

func TestAShareNeverFallsWhenThePathGetsWorse(t *testing.T) {
	for _, rate := range []int{1e5, 5e5, 2e6, 5e6} {
		for trip := time.Duration(0); trip < time.Second; trip += 10 * time.Millisecond {
			before := 0.0
			for loss := 0.0; loss <= 1; loss += 0.01 {
				share := flexfec.Share(flexfec.Path{Loss: loss, RoundTrip: trip, BitRate: rate})
				if share < before-1e-9 {
					t.Fatalf("%d bit/s, round trip %v: %.2f at %.0f %% loss, less than %.2f", rate, trip, share, 100*loss, before)
				}
				if further := flexfec.Share(flexfec.Path{Loss: loss, RoundTrip: trip + 10*time.Millisecond, BitRate: rate}); further < share-1e-9 {
					t.Fatalf("%d bit/s, %.0f %% loss: %.2f beyond a round trip of %v, less than %.2f", rate, 100*loss, further, trip, share)
				}
				before = share
			}
		}
	}
}
