package call

import (
	"testing"
	"time"

	"parley/call/impair"
)

// What is shown is told by messages, which a bad path loses again and again: each is heard once those before it are.
func TestWhatIsShownIsKnownSoonAfterAPathThatLostMuch(t *testing.T) {
	good := impair.Conditions{Delay: 20 * time.Millisecond}
	for _, seed := range []uint64{1, 2, 6} {
		overPathsWith(t, seed, good, small, func(p *pathed) {
			time.Sleep(5 * time.Second)
			ann, ben := p.sides[0], p.sides[1]
			p.set(impair.Conditions{Loss: 0.7, Burst: 4, Delay: 100 * time.Millisecond})
			for n := range 12 {
				ann.ShowPicture("Ben", 320+n, 180)
				time.Sleep(700 * time.Millisecond)
			}
			ann.ShowPicture("Ben", 160, 90)
			p.set(good)
			time.Sleep(2500 * time.Millisecond)
			ben.mu.Lock()
			shown := ben.people["Ann"].told.Camera
			ben.mu.Unlock()
			if shown == nil || shown.Width != 160 {
				t.Errorf("seed %d: 2.5 s after the path is good again, Ben takes his picture to be shown as %+v", seed, shown)
			}
		})
	}
}
