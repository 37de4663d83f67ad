package video

import (
	"slices"
	"testing"
	"time"

	"parley/call/codec"
	"parley/devices/frame"
)

// turn is a picture that a receiver has ready.
type turn struct {
	by        int
	timestamp uint32
	shown     bool
}

func TestNoPictureIsShownLateOrTwiceWhenAnotherTrackTakesOver(t *testing.T) {
	const picture = codec.ClockRate / 30
	for name, turns := range map[string][]turn{
		"the next begins behind": {
			{0, 10 * picture, true},
			{1, 9 * picture, false},
			{1, 10 * picture, false},
			{0, 11 * picture, true},
			{1, 11 * picture, false},
			{1, 12 * picture, true},
			{0, 12 * picture, false},
			{0, 13 * picture, false},
			{1, 13 * picture, true},
		},
		"the next begins ahead": {
			{0, 10 * picture, true}, {1, 12 * picture, true}, {0, 11 * picture, false}, {1, 13 * picture, true},
		},
		"timestamps begin anew in between": {
			{0, 1<<32 - picture, true}, {1, 1<<32 - 2*picture, false}, {1, 0, true}, {0, 0, false}, {1, picture, true},
		},
		"the next has a clock of its own": {
			{0, 10 * picture, true}, {1, 1 << 31, true}, {0, 11 * picture, false}, {1, 1<<31 + picture, true},
		},
		"a single one may go back": {
			{0, 10 * picture, true}, {0, 5 * picture, true},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var order Succession
			var out frame.Slot
			receivers := [2]*Receiver{NewReceiver(ReceiverConfig{Order: &order}), NewReceiver(ReceiverConfig{Order: &order})}
			for i, turn := range turns {
				if got := order.put(receivers[turn.by], turn.timestamp, &out, frame.New(2, 2)); got != turn.shown {
					t.Errorf("turn %d, by %d: shown %v, want %v", i, turn.by, got, turn.shown)
				}
			}
			out.Take().Release()
		})
	}
}

func TestAPictureThatTheNextHasOvertakenIsLeftOut(t *testing.T) {
	now := time.Unix(1000, 0)
	for name, c := range map[string]struct {
		second time.Duration // when it is due, from now on
		shown  []uint32
	}{
		"both are overdue":       {-10 * time.Millisecond, []uint32{2}},
		"the second is due soon": {10 * time.Millisecond, []uint32{1}},
	} {
		t.Run(name, func(t *testing.T) {
			var out frame.Slot
			var order Succession
			r := NewReceiver(ReceiverConfig{Out: &out, Order: &order})
			r.ahead.add(waiting{picture: frame.New(2, 2), timestamp: 1, at: now.Add(-50 * time.Millisecond)})
			r.ahead.add(waiting{picture: frame.New(2, 2), timestamp: 2, at: now.Add(c.second)})
			var shown []uint32
			for before := order.last; r.showNext(now); before = order.last {
				if order.last != before {
					shown = append(shown, order.last)
				}
			}
			if !slices.Equal(shown, c.shown) {
				t.Errorf("shown were %v, want %v", shown, c.shown)
			}
			if late := r.stats.late; late != 2-len(shown)-r.ahead.n {
				t.Errorf("%d are counted as late", late)
			}
			r.ahead.clear()
			out.Take().Release()
		})
	}
}
