package peer

import (
	"testing"
	"time"
)

func TestAPathThatBecomesNarrowIsToldOfAtOnceUntilItsQueueIsGone(t *testing.T) {
	w := newWay(3_000_000)
	w.call(5*time.Second, 1_900_000)
	if len(w.begins) > 0 {
		t.Fatalf("%d jams before anything happened", len(w.begins))
	}
	const narrow = 300_000
	w.bitRate = narrow
	fell := w.now
	w.call(time.Second, 1_900_000)
	if len(w.begins) != 1 || w.begins[0].Sub(fell) > wayLasts+100*time.Millisecond {
		t.Fatalf("jams began after %v, want one at once", since(w.begins, fell))
	}
	told, ok := w.ceiling(w.here())
	if !ok || told < 0.3*narrow || told > 0.5*narrow {
		t.Errorf("while the queue is long the peer may send %.0f bit/s (%v), want less than half of %d", told, ok, narrow)
	}
	if !w.jam.grows() || !w.discreet() {
		t.Error("something would be asked for, or is told of what was lost, which the peer would send again")
	}
	for end := w.now.Add(2 * time.Second); w.jam.on && w.now.Before(end); {
		w.call(100*time.Millisecond, told/2)
	}
	if w.jam.on || w.discreet() {
		t.Fatal("it goes on though the queue is gone")
	}
	if told, ok = w.ceiling(w.here()); !ok || told < 0.3*narrow || told > narrow {
		t.Errorf("then it may send %.0f bit/s (%v)", told, ok)
	}
	if told, ok = w.ceiling(w.here().Add(jamKeeps)); !ok || told < 100_000_000 {
		t.Errorf("the limit is not taken back: %.0f bit/s (%v)", told, ok)
	}
	if told, ok = w.ceiling(w.here().Add(jamKeeps + ceilingEnds)); ok {
		t.Errorf("it is told of a limit for ever: %.0f bit/s", told)
	}
}

func since(all []time.Time, from time.Time) (d []time.Duration) {
	for _, at := range all {
		d = append(d, at.Sub(from))
	}
	return d
}

// Where nothing was lost no key frame is needed, for which there must be room.
func TestAfterAJamInWhichNothingWasLostMostOfThePathMayBeUsed(t *testing.T) {
	for _, most := range []time.Duration{300 * time.Millisecond, time.Hour} {
		w := newWay(3_000_000)
		w.most = most
		w.call(2*time.Second, 1_900_000)
		const narrow = 500_000
		w.bitRate = narrow
		w.call(200*time.Millisecond, 1_900_000)
		for end := w.now.Add(2 * time.Second); w.jam.on && w.now.Before(end); {
			w.call(100*time.Millisecond, narrow/5)
		}
		told, ok := w.ceiling(w.here())
		if lost := most < time.Second; !ok || lost == (told > narrow/2) {
			t.Errorf("after something was lost (%v) the peer may send %.0f bit/s of %d (%v)", lost, told, narrow, ok)
		}
	}
}

// What a machine that stood still did not send meanwhile, or did not read, comes all at once afterwards.
func TestAMachineThatStandsStillIsNoJam(t *testing.T) {
	for _, stands := range []time.Duration{100 * time.Millisecond, 400 * time.Millisecond, time.Second} {
		w := newWay(3_000_000)
		w.most = time.Hour
		w.call(3*time.Second, 900_000)
		w.free = w.now.Add(stands) // nothing passes until then
		w.bitRate = 100_000_000
		w.call(2*time.Second, 900_000)
		if len(w.begins) > 0 {
			t.Errorf("after %v there is a jam", stands)
		}
	}
}

func TestALargePictureOnANarrowPathIsNoJam(t *testing.T) {
	for _, usual := range []float64{200_000, 350_000} {
		for _, apart := range []time.Duration{0, 9 * time.Millisecond} {
			w := newWay(500_000)
			for range 5 {
				w.call(2*time.Second, usual)
				for range 8 {
					w.send(1150, true)
					w.now = w.now.Add(apart)
				}
			}
			if len(w.begins) > 0 {
				t.Errorf("beside %.0f bit/s, packets %v apart are taken for %d jams", usual, apart, len(w.begins))
			}
		}
	}
}

// What a machine that stood still lets out at once afterwards waits for the narrowest link, which is as wide as before.
func TestAMachineThatStandsStillInFrontOfANarrowPathIsNoJam(t *testing.T) {
	for _, stands := range []time.Duration{60 * time.Millisecond, 130 * time.Millisecond, 250 * time.Millisecond} {
		w := newWay(500_000)
		w.most = time.Hour
		for n := range 500 {
			if n%50 == 49 {
				w.stands = w.now.Add(stands)
			}
			for range 4 { // two pictures at once, at 310 kbit/s
				w.send(640, true)
			}
			w.call(66*time.Millisecond, 0)
		}
		if len(w.begins) > 0 {
			t.Errorf("after %v there are %d jams", stands, len(w.begins))
		}
	}
}

