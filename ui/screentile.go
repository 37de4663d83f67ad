package ui

import (
	"fyne.io/fyne/v2"

	"parley/call"
	"parley/devices/frame"
)

// screenTile is what somebody shares. A press brings it to the stage, a double one fills the screen with the window.
type screenTile struct {
	pressTile

	person   string // whose it is
	onDouble func()
}

// newScreenTile starts to show the frames of slot; close ends that.
func newScreenTile(c Call, slot *frame.Slot, p call.Person, shutter *shutter, onKey func(*fyne.KeyEvent)) *screenTile {
	slot.Take().Release() // of what the person shared before
	s := &screenTile{person: p.ID}
	s.tile = newTile(slot, p.Name, tileScreen, shutter)
	s.tile.video.onSize = func(w, h int) { c.ShowScreen(p.ID, w, h) }
	s.onKey = onKey
	s.tile.setPicture(true)
	s.tile.video.onFirst = func() {
		s.tile.setWord("", "")
		s.tile.Refresh()
	}
	s.ExtendBaseWidget(s)
	s.update(p)
	return s
}

// update shows how the person is whose screen it is.
func (s *screenTile) update(p call.Person) {
	s.label = p.Name + "’s screen"
	s.tile.setName(s.label, "")
	s.tile.face.set(p.Name)
	switch {
	case p.State == call.PersonReconnecting:
		s.tile.setWord("Reconnecting", "")
	case s.tile.video.live():
		s.tile.setWord("", "")
	default:
		s.tile.setWord("Waiting for the picture", "")
	}
}

// DoubleTapped implements fyne.DoubleTappable.
func (s *screenTile) DoubleTapped(*fyne.PointEvent) { s.onDouble() }
