package congestion_test

import (
	"fmt"
	"testing"
	"time"
)

// going makes the path go away, the way back, or both.
var going = map[string]func(*flow, stalls){
	"this way":     func(f *flow, s stalls) { f.link.gone = s },
	"the way back": func(f *flow, s stalls) { f.goneBack = s },
	"both ways":    func(f *flow, s stalls) { f.link.gone, f.goneBack = s, s },
}

func TestAfterARadioWasSilentForAMomentTheRateIsWhatItWas(t *testing.T) {
	const began, most = 20 * time.Second, 700_000
	for which, goes := range going {
		for _, lasts := range []time.Duration{60 * time.Millisecond, 150 * time.Millisecond, 300 * time.Millisecond, 600 * time.Millisecond} {
			t.Run(fmt.Sprintf("%s, for %v", which, lasts), func(t *testing.T) {
				seeds(t, func(t *testing.T, seed uint64) {
					for _, rate := range []float64{3_000_000, 20_000_000} {
						l := newLink(seed, always(rate))
						l.jitter = 5 * time.Millisecond
						f := newFlow(seed, l, most)
						f.period = 50 * step
						from := began + time.Duration(seed)*7*step // anywhere between two pictures, and two reports
						run(0, from, f)
						for range 5 {
							to := from + lasts + time.Second
							goes(f, stalls{{from, from + lasts}})
							if after := targetAt(f, from, to); after < most {
								t.Errorf("seed %d: %.0f bit/s a second after it, of which %d are made use of", seed, after, most)
							}
							from = to
						}
					}
				})
			})
		}
	}
}

func TestAPathThatBecameNarrowWhileItWasGoneIsFollowed(t *testing.T) {
	const began, lasts = 20 * time.Second, 200 * time.Millisecond
	seeds(t, func(t *testing.T, seed uint64) {
		l := newLink(seed, func(now time.Duration) float64 {
			if now < began {
				return 3_000_000
			}
			return 300_000
		})
		f := newFlow(seed, l, 2_000_000)
		f.period = 50 * step
		going["both ways"](f, stalls{{began, began + lasts}})
		run(0, began, f)
		if after := targetAt(f, began, began+3*time.Second); after > 330_000 {
			t.Errorf("seed %d: %.0f bit/s three seconds after it", seed, after)
		}
	})
}
