package call

import (
	"slices"
	"testing"
	"time"

	"parley/call/impair"
)

// Both ways at once, of pictures of 640x360 at 30.
func TestAPathOf500KilobitsShowsEveryPictureAndIsWellUsed(t *testing.T) {
	const rate, settled, measured = 500_000, 10 * time.Second, 20 * time.Second
	for seed := range uint64(2) {
		overPaths(t, seed, impair.Conditions{Delay: 50 * time.Millisecond, Rate: rate}, func(p *pathed) {
			time.Sleep(settled)
			seen, carried := [2]PeerStats{p.seen(0), p.seen(1)}, [2]impair.Stats{p.sides[0].card.stats(), p.sides[1].card.stats()}
			var queues [2][]time.Duration
			for end := time.Now().Add(measured); time.Now().Before(end); {
				time.Sleep(50 * time.Millisecond)
				for side := range 2 {
					queues[side] = append(queues[side], p.sides[side].card.stats().Queue)
				}
			}
			for side := range 2 {
				from, to := seen[1-side], p.seen(1-side) // what the other side sees of this one
				sent := p.seen(side).OutVideo.FramesSent - seen[side].OutVideo.FramesSent
				if n := int(measured.Seconds() * 30); sent < n-10 { // as many as may wait once
					t.Errorf("seed %d: %d pictures of %d were sent", seed, sent, n)
				}
				// More may be on their way at the end than were at the beginning.
				if n := to.InVideo.FramesDecoded - from.InVideo.FramesDecoded; n < sent-10 {
					t.Errorf("seed %d: %d pictures of %d were decoded", seed, n, sent)
				}
				if n := to.InVideo.FramesDropped - from.InVideo.FramesDropped; n > 2 {
					t.Errorf("seed %d: %d pictures were dropped", seed, n)
				}
				if n := to.InVideo.FreezeCount - from.InVideo.FreezeCount; n > 0 {
					t.Errorf("seed %d: %d freezes", seed, n)
				}
				bytes := p.sides[side].card.stats().BytesOut - carried[side].BytesOut
				if used := float64(8*bytes) / measured.Seconds() / rate; used < 0.8 {
					t.Errorf("seed %d: %.0f %% of the path is used", seed, 100*used)
				}
				slices.Sort(queues[side])
				q := queues[side]
				if longest := q[len(q)*95/100]; longest > 150*time.Millisecond {
					t.Errorf("seed %d: the queue is %v at the 95th percentile", seed, longest)
				}
			}
		})
	}
}

// watch watches for some time, and returns when each picture was first seen to be decoded, on each side.
func (p *pathed) watch(length time.Duration) (came [2][]time.Time) {
	for end := time.Now().Add(length); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		for side := range 2 {
			all := p.sides[side].Stats()
			if len(all) == 0 || all[0].InVideo == nil {
				continue
			}
			for range all[0].InVideo.FramesDecoded - len(came[side]) {
				came[side] = append(came[side], time.Now())
			}
		}
	}
	return came
}

// longestGap returns the longest time between two moments that follow upon each other.
func longestGap(moments []time.Time) (longest time.Duration) {
	for i := range moments[1:] {
		longest = max(longest, moments[i+1].Sub(moments[i]))
	}
	return longest
}

func TestWhoJoinsOverAPathOf500KilobitsSeesPicturesFlowFromTheFirstOn(t *testing.T) {
	const rate, measured = 500_000, 4 * time.Second
	for seed := range uint64(3) {
		overPaths(t, seed, impair.Conditions{Delay: 50 * time.Millisecond, Rate: rate}, func(p *pathed) {
			for _, came := range p.watch(measured + time.Second) {
				if len(came) == 0 {
					t.Errorf("seed %d: no picture came", seed)
					continue
				}
				came = slices.DeleteFunc(came, func(at time.Time) bool { return at.Sub(came[0]) >= measured })
				if n := int(measured.Seconds() * 30); len(came) < n*5/6 {
					t.Errorf("seed %d: %d pictures of %d came in the %v from the first one on", seed, len(came), n, measured)
				}
				if gap := longestGap(came); gap > 500*time.Millisecond {
					t.Errorf("seed %d: none came for %v", seed, gap)
				}
			}
		})
	}
}

// On the narrowest the first picture alone takes 120 ms, and the path hardly bears sound, pictures and the reports on those of the other side.
func TestWhoJoinsOverANarrowPathSeesPicturesFlowToo(t *testing.T) {
	for rate, longest := range map[int]time.Duration{200_000: 2 * time.Second, 250_000: time.Second, 300_000: 800 * time.Millisecond} {
		for seed := range uint64(2) {
			overPaths(t, seed, impair.Conditions{Delay: 50 * time.Millisecond, Rate: rate}, func(p *pathed) {
				for _, came := range p.watch(5 * time.Second) {
					if len(came) == 0 {
						t.Errorf("%d bit/s, seed %d: no picture came", rate, seed)
					} else if gap := longestGap(append(came, time.Now())); gap > longest {
						t.Errorf("%d bit/s, seed %d: none came for %v", rate, seed, gap)
					}
				}
			})
		}
	}
}
