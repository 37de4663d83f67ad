package congestion_test

import (
	"testing"
	"time"
)

// held lives from one time to another, and returns for which share of it pictures were held.
func held(f *flow, from, to time.Duration) (share float64) {
	n, all := 0, 0
	for now := from; now < to; now += step {
		f.step(now)
		if all++; f.c.State(epoch.Add(now)).Held {
			n++
		}
	}
	return float64(n) / float64(all)
}

// untilHeld lives on from some time until pictures are held, for two seconds at the most, and returns how long that took.
func untilHeld(f *flow, from time.Duration) time.Duration {
	now := from
	for now < from+2*time.Second && !f.c.State(epoch.Add(now)).Held {
		f.step(now)
		now += step
	}
	return now - from
}

func TestPicturesAreHeldOnceAReportIsOverdueAndNotBefore(t *testing.T) {
	seeds(t, func(t *testing.T, seed uint64) {
		f := newFlow(seed, newLink(seed, nil), 1_000_000)
		run(0, 10*time.Second, f)
		if share := held(f, 10*time.Second, 20*time.Second); share > 0 {
			t.Errorf("seed %d: held %.1f %% of the time, though each report comes in time", seed, 100*share)
		}
		for began := 20 * time.Second; began < 30*time.Second; began += 3500 * time.Millisecond {
			f.lossBack = 1
			// A packet is as old as the period of reports and a round trip, at the most, when it is told of; 75 ms more are overdue.
			after := untilHeld(f, began)
			if after < 75*time.Millisecond || after > 350*time.Millisecond {
				t.Errorf("seed %d: held from %v after the last report on", seed, after)
			}
			run(began+after, began+2500*time.Millisecond, f)
			f.lossBack = 0
			run(began+2500*time.Millisecond, began+3*time.Second, f)
			if share := held(f, began+3*time.Second, began+3500*time.Millisecond); share > 0 {
				t.Errorf("seed %d: reports come again, and pictures are held %.1f %% of the time", seed, 100*share)
			}
		}
	})
}

func TestAReportThatIsLateAsUsualIsNotOverdue(t *testing.T) {
	seeds(t, func(t *testing.T, seed uint64) {
		l := newLink(seed, nil)
		f := newFlow(seed, l, 1_000_000)
		l.jitter = 20 * time.Millisecond
		f.late = 250 * time.Millisecond // reports wait on their way back
		run(0, 20*time.Second, f)
		if share := held(f, 20*time.Second, 40*time.Second); share > 0.02 {
			t.Errorf("seed %d: held %.1f %% of the time", seed, 100*share)
		}
	})
}

func TestReportsThatAreLostAsPacketsAreHoldNoPictures(t *testing.T) {
	for _, loss := range []float64{0.05, 0.1, 0.2} {
		seeds(t, func(t *testing.T, seed uint64) {
			l := newLink(seed, nil)
			l.loss = loss
			f := newFlow(seed, l, 1_000_000)
			f.lossBack = loss
			run(0, 10*time.Second, f)
			if share := held(f, 10*time.Second, 40*time.Second); share > 0.005 {
				t.Errorf("seed %d, %v lost: held %.1f %% of the time", seed, loss, 100*share)
			}
		})
	}
}

func TestAPathThatLosesMuchAndBecomesNarrowHoldsPicturesToo(t *testing.T) {
	seeds(t, func(t *testing.T, seed uint64) {
		fell := 10 * time.Second
		l := newLink(seed, func(now time.Duration) float64 {
			if now < fell {
				return 3_000_000
			}
			return 300_000
		})
		l.loss = 0.1
		f := newFlow(seed, l, 2_000_000)
		f.lossBack = 0.1
		run(0, fell, f)
		if after := untilHeld(f, fell); after > 700*time.Millisecond {
			t.Errorf("seed %d: held from %v after the fall on", seed, after)
		}
	})
}

func TestALongQueueThatWasNotThereBeforeHoldsPictures(t *testing.T) {
	seeds(t, func(t *testing.T, seed uint64) {
		fell := 10 * time.Second
		f := newFlow(seed, newLink(seed, func(now time.Duration) float64 {
			if now < fell {
				return 3_000_000
			}
			return 300_000
		}), 2_000_000)
		f.late = 300 * time.Millisecond // so that a report may be long in coming
		run(0, fell, f)
		if after := untilHeld(f, fell); after > 600*time.Millisecond {
			t.Errorf("seed %d: held from %v after the fall on", seed, after)
		}
	})
}
