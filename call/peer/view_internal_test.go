package peer

import (
	"slices"
	"testing"

	"parley/call/signal/wire"
)

// A message on a path that is dying may be late, and overtaken by what is told on the path that takes its place.
func TestWhatTheOtherSideShowsIsTakenFromTheNewerOfTwoConnections(t *testing.T) {
	var heard []int
	used, next := &link{session: "used"}, &link{session: "next"}
	c := &Conn{link: used, next: next, cfg: Config{OnView: func(v wire.View) { heard = append(heard, v.Camera.Width) }}}
	say := func(by *link, width int) {
		c.handle(wire.Signal{Session: by.session, View: &wire.View{Camera: &wire.Size{Width: width, Height: 90}}})
	}
	say(used, 1)
	say(next, 2)
	say(used, 3) // late
	say(next, 4)
	c.former, c.link, c.next = used, next, nil // this side goes over too
	say(used, 5)                               // later still
	say(next, 6)
	another := &link{session: "another"}
	c.former, c.next = nil, another
	say(next, 7) // nothing was told by the other yet
	say(another, 8)
	c.next = nil // which came to nothing
	say(next, 9)
	if want := []int{1, 2, 4, 6, 7, 8, 9}; !slices.Equal(heard, want) {
		t.Errorf("heard was %v, want %v", heard, want)
	}
}
