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

// phased returns a flow that is reported on as often as by a Parley, and a moment after 10 s that is, by the seed, anywhere between two pictures and two reports.
func phased(seed uint64, l *link, most float64) (*flow, time.Duration) {
	f := newFlow(seed, l, most)
	f.period = 50 * step
	return f, 10*time.Second + time.Duration(seed)*17*step
}

func TestWhereAPathBecomesLongerAtOncePicturesWaitARoundTripAndTheRateIsWhatItWas(t *testing.T) {
	for way, lengthen := range lengthens {
		for _, by := range []time.Duration{60 * step, 110 * step, 250 * step} {
			for _, jitter := range []time.Duration{0, 10 * step} {
				t.Run(fmt.Sprintf("%s, by %v, jitter %v", way, by, jitter), func(t *testing.T) {
					seeds(t, func(t *testing.T, seed uint64) {
						l := newLink(seed, always(5_000_000))
						l.jitter = jitter
						f, at := phased(seed, l, 1_200_000)
						before := targetAt(f, 0, at)
						lengthen(f, by)
						trip := l.delay + f.back
						waited := time.Duration(held(f, at, at+5*time.Second) * float64(5*time.Second))
						if most := trip + 250*step; waited > most {
							t.Errorf("seed %d: pictures were held for %v, more than %v", seed, waited, most)
						}
						least := before
						for _, target := range f.targets[len(f.targets)-40:] {
							least = min(least, target)
						}
						if least < 0.95*before {
							t.Errorf("seed %d: %.0f bit/s a second later, of %.0f", seed, least, before)
						}
						lengthen(f, -by)
						if share := held(f, at+5*time.Second, at+8*time.Second); share > 0 {
							t.Errorf("seed %d: held %.1f %% of the time when it was short again", seed, 100*share)
						}
					})
				})
			}
		}
	}
}

// What becomes longer may lose packets, of which the reports are some.
func TestWhereALossyPathBecomesLongerAtOnceTheRateIsSoonWhatItWas(t *testing.T) {
	const runs = 20
	short := 0
	for seed := range uint64(runs) {
		l := newLink(seed, always(5_000_000))
		l.loss = 0.05
		f, at := phased(seed, l, 1_200_000)
		f.lossBack = 0.05
		before := targetAt(f, 0, at)
		lengthens["both ways"](f, 110*step)
		if targetAt(f, at, at+1500*step) < 0.9*before {
			short++
		}
	}
	if short > runs/4 {
		t.Errorf("in %d of %d runs the rate was not there again after 1.5 s", short, runs)
	}
}

func TestTheQueueOfAFallIsNotTakenForALongerPath(t *testing.T) {
	for _, narrow := range []float64{200_000, 300_000, 1_000_000} {
		for _, jitter := range []time.Duration{0, 20 * step} {
			for _, most := range []float64{300_000, 1_200_000, 2_000_000} {
				for seed := range uint64(20) {
					fell := time.Duration(0)
					l := newLink(seed, func(now time.Duration) float64 {
						if now < fell {
							return 3_000_000
						}
						return narrow
					})
					l.jitter = jitter
					var f *flow
					f, fell = phased(seed, l, most)
					run(0, fell+step, f)
					// The peer's way becomes as narrow: what reports wait for goes as the queue of this side does.
					back, highest := f.back, 0.0
					for now := fell + step; now < fell+3*time.Second; now += step {
						f.back = back + max(0, l.free-now)
						f.step(now)
						if now > fell+1200*step {
							highest = max(highest, f.targets[len(f.targets)-1])
						}
					}
					if highest > 1.5*narrow && highest > 200_000 {
						t.Errorf("to %.0f bit/s, jitter %v, %.0f before, seed %d: up to %.0f bit/s after the fall", narrow, jitter, most, seed, highest)
					}
				}
			}
		}
	}
}

// A worse route may be narrow, too.
func TestAPathThatBecomesLongerAndNarrowIsFollowedAllTheSame(t *testing.T) {
	seeds(t, func(t *testing.T, seed uint64) {
		const narrow = 300_000
		fell := time.Duration(0)
		l := newLink(seed, func(now time.Duration) float64 {
			if now < fell {
				return 5_000_000
			}
			return narrow
		})
		var f *flow
		f, fell = phased(seed, l, 1_200_000)
		run(0, fell+step, f)
		lengthens["both ways"](f, 110*step)
		run(fell+step, fell+2*time.Second, f)
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
