package congestion_test

import (
	"fmt"
	"testing"
	"time"
)

// lengthens makes one way longer, or both, by some time.
var lengthens = map[string]func(*flow, time.Duration){
	"there":     func(f *flow, by time.Duration) { f.link.delay += by },
	"back":      func(f *flow, by time.Duration) { f.back += by },
	"both ways": func(f *flow, by time.Duration) { f.link.delay += by; f.back += by },
}

// leastAndHeld lives from one time to another, and returns the smallest target and for how long pictures were held.
func leastAndHeld(f *flow, from, to time.Duration) (least float64, held time.Duration) {
	least = float64(f.c.State(epoch.Add(from)).Target)
	for now := from; now < to; now += step {
		f.step(now)
		s := f.c.State(epoch.Add(now))
		least = min(least, float64(s.Target))
		if s.Held {
			held += step
		}
	}
	return least, held
}

func TestWhereAPathBecomesLongerAtOnceTheRateStaysAndPicturesWaitButAMoment(t *testing.T) {
	for way, lengthen := range lengthens {
		for _, by := range []time.Duration{60 * step, 110 * step, 300 * step} {
			for _, loss := range []float64{0, 0.1} {
				t.Run(fmt.Sprintf("%s, by %v, %v lost", way, by, loss), func(t *testing.T) {
					mean := 0.0
					seeds(t, func(t *testing.T, seed uint64) {
						at := 10*time.Second + time.Duration(seed)*17*step // anywhere between two pictures, and two reports
						l := newLink(seed, always(5_000_000))
						l.loss = loss
						f := newFlow(seed, l, 1_200_000)
						f.period, f.lossBack = 50*step, loss
						before := targetAt(f, 0, at)
						lengthen(f, by)
						least, held := leastAndHeld(f, at, at+5*time.Second)
						mean += min(least/before, 1) / 5
						if most := 250*step + 3*by/2; loss == 0 && held > most {
							t.Errorf("seed %d: pictures are held for %v", seed, held)
						}
						if loss == 0 && least < 0.95*before {
							t.Errorf("seed %d: %.0f bit/s of %.0f", seed, least, before)
						}
					})
					if mean < 0.7 {
						t.Errorf("down to %.0f %% of the rate in the mean", 100*mean)
					}
				})
			}
		}
	}
}

func TestAFullPathThatBecomesLongerIsUsedAgainSoon(t *testing.T) {
	seeds(t, func(t *testing.T, seed uint64) {
		const carries = 500_000
		at := 10*time.Second + time.Duration(seed)*17*step
		f := newFlow(seed, newLink(seed, always(carries)), 2_000_000)
		f.period = 50 * step
		run(0, at, f)
		lengthens["both ways"](f, 110*step)
		run(at, at+1500*step, f)
		mean := run(at+1500*step, at+4*time.Second, f)[0]
		if mean < 0.7*carries || mean > 1.1*carries {
			t.Errorf("seed %d: %.0f bit/s from 1.5 s on", seed, mean)
		}
	})
}

// A worse route may be narrow, too.
func TestAPathThatBecomesLongerAndNarrowIsFollowedAllTheSame(t *testing.T) {
	seeds(t, func(t *testing.T, seed uint64) {
		const narrow = 300_000
		fell := 10*time.Second + time.Duration(seed)*17*step
		l := newLink(seed, func(now time.Duration) float64 {
			if now < fell {
				return 5_000_000
			}
			return narrow
		})
		f := newFlow(seed, l, 1_200_000)
		f.period = 50 * step
		run(0, fell, f)
		lengthens["both ways"](f, 110*step)
		run(fell, fell+2*time.Second, f)
		l.longest, l.dropped = 0, 0
		mean := run(fell+2*time.Second, fell+12*time.Second, f)[0]
		if mean < 0.7*narrow || mean > 1.1*narrow {
			t.Errorf("seed %d: %.0f bit/s from 2 s on, of %d", seed, mean, narrow)
		}
		if l.longest > 200*step || l.dropped > 0 {
			t.Errorf("seed %d: after 2 s the queue grew to %v, %d packets were dropped", seed, l.longest, l.dropped)
		}
	})
}
