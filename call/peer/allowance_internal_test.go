package peer

import (
	"testing"

	"parley/call/congestion"
)

func TestWhileThePathIsHeldTheSmallestPicturesGoOn(t *testing.T) {
	for target, want := range map[int]int{1_000_000: 500_000, 150_000: 75_000, 100_000: heldLeast, 70_000: heldLeast, 50_000: 50_000} {
		if a := allowanceOf(congestion.State{Target: target, Held: true}); a.BitRate != want {
			t.Errorf("of %d bit/s they and sound have %d, want %d", target, a.BitRate, want)
		}
	}
}
