package app

import (
	"runtime/debug"
	"testing"
)

func TestGarbageIsCollectedSoonerUnlessTheUserSaysOtherwise(t *testing.T) {
	before := debug.SetGCPercent(70)
	defer debug.SetGCPercent(before)
	for _, c := range []struct {
		gogc string
		want int
	}{{"70", 70}, {"", garbagePercent}} {
		t.Setenv("GOGC", c.gogc)
		collectSooner()
		if got := debug.SetGCPercent(70); got != c.want {
			t.Errorf("with GOGC=%q it is %d %%, want %d", c.gogc, got, c.want)
		}
	}
}
