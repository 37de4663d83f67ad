package video

import (
	"testing"
	"time"
)

// A sender that answers is worth asking soon again: what came of it was lost on the way.
func TestWhoseKeyFrameIsDamagedIsAskedForAnotherWithoutMorePatience(t *testing.T) {
	for _, answers := range []bool{false, true} {
		var d keyFrameDemand
		now, asked := time.Unix(0, 0), 0
		for range 1000 { // 10 s
			d.need(now)
			if d.due(now) {
				asked++
				if answers {
					d.answered(int64(asked), now) // and it is spoiled
				}
			}
			now = now.Add(10 * time.Millisecond)
		}
		if answers && asked < 40 || !answers && asked > 6 {
			t.Errorf("a sender that answers (%v) is asked %d times in 10 s", answers, asked)
		}
	}
}
