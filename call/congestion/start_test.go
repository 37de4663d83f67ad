package congestion_test

import (
	"testing"
	"time"
)

// The reports wait on their way back, behind what the peer sends at first.
func TestWhatIsSentFirstDoesNotOverflowAPathOf500Kilobits(t *testing.T) {
	seeds(t, func(t *testing.T, seed uint64) {
		l := newLink(seed, always(500_000))
		f := newFlow(seed, l, 2_000_000)
		f.period, f.back = 50*step, l.delay+150*step
		run(0, 3*time.Second, f)
		if l.dropped > 0 || l.longest > 250*time.Millisecond {
			t.Errorf("seed %d: the queue grew to %v, %d packets were dropped", seed, l.longest, l.dropped)
		}
	})
}

func TestWhereNoReportComesTheStartIsOverAfterASecond(t *testing.T) {
	f := newFlow(1, newLink(1, nil), 2_000_000)
	f.lossBack = 1
	run(0, 900*step, f)
	early := f.targets[len(f.targets)-1]
	run(900*step, 1500*step, f)
	if later := f.targets[len(f.targets)-1]; early >= later || later != 900_000 {
		t.Errorf("%.0f bit/s at first, then %.0f", early, later)
	}
}
