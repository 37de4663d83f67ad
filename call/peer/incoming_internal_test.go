package peer

import (
	"math"
	"testing"
	"time"

	"github.com/pion/rtp"
)

// way is the path from a peer, as a link with one queue, and what this side sees of it. The peer's clock is another one than this side's.
type way struct {
	incoming
	bitRate float64       // that it passes
	most    time.Duration // for which packets wait; others are lost
	loses   func(n int) bool
	drift   float64 // of the peer's clock

	now    time.Time // at the peer, by this side's clock
	stands time.Time // until when the peer's machine stands still: packets say when they were made, and go out afterwards
	free   time.Time // from when on the link passes the next
	number uint16
	sent   int
	begins []time.Time                     // of jams
	tell   func(p arrival, came time.Time) // takes what comes in place of w's own incoming; nil is that
}

const wayLasts = 50 * time.Millisecond

func newWay(bitRate float64) *way {
	return &way{bitRate: bitRate, most: 300 * time.Millisecond, now: time.Unix(1_800_000_000, 0), loses: func(int) bool { return false }}
}

// send lets the peer send a packet.
func (w *way) send(size int, picture bool) {
	w.number++
	w.sent++
	out := later(w.now, w.stands)
	w.free = later(w.free, out)
	if w.free.Sub(out) > w.most || w.loses(w.sent) {
		return
	}
	w.free = w.free.Add(time.Duration(float64(8*size) / w.bitRate * float64(time.Second)))
	p := arrival{number: w.number, size: size, picture: picture, timed: true}
	said := time.Duration(float64(w.now.UnixNano()) * (1 + w.drift))
	p.sent = rtp.AbsSendTimeExtension{Timestamp: uint64(said/time.Microsecond) << 18 / 1e6 & (1<<24 - 1)}
	came := w.free.Add(wayLasts)
	if w.tell != nil {
		w.tell(p, came)
	} else if w.note(p, came) {
		w.begins = append(w.begins, came)
	}
}

// call lets the peer send sound and, at that rate, pictures of 30 frames a second, each evenly over the time of a third of a frame.
func (w *way) call(lasts time.Duration, bitRate float64) {
	credit := 0.0
	for n := 0; n < int(300*lasts.Seconds()); n++ {
		if n%6 == 0 {
			w.send(180, false)
		}
		if credit += bitRate / 8 / 300; n%10 < 3 {
			for credit >= 100 {
				size := min(credit, 1150)
				credit -= size
				w.send(int(size), true)
			}
		}
		w.now = w.now.Add(time.Second / 300)
	}
}

// here is when what was sent last has come, or could have.
func (w *way) here() time.Time { return later(w.free, w.now).Add(wayLasts) }

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func TestTheWidthOfAPathIsSeenByWhatLargePacketsTakeLonger(t *testing.T) {
	for _, bitRate := range []float64{300_000, 1_000_000, 3_000_000} {
		w := newWay(bitRate)
		w.call(2*time.Second, bitRate/3)
		if width := w.heard.width(); math.Abs(width/bitRate-1) > 0.2 {
			t.Errorf("a path of %.0f bit/s is taken to be %.0f wide", bitRate, width)
		}
	}
	w := newWay(300_000)
	w.call(2*time.Second, 0)
	if width := w.heard.width(); width != 0 {
		t.Errorf("by sound alone it is taken to be %.0f wide", width)
	}
}

func TestWhatIsLostIsCountedAndWhatIsOvertakenIsNot(t *testing.T) {
	w := newWay(3_000_000)
	w.loses = func(n int) bool { return n%5 == 0 }
	w.call(2*time.Second, 500_000)
	if loss := w.heard.loss(); math.Abs(loss-0.2) > 0.01 {
		t.Errorf("of a fifth that was lost %.3f were counted", loss)
	}
	var i incoming
	for _, number := range []uint16{65_533, 65_535, 65_534, 0, 2, 3, 1} {
		i.note(arrival{number: number}, time.Unix(0, 0))
	}
	if i.heard.lost != 0 {
		t.Errorf("%d packets that were overtaken count as lost", i.heard.lost)
	}
	i.note(arrival{number: 40_000}, time.Unix(0, 0))
	if i.heard.lost != 0 {
		t.Errorf("%d packets of a peer that began anew count as lost", i.heard.lost)
	}
}

// The peer's clock begins anew after 64 s, and no two clocks are equally fast.
func TestAClockThatIsFasterIsNoQueue(t *testing.T) {
	for _, drift := range []float64{-200e-6, 200e-6} {
		w := newWay(3_000_000)
		w.drift = drift
		w.call(150*time.Second, 500_000)
		if w.heard.waits() || len(w.begins) > 0 {
			t.Errorf("with a drift of %v %d of %d packets waited, and %d jams began", drift, w.heard.waited, w.heard.packets, len(w.begins))
		}
	}
}

func TestPacketsThatWaitForOneAnotherAreSeen(t *testing.T) {
	w := newWay(500_000)
	w.call(2*time.Second, 100_000)
	w.second(w.here())
	w.call(2*time.Second, 480_000)
	if !w.heard.waits() {
		t.Errorf("on a full path %d of %d packets waited", w.heard.waited, w.heard.packets)
	}
}
