package peer

import (
	"testing"
	"testing/synctest"

	"parley/call/congestion"
)

func TestWhileThePathIsHeldTheSmallestPicturesGoOn(t *testing.T) {
	for target, want := range map[int]int{1_000_000: 500_000, 150_000: 75_000, 100_000: heldLeast, 70_000: heldLeast, 50_000: 50_000} {
		if a := allowanceOf(congestion.State{Target: target, Held: true}); a.BitRate != want {
			t.Errorf("of %d bit/s they and sound have %d, want %d", target, a.BitRate, want)
		}
	}
}

func TestHoweverLowALimitIsSomethingIsAllowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newHeardRig(t)
		for _, limit := range []int{1, reportsUsual, 50_000} { // a peer may ask for any
			r.limitTo(limit)
			if a := r.allowance(); a.BitRate != limitedLeast {
				t.Errorf("of a limit of %d bit/s %d are allowed, want %d", limit, a.BitRate, limitedLeast)
			}
		}
	})
}
