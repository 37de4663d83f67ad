package peer

import (
	"encoding/binary"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/interceptor/pkg/twcc"
	"github.com/pion/rtp"
)

// storing is a store into which packets come that are sent at once.
type storing struct {
	packetStore
	header  rtp.Header
	payload [1200]byte
	now     time.Time
}

func newStoring() *storing {
	return &storing{header: rtp.Header{SequenceNumber: 65_000}, now: time.Now()}
}

func (s *storing) puts(packets int, apart time.Duration) {
	for range packets {
		s.header.SequenceNumber++
		s.now = s.now.Add(apart)
		if p := s.put(&s.header, s.payload[:], s.now); p != nil {
			p.sent = s.now
		}
	}
}

func (s *storing) find(ago int) *stored {
	return s.packetStore.find(s.header.SequenceNumber - uint16(ago))
}

// holds is how many packets' payloads are in memory.
func (s *storing) holds() int {
	n := len(s.spare)
	for i := range s.slots {
		if s.slots[i].payload != nil {
			n++
		}
	}
	return n
}

func TestPacketsAreKeptForAsLongAsSomebodyMayAskForThem(t *testing.T) {
	s := newStoring()
	s.puts(3000, 5*time.Millisecond)
	kept := int(keepFor / (5 * time.Millisecond))
	if s.find(kept-1) == nil {
		t.Errorf("one that was sent less than %v ago is gone", keepFor)
	}
	if s.find(kept+1) != nil {
		t.Errorf("one that was sent more than %v ago is still there", keepFor)
	}
}

func TestAStoreTakesMemoryForWhatItKeepsAlone(t *testing.T) {
	s := newStoring()
	s.puts(3000, time.Millisecond) // more than there is room for
	s.puts(2000, 10*time.Millisecond)
	if kept := int(keepFor / (10 * time.Millisecond)); s.holds() > kept+fewestStored {
		t.Errorf("it has memory for %d packets, and keeps %d", s.holds(), kept)
	}
}

func TestAStoreKeepsTheLastPacketsWhereThereIsNoRoomForAll(t *testing.T) {
	s := newStoring()
	s.puts(5000, 100*time.Microsecond)
	for ago := range mostStored {
		if s.find(ago) == nil {
			t.Fatalf("of the last %d, the one before %d others is gone", mostStored, ago)
		}
	}
}

func TestAStoreThatHasItsSizeAllocatesNothing(t *testing.T) {
	s := newStoring()
	s.puts(5000, 5*time.Millisecond)
	if n := testing.AllocsPerRun(5000, func() { s.puts(1, 5*time.Millisecond) }); n != 0 {
		t.Errorf("%v allocations a packet", n)
	}
}

func TestAPacketThatStillWaitsIsNotLetGoOf(t *testing.T) {
	s := newStoring()
	s.puts(1, time.Millisecond)
	s.find(0).sent = time.Time{}
	s.puts(2*fewestStored, keepFor)
	if s.find(2*fewestStored) == nil {
		t.Error("it is gone")
	}
}

func TestTheLastFewPacketsAreKeptHoweverOldTheyAre(t *testing.T) {
	s := newStoring()
	s.puts(1000, time.Minute)
	for ago := range fewestStored {
		if s.find(ago) == nil {
			t.Fatalf("the one before %d others is gone", ago)
		}
	}
}

// A request that is made again, since the answer to the first is still under way, is answered once; and one that is made for ever, by a peer who cannot
// or will not take the answer, not for ever.
func TestAPacketIsSentAgainOnceInMostOfARoundTripAndNotWithoutEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		_ = r.frame(1)
		time.Sleep(100 * time.Millisecond)
		for range 3 {
			r.ask(0)
			time.Sleep(2 * time.Millisecond)
		}
		if n := len(r.network.of(repairSSRC)); n != 1 {
			t.Errorf("asked for three times in 6 ms, it was sent %d times", n)
		}
		for range 50 {
			time.Sleep(30 * time.Millisecond)
			r.ask(0)
		}
		time.Sleep(100 * time.Millisecond)
		if n := len(r.network.of(repairSSRC)); n < 2 || n > mostResends {
			t.Errorf("asked for fifty times, it was sent %d times", n)
		}
	})
}

// The peer sees that a picture is missing by the next one alone, which this side sends once it has heard of the peer again.
func TestWhatWasLostInAGapIsSentAgainUnasked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const trip = 100 * time.Millisecond
		r := newHeardRig(t)
		recorder, told := twcc.NewRecorder(1), len(r.network.all())
		live := func(lasts time.Duration, gone bool) {
			for began, n := time.Now(), 0; time.Since(began) < lasts; n++ {
				if r.speak(); n%2 == 0 {
					_ = r.frame(2)
				}
				time.Sleep(20 * time.Millisecond)
				for _, p := range r.network.all()[told:] {
					if told++; !gone {
						recorder.Record(1, p.number, p.at.Add(trip/2).UnixMicro())
					}
				}
				if n%3 == 0 && !gone {
					report := recorder.BuildFeedbackPacket()
					time.AfterFunc(trip, func() { r.hear(report, time.Now()) })
				}
			}
		}
		live(4*time.Second, false)
		again := func() (sequences []uint16) {
			for _, p := range r.network.of(repairSSRC) {
				if !p.Padding {
					sequences = append(sequences, binary.BigEndian.Uint16(p.payload))
				}
			}
			return sequences
		}
		from := len(r.network.of(videoSSRC))
		live(200*time.Millisecond, true)
		var want []uint16
		for _, p := range r.network.of(videoSSRC)[from:] {
			want = append(want, p.SequenceNumber)
		}
		live(300*time.Millisecond, false)
		got := again()
		if len(want) == 0 || !slices.Equal(got, want) {
			t.Errorf("%d were lost, and sent again %d", want, got)
		}
		// Chromium asks all the same by the next picture, and only what it asks for later did not arrive.
		for _, then := range []struct {
			after time.Duration
			again int
		}{{0, 0}, {2 * trip, len(want)}} {
			time.Sleep(then.after)
			before := len(again())
			r.ask(got...)
			time.Sleep(trip / 2)
			if n := len(again()) - before; n != then.again {
				t.Errorf("asked for them after %v, %d are sent again", then.after, n)
			}
		}
	})
}

// Padding on a stream of which nothing flows would look for a better path for nobody.
func TestNoPaddingGoesOutWhereNoPictureFlowsOrIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		padder := func(short bool) *outgoing {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.cached.Short = short
			return r.padder(time.Now())
		}
		if padder(true) != nil {
			t.Error("padding goes out before any picture did")
		}
		_ = r.frame(1)
		if padder(true) != nil {
			t.Error("padding goes out before any picture came")
		}
		r.cached.Pictures = true
		if padder(false) == nil {
			t.Error("none goes out beside a picture that flows")
		}
		time.Sleep(2 * time.Second)
		if padder(false) != nil {
			t.Error("padding goes out two seconds after the last picture, though nobody wants more")
		}
		if padder(true) == nil {
			t.Error("none goes out where pictures wait for a better path")
		}
	})
}
