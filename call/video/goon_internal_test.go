package video

import (
	"testing"
	"time"
)

func TestAPictureThatStandsUntilAnotherTrackBringsTheNextIsFrozen(t *testing.T) {
	for _, stopped := range []bool{false, true} {
		var former, next Receiver
		now := time.Unix(1000, 0)
		for range 10 {
			former.freezes.shown(now, false)
			now = now.Add(40 * time.Millisecond)
		}
		next.GoOnFrom(&former, stopped)
		now = now.Add(3 * time.Second)
		next.freezes.shown(now, false)
		next.freezes.shown(now.Add(40*time.Millisecond), false)
		var s ReceiverStats
		next.freezes.tell(&s)
		want := 1
		if stopped { // on purpose
			want = 0
		}
		if s.FreezeCount != want {
			t.Errorf("%d freezes of %v, stopped on purpose: %v", s.FreezeCount, s.TotalFreezesDuration, stopped)
		}
		if sum := 3*time.Second + 11*40*time.Millisecond; s.TotalInterFrameDelay != sum {
			t.Errorf("%v between pictures in all, not %v", s.TotalInterFrameDelay, sum)
		}
	}
}
