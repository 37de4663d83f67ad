package peer

import (
	"encoding/binary"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/rtcp"

	"parley/call/congestion"
)

// sendEvenly sends frames for two thirds of a second, and hears that they came as they were sent.
func (r *rig) sendEvenly(t *testing.T) {
	t.Helper()
	for range 20 {
		if err := r.frame(2); err != nil {
			t.Fatal(err)
		}
		time.Sleep(33 * time.Millisecond) // of virtual time
	}
	r.hear([]rtcp.Packet{arrivedEvenly(0, 40)}, time.Now())
}

// Reports stop, and pictures wait until it is known how the path stands. Nothing more is sent that would be reported on, and no frame is made.
func TestWhatWaitsWhileThePathIsHeldGoesOutThoughNothingFollows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newHeardRig(t)
		r.sendEvenly(t)
		for !r.state().Held {
			if err := r.frame(1); err != nil {
				t.Fatal(err)
			}
			time.Sleep(33 * time.Millisecond)
		}
		if err := r.frame(5); err != nil {
			t.Fatal(err)
		}
		if n := len(r.network.of(videoSSRC)); n == int(r.next) {
			t.Fatal("nothing waits")
		}
		time.Sleep(10 * time.Second)
		if n := len(r.network.of(videoSSRC)); n != int(r.next) {
			t.Errorf("%d packets of %d went out", n, r.next)
		}
	})
}

// The path is known to be wide, and then no report comes any more, while frames are made for the wide path still: its rate is halved again and again.
func TestWhatWasMadeForAWiderPathIsLetGoAndTheTrackGoesOnAfresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newHeardRig(t)
		r.sendEvenly(t)
		afresh, refused := map[uint16]bool{}, false // first packets of frames after one that was refused, which are key frames
		for range 120 {
			first := r.next
			if err := r.frame(20); err != nil {
				refused = true
			} else {
				afresh[first], refused = refused, false
			}
			time.Sleep(33 * time.Millisecond)
			r.state()
		}
		time.Sleep(time.Minute) // until nothing waits
		sent := map[uint16]bool{}
		for _, p := range r.network.of(videoSSRC) {
			sent[p.SequenceNumber] = true
		}
		var gone []uint16
		for n := range r.next {
			switch {
			case !sent[n]:
				gone = append(gone, n)
			case n > 0 && !sent[n-1] && !afresh[n]:
				t.Errorf("after a gap the track goes on with packet %d, which is not of a key frame", n)
			}
		}
		if len(gone) == 0 {
			t.Fatal("all that was made for a wide path was sent over a narrow one")
		}
		before := len(r.network.of(repairSSRC))
		r.ask(gone[0])
		synctest.Wait()
		if n := len(r.network.of(repairSSRC)) - before; n > 0 {
			t.Errorf("%d packets that nobody needs any more were sent", n)
		}
		_ = r.frame(1) // may be the one that is refused
		for n := range mostStored + 100 {
			if err := r.frame(1); err != nil {
				t.Fatalf("later, frame %d is refused: %v", n, err)
			}
			time.Sleep(3 * time.Second) // which any path bears
		}
	})
}

func TestNothingFromBeforeAKeyFrameHoldsItUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newHeardRig(t)
		_ = r.frame(20)
		r.ask(0, 1) // which waits, too
		r.mu.Lock()
		r.drop()
		r.mu.Unlock()
		r.ask(0, 1)
		if err := r.frame(1); !errors.Is(err, errBusy) {
			t.Fatalf("the next frame need be none that stands alone: %v", err)
		}
		key := r.next
		_ = r.frame(1)
		time.Sleep(time.Second)
		var sent []uint16
		for _, p := range r.network.of(repairSSRC) {
			sent = append(sent, binary.BigEndian.Uint16(p.payload))
		}
		if len(sent) > 0 {
			t.Errorf("%d are sent again", sent)
		}
		r.ask(key)
		synctest.Wait()
		if n := len(r.network.of(repairSSRC)); n != 1 {
			t.Errorf("the key frame that got lost is sent again %d times", n)
		}
	})
}

func TestThePathIsBusyBeforeAFrameIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newHeardRig(t)
		if r.late(time.Now()) {
			t.Error("nothing waits")
		}
		for !r.late(time.Now()) {
			if err := r.frame(2); err != nil {
				t.Fatal("a frame is refused before anybody was told that it would be late")
			}
		}
		if err := r.frame(2); err != nil {
			t.Error("a frame that will be a bit late is refused")
		}
		time.Sleep(400 * time.Millisecond) // at four times the target's pace
		if r.late(time.Now()) {
			t.Error("all has gone out")
		}
	})
}

// Where sound takes all that is known of the path, pictures wait until more is known; but for the first, by which alone more could be known.
func TestTheFirstPictureGoesOutThoughSoundTakesAllThatIsKnownOfThePath(t *testing.T) {
	for _, pictures := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t)
			talk := func() {
				for range 200 {
					r.mu.Lock()
					r.cached, r.looked = congestion.State{Target: 60_000, Pace: 60_000, Reported: true, Pictures: pictures}, time.Now()
					r.pace.set(r.cached, r.looked)
					r.mu.Unlock()
					r.speak()
					time.Sleep(10 * time.Millisecond) // what is known must not become old
				}
			}
			talk()
			_ = r.frame(3)
			talk()
			if went := len(r.network.of(videoSSRC)) == 3; went == pictures {
				t.Errorf("where one came before: %v, a picture went out in two seconds: %v", pictures, went)
			}
		})
	}
}

func TestRepairPacketsAndWhatIsSentAgainShareOneBudget(t *testing.T) {
	const target = 800_000
	again := func(protected int) (bytes int) {
		p, now := pacer{target: target}, time.Now()
		p.allow(now)
		for range 100 {
			now = now.Add(10 * time.Millisecond)
			p.protects(protected/100, now)
			for p.addRepair(nil, &stored{payload: make([]byte, 500)}, now) {
				bytes += p.repairs.pop().size
			}
		}
		return bytes
	}
	const most = repairShare * target / 8 // in a second, and what may go at once
	alone, beside := again(0), again(most/2)
	if alone < most || alone > most+repairsAtOnce+most/4 {
		t.Errorf("%d bytes were sent again in a second, of %.0f that may be", alone, most)
	}
	if saved := alone - beside; saved < most*4/10 || saved > most*6/10 {
		t.Errorf("%d bytes were sent again in a second beside %.0f of repair packets, %d without", beside, most/2, alone)
	}
}
