package video_test

import (
	"testing"
	"time"

	"parley/call/impair"
)

func TestALossyPathSeldomFreezes(t *testing.T) {
	const long, calls = 20 * time.Second, 4
	for _, c := range []struct {
		name      string
		loss      float64
		frozen    time.Duration // in the mean, at the most
		shown     float64       // share of the frames, at the least
		held      time.Duration // in the mean, at the most
		asked     float64       // for each repair, at the most
		keyFrames int           // asked for in all calls, at the most
	}{
		{"1 %", 0.01, 100 * time.Millisecond, 0.97, 200 * time.Millisecond, 1.5, 0},
		{"5 %", 0.05, 200 * time.Millisecond, 0.95, 300 * time.Millisecond, 3, 2},
		{"10 %", 0.10, 300 * time.Millisecond, 0.95, 400 * time.Millisecond, 3, 4},
		{"20 %", 0.20, 1700 * time.Millisecond, 0.88, 550 * time.Millisecond, 4, 16},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			path := impair.Conditions{Delay: oneWay, Loss: c.loss}
			var frozen, held time.Duration
			var shown, sent, asked, repairs, keyFrames int
			for seed := range uint64(calls) {
				o := through(t, 100*seed+1, path, path, long, nil)
				t.Log(o)
				frozen += o.in.TotalFreezesDuration / calls
				held += o.delay() / calls
				shown, sent = shown+len(o.pictures), sent+o.out.FramesSent
				asked, repairs = asked+o.asked, repairs+o.repairs
				keyFrames += o.in.PLICount
			}
			if frozen > c.frozen || float64(shown) < c.shown*float64(sent) {
				t.Errorf("frozen for %v of %v; %d of %d frames were shown", frozen, long, shown, sent)
			}
			if held > c.held {
				t.Errorf("frames were held for %v", held)
			}
			if float64(asked) > c.asked*float64(repairs) || keyFrames > c.keyFrames {
				t.Errorf("asked %d times for %d repairs, and for %d key frames", asked, repairs, keyFrames)
			}
		})
	}
}

func TestRepairsAreCountedAmongWhatCameAndByThemselves(t *testing.T) {
	t.Parallel()
	good := impair.Conditions{Delay: oneWay}
	o := through(t, 1, good, good, 8*time.Second, func(n *network, _ func() time.Duration) {
		time.Sleep(time.Second)
		n.set(impair.Conditions{Black: true}, good)
		time.Sleep(200 * time.Millisecond)
		n.set(good, good) // only what was lost before is sent again, and all of that comes
	})
	if in := o.in; in.RetransmittedPacketsReceived == 0 || in.RetransmittedPacketsReceived != o.repairs || in.RetransmittedBytesReceived != o.repaired {
		t.Errorf("%d bytes in %d repairs; told is %d in %d", o.repaired, o.repairs, in.RetransmittedBytesReceived, in.RetransmittedPacketsReceived)
	}
	onTheWay := o.out.PacketsSent - o.in.PacketsReceived
	if bytes := o.out.BytesSent - o.in.BytesReceived; onTheWay < 0 || onTheWay >= o.repairs || bytes < onTheWay || bytes > 1200*onTheWay {
		t.Errorf("%d packets of %d bytes were sent and did not come", onTheWay, bytes)
	}
}

func TestAnEvenPathHoldsNothing(t *testing.T) {
	t.Parallel()
	o := through(t, 1, impair.Conditions{Delay: oneWay, Jitter: 10 * time.Millisecond}, impair.Conditions{Delay: oneWay}, 5*time.Second, nil)
	if o.asked > 0 || o.in.FreezeCount > 0 || o.in.FramesDropped > 0 {
		t.Error(o)
	}
	if o.in.JitterBufferTargetDelay > 0 || o.longest() > frameTime+11*time.Millisecond {
		t.Errorf("target %v in all; %v", o.in.JitterBufferTargetDelay, o)
	}
}

func TestAReorderedPathIsAskedForNearlyNothing(t *testing.T) {
	t.Parallel()
	path := impair.Conditions{Delay: oneWay, Reorder: 0.1, ReorderBy: 25 * time.Millisecond}
	o := through(t, 2, path, impair.Conditions{Delay: oneWay}, 20*time.Second, nil)
	if o.repairs > 5 || o.in.FreezeCount > 0 || o.in.PacketsLost > 0 || o.in.PLICount > 0 {
		t.Error(o)
	}
}

func TestWhatComesTwiceIsShownOnce(t *testing.T) {
	t.Parallel()
	path := impair.Conditions{Delay: oneWay, Duplicate: 0.5, Loss: 0.02}
	o := through(t, 3, path, path, 10*time.Second, nil)
	if len(o.pictures) < 290 || o.in.FreezeCount > 0 || o.in.PacketsDiscarded < o.out.PacketsSent/3 {
		t.Error(o)
	}
}

func TestBurstsOfLossAndJitterAreBridged(t *testing.T) {
	t.Parallel()
	path := impair.Conditions{Delay: oneWay, Loss: 0.05, Burst: 5, Jitter: 40 * time.Millisecond, Reorder: 0.02}
	o := through(t, 4, path, path, 20*time.Second, nil)
	if o.in.TotalFreezesDuration > 2*time.Second || len(o.pictures) < 540 {
		t.Error(o)
	}
}

func TestTheDelayShrinksAgainAfterABadTime(t *testing.T) {
	t.Parallel()
	good := impair.Conditions{Delay: oneWay}
	bad := impair.Conditions{Delay: oneWay, Loss: 0.2}
	var during, later time.Duration
	o := through(t, 5, bad, bad, 40*time.Second, func(n *network, held func() time.Duration) {
		time.Sleep(10 * time.Second)
		n.set(good, good)
		during = held()
		time.Sleep(25 * time.Second)
		held()
		time.Sleep(4 * time.Second)
		later = held()
	})
	if during < 200*time.Millisecond || later > 5*time.Millisecond {
		t.Errorf("held for %v in a bad time and for %v after it; %v", during, later, o)
	}
}

func TestThePictureReturnsSoonAfterABlackOut(t *testing.T) {
	t.Parallel()
	good := impair.Conditions{Delay: oneWay, Loss: 0.02}
	for _, dark := range []time.Duration{300 * time.Millisecond, 2 * time.Second, 10 * time.Second} {
		var from time.Time
		o := through(t, 6, good, good, dark+8*time.Second, func(n *network, _ func() time.Duration) {
			time.Sleep(4 * time.Second)
			n.set(impair.Conditions{Black: true}, impair.Conditions{Black: true})
			time.Sleep(dark)
			n.set(good, good)
			from = time.Now()
		})
		for _, p := range o.pictures {
			if p.at.After(from.Add(oneWay)) {
				if back := p.at.Sub(from); back > 1500*time.Millisecond {
					t.Errorf("%v after a black-out of %v there was a picture again; %v", back, dark, o)
				}
				break
			}
		}
		if last := o.pictures[len(o.pictures)-1].at; o.in.FreezeCount > 2 || last.Before(from.Add(3*time.Second)) {
			t.Errorf("a black-out of %v: %v", dark, o)
		}
	}
}
