package congestion_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"parley/call/congestion"
)

// standing makes this machine, the peer's, or both stand still.
var standing = map[string]func(*flow, stalls){
	"this machine": func(f *flow, s stalls) { f.near = s },
	"the peer's":   func(f *flow, s stalls) { f.far = s },
	"both":         func(f *flow, s stalls) { f.near, f.far = s, s },
}

// targetAt lives on until then, and returns the target.
func targetAt(f *flow, from, to time.Duration) float64 {
	run(from, to, f)
	return float64(f.c.State(epoch.Add(to)).Target)
}

func TestAfterAMachineStoodStillTheRateIsWhatItWasWithinASecond(t *testing.T) {
	const began, most = 20 * time.Second, 700_000
	for who, stand := range standing {
		for _, lasts := range []time.Duration{100 * time.Millisecond, 300 * time.Millisecond, time.Second} {
			for _, times := range []int{1, 5} {
				t.Run(fmt.Sprintf("%s, for %v, %d times", who, lasts, times), func(t *testing.T) {
					seeds(t, func(t *testing.T, seed uint64) {
						for _, rate := range []float64{3_000_000, 20_000_000} {
							f := newFlow(seed, newLink(seed, always(rate)), most)
							f.period = 50 * step
							var s stalls
							at := began + time.Duration(seed)*7*step // anywhere between two pictures, and two reports
							for range times {
								s = append(s, stall{at, at + lasts})
								at += lasts + time.Second
							}
							stand(f, s)
							run(0, began, f)
							if after := targetAt(f, began, at); after < most {
								t.Errorf("seed %d: %.0f bit/s a second after it, of which %d are made use of", seed, after, most)
							}
						}
					})
				})
			}
		}
	}
}

func TestNoPictureWaitsBecauseThisMachineStoodStill(t *testing.T) {
	seeds(t, func(t *testing.T, seed uint64) {
		for _, lasts := range []time.Duration{100 * time.Millisecond, 300 * time.Millisecond, time.Second} {
			f := newFlow(seed, newLink(seed, always(3_000_000)), 700_000)
			f.period = 50 * step
			f.near = stalls{{20 * time.Second, 20*time.Second + lasts}}
			run(0, 20*time.Second+lasts, f)
			if share := held(f, 20*time.Second+lasts, 21*time.Second+lasts); share > 0.05 {
				t.Errorf("seed %d: in the second after %v, held %.0f %% of the time", seed, lasts, 100*share)
			}
		}
	})
}

func TestMachinesThatAreBusyKeepMostOfTheirRate(t *testing.T) {
	for who, stand := range standing {
		seeds(t, func(t *testing.T, seed uint64) {
			const began, over, most = 20 * time.Second, 40 * time.Second, 700_000
			f := newFlow(seed, newLink(seed, nil), most)
			f.period = 50 * step
			random := rand.New(rand.NewPCG(seed, 99))
			var s stalls
			for at := began; at < over; {
				from := at + time.Duration(10+random.IntN(400))*step
				at = from + time.Duration(random.IntN(240))*step
				s = append(s, stall{from, at})
			}
			stand(f, s)
			run(0, began, f)
			if mean := run(began, over, f)[0]; mean < most {
				t.Errorf("seed %d, %s: %.0f bit/s in the mean, of which %d are made use of", seed, who, mean, most)
			}
		})
	}
}

// A path may become narrow in just that moment.
func TestAPathThatFellWhileAMachineStoodStillIsFollowedAllTheSame(t *testing.T) {
	const fell, narrow = 20 * time.Second, 300_000
	for who, stand := range standing {
		seeds(t, func(t *testing.T, seed uint64) {
			f := newFlow(seed, newLink(seed, func(now time.Duration) float64 {
				if now < fell {
					return 3_000_000
				}
				return narrow
			}), 2_000_000)
			f.period = 50 * step
			stand(f, stalls{{fell - 100*step, fell + 200*step}})
			run(0, fell+3*time.Second, f)
			if mean := run(fell+3*time.Second, fell+15*time.Second, f)[0]; mean < 0.7*narrow || mean > 1.1*narrow {
				t.Errorf("seed %d, %s: %.0f bit/s from 3 s on, of %d", seed, who, mean, narrow)
			}
		})
	}
}

// Who asks seldom must not bring time to a halt.
func TestAControllerThatIsSeldomAskedStillHearsThatThePathIsGone(t *testing.T) {
	f := newFlow(1, newLink(1, nil), 700_000)
	run(0, 5*time.Second, f)
	before, now := f.c.State(epoch.Add(5*time.Second)).Target, 5*time.Second
	for range 400 {
		now += 200 * step
		f.c.Send(100, congestion.Audio, epoch.Add(now))
	}
	if after := f.c.State(epoch.Add(now)).Target; after > before/2 {
		t.Errorf("%d bit/s of %d after %v without a report", after, before, now-5*time.Second)
	}
}
