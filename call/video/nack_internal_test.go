package video

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"parley/call/impair"
)

// moment is a time in tests that have no clock.
func moment(d time.Duration) time.Time { return time.Unix(1_000, 0).Add(d) }

const ms = time.Millisecond

func TestAPacketIsAskedForAgainAfterARoundTrip(t *testing.T) {
	var l nackList
	l.trip.tell(80 * ms)
	l.lost(7, 8, moment(0))
	var asked []time.Duration
	for now := time.Duration(0); now < 500*ms; now += ms {
		if ask := l.due(moment(now), nil); len(ask) > 0 {
			asked = append(asked, now)
		}
	}
	if want := []time.Duration{5 * ms, 100 * ms, 195 * ms, 290 * ms, 385 * ms, 480 * ms}; !slices.Equal(asked, want) {
		t.Errorf("asked at %v, want %v", asked, want)
	}
}

func TestNothingIsAskedForThatComesByItself(t *testing.T) {
	var l nackList
	// Others overtake one packet in ten by 4 ms at first, and later by up to 40.
	asked := 0
	for n := range int64(2000) {
		late := 4 * ms
		if n > 100 {
			late = time.Duration(n%40) * ms
		}
		at := time.Duration(n) * 100 * ms
		l.lost(n, n+1, moment(at))
		for now := at; now < at+late; now += ms {
			asked += len(l.due(moment(now), nil))
		}
		l.filled(n, false, moment(at+late))
	}
	if asked > 60 {
		t.Errorf("%d packets of 2000 were asked for, and all came by themselves", asked)
	}
	if l.loss > 0.01 {
		t.Errorf("a loss of %v was seen where nothing was lost", l.loss)
	}
}

// losingOneIn returns a list that has seen a path which loses one packet in n, with a round trip of 100 ms.
func losingOneIn(n int64) *nackList {
	l := &nackList{}
	l.trip.tell(100 * ms)
	for i := range int64(1000) {
		if i%n == 0 {
			l.lost(i, i+1, moment(0))
			l.filled(i, true, moment(0))
		} else {
			l.came()
		}
	}
	return l
}

func TestWhereMuchIsLostRequestsAreRepeated(t *testing.T) {
	l := losingOneIn(10)
	l.lost(2000, 2001, moment(0))
	if first, again := l.due(moment(5*ms), nil), l.due(moment(65*ms), nil); len(first) != 1 || len(again) != 1 {
		t.Errorf("asked for %v and, half a round trip later, for %v", first, again)
	}
	// What was asked for is asked for again in the same message as something else.
	l.lost(2002, 2003, moment(85*ms))
	if ask := l.due(moment(91*ms), nil); !slices.Equal(ask, []uint16{2000, 2002}) {
		t.Errorf("asked for %v", ask)
	}
	// A sender that answers each request is asked once in a round trip.
	for range 20 {
		l.again()
	}
	l.lost(2004, 2005, moment(200*ms))
	if first, again := l.due(moment(205*ms), nil), l.due(moment(265*ms), nil); !slices.Contains(first, 2004) || slices.Contains(again, 2004) {
		t.Errorf("asked for %v and, half a round trip later, for %v", first, again)
	}
}

func TestWhereAFifthIsLostRequestsAreRepeatedThreeTimesInARoundTrip(t *testing.T) {
	l := losingOneIn(5)
	l.lost(2000, 2001, moment(0))
	asked := 0
	for now := time.Duration(0); now < 115*ms; now += ms {
		asked += len(l.due(moment(now), nil))
	}
	if asked != 3 {
		t.Errorf("asked %d times in a round trip, want 3", asked)
	}
}

func TestWhatIsMissingIsBounded(t *testing.T) {
	var l nackList
	if l.lost(0, maxMissing+1, moment(0)) || !l.lost(0, maxMissing, moment(0)) || l.lost(maxMissing, maxMissing+1, moment(0)) {
		t.Error("it is not")
	}
	total := 0
	for now := time.Duration(0); now < 20*time.Second; now += ms {
		ask := l.due(moment(now), nil)
		if len(ask) > maxBundle {
			t.Fatalf("%d packets in one message", len(ask))
		}
		total += len(ask)
	}
	if total != maxAsks*maxMissing || !l.next().IsZero() {
		t.Errorf("asked %d times for %d packets that never come", total, maxMissing)
	}
	l.giveUp(maxMissing - 1)
	if len(l.missing) != 1 {
		t.Errorf("%d are missing after all but one were given up", len(l.missing))
	}
}

func TestTheRoundTripIsLearnt(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var r roundTrip
	if r.estimate() != defaultTrip {
		t.Error("a guess is taken for knowledge")
	}
	r.tell(250 * ms)
	if r.estimate() != 250*ms {
		t.Errorf("%v, and 250 ms were told", r.estimate())
	}
	for _, trip := range []time.Duration{250 * ms, 40 * ms, 400 * ms} {
		for range 60 {
			took := trip + time.Duration(random.IntN(10))*ms
			if random.IntN(4) == 0 {
				took += trip // one round failed
			}
			r.note(took)
		}
		if got := r.estimate(); got < trip || got > trip+12*ms {
			t.Errorf("%v, and it is about %v", got, trip)
		}
	}
	r.note(time.Hour)
	r.note(-time.Hour)
	if got := r.estimate(); got < 400*ms || got > 420*ms {
		t.Errorf("%v after two that cannot be", got)
	}
}

// A list that asks through a path that loses both ways must have nearly everything back within the time that it is worth,
// for little more than the ideal number of requests.
func TestRepairsComeInTime(t *testing.T) {
	for _, loss := range []float64{0.01, 0.05, 0.1, 0.2} {
		c := impair.Conditions{Delay: 50 * ms, Loss: loss, Jitter: 5 * ms}
		there, back := impair.NewPipe[int64](1, c), impair.NewPipe[[]uint16](2, c)
		var l nackList
		l.trip.tell(100 * ms)
		sentAgain, came := map[uint16]time.Duration{}, map[int64]time.Duration{}
		noticed := map[int64]time.Duration{}
		end, messages := int64(0), 0
		const packets = 5000
		for now := time.Duration(0); now < packets*10*ms+3*time.Second; now += ms {
			if n := int64(now / (10 * ms)); now%(10*ms) == 0 && n < packets {
				there.Push(now, 1200, n)
			}
			for n, ok := there.Pop(now); ok; n, ok = there.Pop(now) {
				if _, twice := came[n]; twice {
					l.again()
					continue
				}
				came[n] = now
				if n < end {
					l.filled(n, true, moment(now))
					continue
				}
				for lost := end; lost < n; lost++ {
					noticed[lost] = now
				}
				l.lost(end, n, moment(now))
				l.came()
				end = n + 1
			}
			if ask := l.due(moment(now), nil); len(ask) > 0 {
				messages++
				back.Push(now, 80, ask)
			}
			for ask, ok := back.Pop(now); ok; ask, ok = back.Pop(now) {
				for _, n := range ask {
					if again, ok := sentAgain[n]; !ok || now-again > 105*ms {
						sentAgain[n] = now
						there.Push(now, 1200, int64(n))
					}
				}
			}
		}
		late := 0
		for n, at := range noticed {
			if took, ok := came[n]; !ok || took-at > l.worth() {
				late++
			}
		}
		t.Logf("%v: %d of %d came late or never; %d messages", loss, late, len(noticed), messages)
		if float64(late) > 0.005*float64(len(noticed))+1 || messages > 2*len(noticed) {
			t.Errorf("%v: %d of %d came late or never; %d messages", loss, late, len(noticed), messages)
		}
	}
}
