package call

import (
	"math/rand/v2"
	"testing"
	"time"
)

// talk lets people talk to each other for a while, and returns who had the floor, one after the other. voices says what is heard of them
// after so long.
func talk(f *floor, duration time.Duration, voices func(at time.Duration) map[string]voice) (order []string) {
	start := time.Unix(1000, 0)
	if !f.last.IsZero() {
		start = f.last
	}
	for at := listenEvery; at <= duration; at += listenEvery {
		if f.listen(voices(at), start.Add(at)) {
			order = append(order, f.holder)
		}
	}
	return order
}

func speech(level float64) voice { return voice{level: level, speech: true} }

func same(a []string, b ...string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func TestTheFloorGoesToWhoSpeaksAndStaysThere(t *testing.T) {
	var f floor
	order := talk(&f, 30*time.Second, func(at time.Duration) map[string]voice {
		turn := int(at / (10 * time.Second)) // Ann, Bob, nobody
		return map[string]voice{
			"ann": speech([]float64{0.6, 0, 0, 0}[turn]),
			"bob": speech([]float64{0, 0.5, 0, 0}[turn]),
			"cid": {},
		}
	})
	if !same(order, "ann", "bob") {
		t.Errorf("the floor went to %q", order)
	}
}

func TestTheFloorIsSoonTaken(t *testing.T) {
	var f floor
	speaks := func(id string) func(time.Duration) map[string]voice {
		return func(time.Duration) map[string]voice {
			all := map[string]voice{"ann": {}, "bob": {}}
			all[id] = speech(0.6)
			return all
		}
	}
	if order := talk(&f, 200*time.Millisecond, speaks("ann")); !same(order, "ann") {
		t.Errorf("the first who speaks waits for the floor: %q", order)
	}
	talk(&f, 5*time.Second, speaks("ann"))
	if order := talk(&f, 800*time.Millisecond, speaks("bob")); !same(order, "bob") {
		t.Errorf("who goes on waits for the floor: %q", order)
	}
}

func TestACoughAndANoiseDontTakeTheFloor(t *testing.T) {
	var f floor
	order := talk(&f, time.Minute, func(at time.Duration) map[string]voice {
		all := map[string]voice{"ann": speech(0.6), "bob": {}, "fan": {level: 0.9}}
		if cough := at % (4 * time.Second); cough >= 2*time.Second && cough < 2300*time.Millisecond {
			all["bob"] = speech(0.9)
		}
		return all
	})
	if !same(order, "ann") {
		t.Errorf("the floor went to %q", order)
	}
}

func TestTwoWhoTalkAtOnceDontMakeItFlutter(t *testing.T) {
	var f floor
	dice := rand.New(rand.NewPCG(1, 2))
	order := talk(&f, time.Minute, func(time.Duration) map[string]voice {
		syllable := func() voice { return speech(0.3 + 0.5*dice.Float64()) }
		return map[string]voice{"ann": syllable(), "bob": syllable()}
	})
	if len(order) > 6 {
		t.Errorf("in a minute the floor went to %q", order)
	}
}

func TestWhoTookTheFloorKeepsItForAWhile(t *testing.T) {
	var f floor
	order := talk(&f, time.Minute, func(at time.Duration) map[string]voice {
		all := map[string]voice{"ann": {}, "bob": {}}
		all[[]string{"ann", "bob"}[at/(700*time.Millisecond)%2]] = speech(0.7) // words in turn, each long enough to take it
		return all
	})
	if most := int(time.Minute/holdTime) + 1; len(order) > most || len(order) < 2 {
		t.Errorf("in a minute the floor went to %d people, %d at the most", len(order), most)
	}
}

func TestPausesBetweenSyllablesDontLoseTheFloor(t *testing.T) {
	var f floor
	order := talk(&f, time.Minute, func(at time.Duration) map[string]voice {
		all := map[string]voice{"ann": speech(0.7), "bob": speech(0.45)} // Bob's television
		if at/listenEvery%10 >= 6 {
			all["ann"] = speech(0.3)
		}
		return all
	})
	if !same(order, "ann") {
		t.Errorf("the floor went to %q", order)
	}
}

func TestWhoLeavesGivesUpTheFloor(t *testing.T) {
	var f floor
	order := talk(&f, 10*time.Second, func(at time.Duration) map[string]voice {
		all := map[string]voice{"bob": {}}
		if at < 5*time.Second {
			all["ann"] = speech(0.7)
		}
		if at > 8*time.Second {
			all["bob"] = speech(0.4)
		}
		return all
	})
	if !same(order, "ann", "", "bob") || len(f.loudness) != 1 {
		t.Errorf("the floor went to %q; %d people are remembered", order, len(f.loudness))
	}
}
