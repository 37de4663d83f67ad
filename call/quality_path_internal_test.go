package call

import (
	"testing"
	"time"

	"parley/call/impair"
	"parley/call/signal/wire"
	"parley/devices"
)

// What each path is like is told of the person at its end, with the cause, by what was measured: with two people that is the network between them.
func TestTheQualityOfACallFollowsItsPath(t *testing.T) {
	good := impair.Conditions{Delay: 20 * time.Millisecond}
	for name, c := range map[string]struct {
		path    impair.Conditions
		devise  func(int, *MediaConfig)
		from    []int // which sides; none are both
		camera  bool
		hide    bool
		quality Quality // or worse than that, if it is not good
		cause   Cause
	}{
		"good":                                  {path: good, devise: small, camera: true, quality: QualityGood},
		"good, with a picture that is hidden":   {path: good, devise: small, camera: true, hide: true, quality: QualityGood},
		"long":                                  {path: impair.Conditions{Delay: 350 * time.Millisecond}, devise: small, camera: true, quality: QualityPoor, cause: CauseNetwork},
		"narrow":                                {path: impair.Conditions{Delay: 20 * time.Millisecond, Rate: 160_000}, camera: true, quality: QualityPoor, cause: CauseNetwork},
		"sound alone, and bursts of lost sound": {path: impair.Conditions{Delay: 20 * time.Millisecond, Loss: 0.5, Burst: 25}, from: []int{1}, quality: QualityBad, cause: CauseNetwork},
	} {
		t.Run(name, func(t *testing.T) {
			overPathsWith(t, 1, good, c.devise, func(p *pathed) {
				for _, s := range p.sides {
					s.media.Switch(devices.KindCamera, c.camera)
				}
				for i, s := range p.sides {
					other := p.sides[1-i].listed()
					other.State.Camera = c.camera
					s.post(func() { s.update(other.ID, func(p *person) { p.describe(wire.Peer(other)) }) })
				}
				time.Sleep(5 * time.Second)
				if c.hide {
					p.sides[0].ShowPicture("Ben", 0, 0)
				}
				p.set(c.path, c.from...)
				time.Sleep(20 * time.Second)
				ben := p.sides[0].People()[0]
				if ben.Quality == QualityUnknown || severity(ben.Quality) < severity(c.quality) || c.quality == QualityGood && ben.Quality != c.quality || ben.Cause != c.cause {
					t.Errorf("it is %q because of %q, want %q because of %q", ben.Quality, ben.Cause, c.quality, c.cause)
				}
			})
		})
	}
}
