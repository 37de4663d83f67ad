package video

import (
	"testing"

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
