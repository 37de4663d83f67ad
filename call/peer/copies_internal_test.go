package peer

import (
	"encoding/binary"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"parley/call/congestion"
)

// protected is a rig whose path is worth that share of repair packets, for a peer who knows none.
func protected(t *testing.T, worth float64) *rig {
	r := newRig(t)
	worthIt := new(share)
	worthIt.Store(math.Float64bits(worth))
	r.protectBy(worthIt)
	r.begin()
	return r
}

// film writes frames of so many packets for some seconds.
func (r *rig) film(packets int, d time.Duration) {
	for range int(d / (33 * time.Millisecond)) {
		_ = r.frame(packets)
		time.Sleep(33 * time.Millisecond)
		r.state() // as it is asked for regularly
	}
}

func TestAPeerWithoutParitiesGetsEachPacketAgainWhereThereIsRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := protected(t, 0.3)
		r.control = congestion.New(congestion.Config{Start: 2_000_000}, time.Now()) // room from the first packet on
		r.begin()
		r.film(1, 3*time.Second)
		sent, copies := r.network.of(videoSSRC), r.network.of(repairSSRC)
		if len(copies) != len(sent) {
			t.Fatalf("%d copies of %d packets", len(copies), len(sent))
		}
		bytes := 0
		for _, p := range sent {
			bytes += len(p.payload)
		}
		if got := r.retransmissions(videoSSRC); got != (RetransmissionStats{uint64(len(copies)), uint64(bytes)}) {
			t.Errorf("the statistics tell of %+v, sent were %d packets of %d bytes", got, len(copies), bytes)
		}
		for i, p := range copies {
			if number := binary.BigEndian.Uint16(p.payload); number != sent[i].SequenceNumber || p.PayloadType != 97 {
				t.Fatalf("copy %d is of packet %d: %+v", i, number, p.Header)
			}
			if late := p.at.Sub(sent[i].at); late > 30*time.Millisecond {
				t.Errorf("copy %d came %v late", i, late)
			}
		}
	})
}

func TestCopiesKeepToALimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const limit, seconds = 400_000, 4
		r := protected(t, 0.3)
		r.control = congestion.New(congestion.Config{Start: 2_000_000}, time.Now())
		r.begin()
		r.limitTo(limit)
		r.film(1, seconds*time.Second) // 300 kbit/s
		bits := 0
		for _, p := range append(r.network.of(videoSSRC), r.network.of(repairSSRC)...) {
			bits += 8 * (p.MarshalSize() + len(p.payload) + headers)
		}
		if rate := bits / seconds; rate > limit-reportsUsual || len(r.network.of(repairSSRC)) == 0 {
			t.Errorf("%d bit/s are sent with %d copies, where the limit is %d", rate, len(r.network.of(repairSSRC)), limit)
		}
	})
}

func TestWhereMuchIsLostEachPacketIsCopiedTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := protected(t, 0.3)
		r.mu.Lock()
		r.cached.PathLoss, r.cached.Target, r.cached.Sent, r.cached.Repairs = 0.2, 2_000_000, 400_000, 200_000
		r.mu.Unlock()
		_ = r.frame(2)
		time.Sleep(30 * time.Millisecond)
		if n := len(r.network.of(repairSSRC)); n != 4 {
			t.Errorf("%d copies of 2 packets", n)
		}
	})
}

// lossy is what a path of that target bears of which that much is lost.
func (r *rig) lossy(loss float64, target int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cached.PathLoss, r.cached.Target, r.cached.Sent, r.cached.Repairs = loss, target, target, target/2
	r.looked = time.Now()
}

func TestWhereMuchIsLostWhatIsAskedForIsSentTwice(t *testing.T) {
	for loss, want := range map[float64]int{0.05: 1, 0.1: 2} {
		synctest.Test(t, func(t *testing.T) {
			r := protected(t, 0.3)
			first := r.next
			_ = r.frame(1)
			time.Sleep(100 * time.Millisecond)
			before := len(r.network.of(repairSSRC))
			r.lossy(loss, 1_000_000)
			r.ask(first)
			time.Sleep(100 * time.Millisecond)
			if n := len(r.network.of(repairSSRC)) - before; n != want {
				t.Errorf("%v lost: sent %d times", loss, n)
			}
		})
	}
}

func TestPicturesMakeRoomForCopiesOnlyWhereVeryMuchIsLost(t *testing.T) {
	for _, c := range []struct {
		loss         float64
		target, want int
	}{
		{0.2, 2_000_000, 800_000},
		{0.2, 600_000, leastBesideCopies},
		{0.2, 200_000, 200_000},
		{0.1, 2_000_000, 2_000_000},
	} {
		if got := besideCopies(congestion.State{Target: c.target, PathLoss: c.loss}).BitRate; got != c.want {
			t.Errorf("%+v: %d bit/s", c, got)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		for worth, want := range map[float64]bool{0: false, 0.3: true} {
			r := protected(t, worth)
			r.mu.Lock()
			got := r.copying(r.streams[videoSSRC])
			r.mu.Unlock()
			if got != want {
				t.Errorf("copies where %v is worth it: %v", worth, got)
			}
		}
	})
}

func TestCopiesTakeNothingFromPictures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := protected(t, 0.5)
		r.film(3, 3*time.Second) // 900 kbit/s: all that there is
		if sent, copies := len(r.network.of(videoSSRC)), len(r.network.of(repairSSRC)); sent < 260 || copies > sent/4 {
			t.Errorf("%d packets and %d copies", sent, copies)
		}
	})
}

func TestNothingIsCopiedWhereItIsNotWorthIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := protected(t, 0)
		r.film(1, time.Second)
		if copies := r.network.of(repairSSRC); len(copies) > 0 {
			t.Errorf("%d copies", len(copies))
		}
	})
}

func TestAPacketThatWasAskedForIsNotCopiedAsWell(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := protected(t, 0.3)
		first := r.next
		if err := r.frame(20); err != nil { // it is paced
			t.Fatal(err)
		}
		r.ask(first)
		time.Sleep(500 * time.Millisecond)
		copies := map[uint16]int{}
		for _, p := range r.network.of(repairSSRC) {
			copies[binary.BigEndian.Uint16(p.payload)]++
		}
		if copies[first] > 1 {
			t.Errorf("sent again %d times", copies[first])
		}
	})
}
