package peer

import (
	"testing"
	"time"
)

// trial lets the peer send at that rate, or what it is told, second by second, and returns in how many of the seconds it was told nothing of what was
// lost, and the least and the most that it was told it may send.
func (w *way) trial(seconds int, bitRate float64) (forgiven int, least, most float64) {
	may := bitRate
	least = bitRate
	for range seconds {
		w.call(time.Second, min(bitRate, may)-80_000)
		w.second(w.here())
		if w.discreet() {
			forgiven++
		}
		if told, ok := w.ceiling(w.here()); ok {
			may, least, most = told, min(least, told), max(most, told)
		}
	}
	return forgiven, least, most
}

func TestLossThatIsThereAtAnyRateIsForgiven(t *testing.T) {
	w := newWay(10_000_000)
	w.loses = func(n int) bool { return n%5 == 0 }
	forgiven, least, most := w.trial(20, 500_000)
	if forgiven < 19 {
		t.Errorf("the peer was told of what was lost for %d of 20 s", 20-forgiven)
	}
	if least < 200_000 || least > 400_000 {
		t.Errorf("it was tried at %.0f bit/s, want somewhat less than 500,000", least)
	}
	if most != ceilingNone {
		t.Error("the limit was not taken back")
	}
}

// A policer drops what is too much, without a queue.
func TestLossThatComesOfTheRateIsTold(t *testing.T) {
	w := newWay(10_000_000)
	passed, second := 0, time.Time{}
	w.loses = func(int) bool {
		if w.now.Sub(second) > 100*time.Millisecond {
			passed, second = 0, w.now
		}
		passed++
		return passed > 6
	}
	w.trial(1, 900_000)
	if w.incoming.trial.began.IsZero() {
		t.Fatal("it is not tried whether so much is lost at a lower rate")
	}
	w.trial(4, 900_000)
	if forgiven, _, _ := w.trial(20, 900_000); forgiven > 0 {
		t.Errorf("for %d of 20 s the peer was not told that it sends too much", forgiven)
	}
}

func TestNothingIsForgivenWhereAQueueComesAbout(t *testing.T) {
	w := newWay(10_000_000)
	w.loses = func(n int) bool { return n%5 == 0 }
	if forgiven, _, _ := w.trial(10, 500_000); forgiven == 0 {
		t.Fatal("nothing was forgiven on a path without a queue")
	}
	w.bitRate, w.most = 300_000, time.Hour
	w.call(3*time.Second, 400_000)
	w.second(w.here())
	if w.incoming.trial.forgives {
		t.Error("it goes on where packets wait for one another")
	}
}

func TestAFewLossesAreNotTried(t *testing.T) {
	w := newWay(10_000_000)
	w.loses = func(n int) bool { return n%50 == 0 }
	if forgiven, least, _ := w.trial(20, 500_000); forgiven > 0 || least < 500_000 {
		t.Errorf("with 2 %% lost %d of 20 s are forgiven, and %.0f bit/s were tried", forgiven, least)
	}
}
