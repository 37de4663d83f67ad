package call

import (
	"testing"
	"time"

	"parley/call/impair"
)

// Both ways at once, as when a route changes, or one alone.
func TestPicturesGoOnWhereAPathBecomesLongerAtOnce(t *testing.T) {
	short := impair.Conditions{Delay: 40 * time.Millisecond}
	long := impair.Conditions{Delay: 150 * time.Millisecond}
	for name, sides := range map[string][]int{"one way": {0}, "both ways": {0, 1}} {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(2) {
				overPaths(t, seed, short, func(p *pathed) {
					time.Sleep(10*time.Second + time.Duration(seed)*37*time.Millisecond) // anywhere between two pictures, and two reports
					before := [2]PeerStats{p.seen(0), p.seen(1)}
					p.set(long, sides...)
					time.Sleep(1500 * time.Millisecond)
					soon := [2]PeerStats{p.seen(0), p.seen(1)}
					time.Sleep(4500 * time.Millisecond)
					for side := range 2 {
						frozen := p.seen(side).InVideo.TotalFreezesDuration - before[side].InVideo.TotalFreezesDuration
						if frozen > 1 {
							t.Errorf("seed %d: pictures froze for %.2f s", seed, frozen)
						}
						was, is := before[side].Transport.AvailableOutgoing, soon[side].Transport.AvailableOutgoing
						if is < 0.95*was {
							t.Errorf("seed %d: after 1.5 s the path bears %.0f bit/s, of %.0f", seed, is, was)
						}
					}
				})
			}
		})
	}
}
