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

func TestAGapIsToldOfWhenSomethingComesThroughAgain(t *testing.T) {
	const began, lasts = 20 * time.Second, 200 * time.Millisecond
	for which, goes := range going {
		t.Run(which, func(t *testing.T) {
			seeds(t, func(t *testing.T, seed uint64) {
				l := newLink(seed, always(3_000_000))
				l.jitter = 5 * time.Millisecond
				f := newFlow(seed, l, 700_000)
				run(0, began, f)
				f.lost = nil
				goes(f, stalls{{began, began + lasts}})
				run(began, began+time.Second, f)
				if which == "the way back" {
					if len(f.gaps) > 0 {
						t.Errorf("seed %d: %v, and nothing of what was sent was lost", seed, f.gaps)
					}
					return
				}
				if len(f.gaps) != 1 {
					t.Fatalf("seed %d: %d gaps", seed, len(f.gaps))
				}
				if got, n := f.gaps[0], len(f.lost); got.Packets != n || !got.Holds(f.lost[0]) || !got.Holds(f.lost[n-1]) || got.Holds(f.lost[n-1]+1) {
					t.Errorf("seed %d: %+v, but %d were lost, from %d to %d", seed, got, n, f.lost[0], f.lost[n-1])
				}
			})
		})
	}
}

func TestWhatIsTooMuchAndIsDroppedIsNoGap(t *testing.T) {
	const began = 20 * time.Second
	becomes := map[string]func(*link){
		"narrow":  func(l *link) { l.rate = always(300_000) },
		"policed": func(l *link) { l.police = 300_000 },
	}
	for which, becomes := range becomes {
		t.Run(which, func(t *testing.T) {
			seeds(t, func(t *testing.T, seed uint64) {
				l := newLink(seed, always(3_000_000))
				f := newFlow(seed, l, 2_000_000)
				run(0, began, f)
				becomes(l)
				run(began, began+20*time.Second, f)
				if l.dropped == 0 || len(f.gaps) > 0 {
					t.Errorf("seed %d: %d packets dropped, and gaps: %v", seed, l.dropped, f.gaps)
				}
			})
		})
	}
}