// How much the way bears is not seen while something stands still.
func TestAWayThatBecomesNarrowWhileAMachineStandsStillIsNotTakenForANarrowerOne(t *testing.T) {
	w := newWay(3_000_000)
	w.call(3*time.Second, 1_900_000)
	const narrow = 500_000
	w.bitRate = narrow
	w.stands = w.now.Add(200 * time.Millisecond)
	w.call(300*time.Millisecond, 1_900_000)
	if told, ok := w.ceiling(w.here()); !ok || told < 0.3*narrow || told > 0.5*narrow {
		t.Errorf("the peer may send %.0f bit/s (%v), want less than half of %d", told, ok, narrow)
	}
}

func TestAPathThatBecomesNarrowInAPauseOfThePicturesIsToldOf(t *testing.T) {
	w := newWay(3_000_000)
	w.call(3*time.Second, 1_900_000)
	w.call(1200*time.Millisecond, 50_000)
	w.bitRate = 300_000
	w.call(500*time.Millisecond, 1_900_000)
	if len(w.begins) != 1 {
		t.Errorf("%d jams, want one", len(w.begins))
	}
}

func TestAJamRightAfterAnotherTellsWhatThePathBears(t *testing.T) {
	w := newWay(3_000_000)
	w.most = 200 * time.Millisecond
	w.call(2*time.Second, 1_900_000)
	const narrow = 300_000
	w.fall(t, narrow, 10*time.Millisecond)
	w.most = time.Hour
	for range 5 {
		w.send(1150, true)
	}
	if len(w.begins) != 2 || !w.jam.on {
		t.Fatalf("%d jams began, want two, and that the second is on: %v", len(w.begins), w.jam.on)
	}
	if told, ok := w.ceiling(w.here()); !ok || told < 0.3*narrow || told > 0.5*narrow {
		t.Errorf("the peer may send %.0f bit/s (%v), want less than half of %d", told, ok, narrow)
	}
	w.call(time.Second, 0)
	if told, ok := w.ceiling(w.here()); !ok || told < 0.3*narrow || told > 0.5*narrow {
		t.Errorf("after that it may send %.0f bit/s (%v) of %d, want room for the key frame that what the first one lost needs", told, ok, narrow)
	}
}

// fall lets the way become narrow, until there is a jam, and the peer send sound alone until there is none any more, which is looked at every so often.
func (w *way) fall(t *testing.T, narrow float64, every time.Duration) {
	t.Helper()
	w.bitRate = narrow
	if w.call(250*time.Millisecond, 1_900_000); !w.jam.on {
		t.Fatal("there is no jam")
	}
	for range 3 * time.Second / every {
		if w.call(every, 0); !w.jam.on {
			return
		}
	}
	t.Fatal("the jam does not end")
}

// Each stream is read by itself, so that packets of one overtake those of another.
func TestWhatIsOvertakenInAJamIsNotLost(t *testing.T) {
	w := newWay(3_000_000)
	w.most = time.Hour
	var overtaken []arrival
	w.tell = func(p arrival, came time.Time) {
		if p.number%2 == 0 {
			overtaken = append(overtaken, p)
			return
		}
		w.note(p, came)
		for _, p := range overtaken {
			w.note(p, came)
		}
		overtaken = nil
	}
	w.call(2*time.Second, 1_900_000)
	const narrow = 500_000
	w.fall(t, narrow, 20*time.Millisecond)
	if told, ok := w.ceiling(w.here()); !ok || told < narrow/2 {
		t.Errorf("the peer may send %.0f bit/s of %d (%v)", told, narrow, ok)
	}
}

func TestWhatWasLostBeforeAJamOrAfterItWasNotLostInIt(t *testing.T) {
	w := newWay(3_000_000)
	w.most = 200 * time.Millisecond
	w.call(4*time.Second, 1_900_000)
	w.fall(t, 300_000, 20*time.Millisecond)
	w.most = time.Hour
	w.bitRate = 3_000_000
	w.call(4*time.Second, 1_900_000)
	const narrow = 500_000
	w.fall(t, narrow, 20*time.Millisecond)
	w.number++
	w.call(100*time.Millisecond, narrow/5)
	if told, ok := w.ceiling(w.here()); !ok || told < narrow/2 {
		t.Errorf("the peer may send %.0f bit/s of %d (%v)", told, narrow, ok)
	}
}

// A path may be full of what others send: then it is full however little comes from the peer, who must not be told for ever to send less.
func TestAPathThatStaysFullIsLeftToThePeer(t *testing.T) {
	w := newWay(3_000_000)
	w.call(5*time.Second, 900_000)
	w.bitRate = 300_000
	on, longest := 0, 0
	for range 20 {
		w.call(time.Second, 900_000)
		if on++; !w.jam.on {
			on = 0
		}
		longest = max(longest, on)
	}
	if limit := int(jamMost / time.Second); longest == 0 || longest > limit {
		t.Errorf("it was a jam for %d s, want up to %d", longest, limit)
	}
}
