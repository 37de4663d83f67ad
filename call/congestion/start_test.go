package congestion_test

import (
	"testing"
	"time"

	"github.com/pion/interceptor/pkg/twcc"
	"github.com/pion/rtcp"

	"parley/call/congestion"
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

// afterThree returns what is known before and after it is told how a first picture of three packets came over a link.
func afterThree(l *link) (before, after congestion.State) {
	c, recorder := congestion.New(congestion.Config{}, epoch), twcc.NewRecorder(1)
	for range 3 {
		number := c.Send(packetSize, congestion.Video, epoch)
		if at, ok := l.carry(0, packetSize); ok {
			recorder.Record(2, number, at.Microseconds())
		}
	}
	now := epoch
	for ; now.Before(epoch.Add(500 * step)); now = now.Add(10 * step) {
		before = c.State(now) // as it is asked for regularly
	}
	for _, f := range recorder.BuildFeedbackPacket() {
		c.Feedback(f.(*rtcp.TransportLayerCC), now)
	}
	return before, c.State(now)
}

func TestTheFirstPictureTellsHowNarrowAPathIs(t *testing.T) {
	for _, rate := range []float64{100_000, 200_000, 300_000, 500_000} {
		_, after := afterThree(newLink(1, always(rate)))
		if target := float64(after.Target); target < 0.7*rate || target > 0.85*rate {
			t.Errorf("%d bit/s are sent over a path of %.0f, of which nothing else is known", after.Target, rate)
		}
		if after.Held {
			t.Error("pictures wait for the queue that the first of them made")
		}
	}
}

func TestAfterTheFirstPictureLittleIsSentUntilItIsKnownToHaveComeAtOnce(t *testing.T) {
	before, after := afterThree(newLink(1, nil))
	if before.Pace > 200_000 || !before.Opening {
		t.Errorf("%d bit/s may follow, of which nobody knows whether they come", before.Pace)
	}
	if after.Target < 500_000 || after.Pace < 500_000 || after.Opening {
		t.Errorf("%d bit/s, and %d at once, are sent over a wide path", after.Target, after.Pace)
	}
}

func TestAPathThatIsUnevenIsNotTakenForANarrowOne(t *testing.T) {
	l := newLink(1, nil)
	c, recorder := congestion.New(congestion.Config{}, epoch), twcc.NewRecorder(1)
	for _, at := range []time.Duration{80, 90, 140, 150} { // ms
		number := c.Send(packetSize, congestion.Video, epoch)
		recorder.Record(2, number, (at*step + l.delay).Microseconds())
	}
	now := epoch.Add(60 * step)
	for _, f := range recorder.BuildFeedbackPacket() {
		c.Feedback(f.(*rtcp.TransportLayerCC), now)
	}
	if s := c.State(now); s.Target < 500_000 || s.Opening {
		t.Errorf("%d bit/s are sent", s.Target)
	}
}
