package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"

	"parley/call"
	"parley/devices/frame"
)

// screenTile is what somebody shares. A press brings it to the stage, a double one fills the screen with the window.
type screenTile struct {
	tappable

	person   string // whose it is
	tile     *tile
	onDouble func()
}

// newScreenTile starts to show the frames of slot; close ends that.
func newScreenTile(slot *frame.Slot, p call.Person, shutter *shutter, onKey func(*fyne.KeyEvent)) *screenTile {
	slot.Take().Release() // of what the person shared before
	s := &screenTile{person: p.ID, tile: newTile(slot, p.Name, tileScreen, shutter)}
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

// close ends the picture.
func (s *screenTile) close() { s.tile.close() }

// DoubleTapped implements fyne.DoubleTappable.
func (s *screenTile) DoubleTapped(*fyne.PointEvent) { s.onDouble() }

// MinSize, Show and Hide implement fyne.CanvasObject.
func (s *screenTile) MinSize() fyne.Size { return s.tile.MinSize() }
func (s *screenTile) Show()              { s.tappable.Show(); s.tile.Show() }
func (s *screenTile) Hide()              { s.tile.Hide(); s.tappable.Hide() }

// CreateRenderer implements fyne.Widget.
func (s *screenTile) CreateRenderer() fyne.WidgetRenderer {
	r := &screenTileRenderer{screenTile: s, ring: &canvas.Rectangle{}}
	r.Refresh()
	return r
}

type screenTileRenderer struct {
	*screenTile
	ring *canvas.Rectangle // shows the focus
}

func (r *screenTileRenderer) Destroy() {}
func (r *screenTileRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.tile, r.ring}
}

func (r *screenTileRenderer) Layout(size fyne.Size) {
	r.tile.Resize(size)
	r.ring.Resize(size)
}

func (r *screenTileRenderer) Refresh() {
	r.ring.FillColor, r.ring.CornerRadius = theme.Color(colorNone), cornerTile
	r.ring.StrokeColor, r.ring.StrokeWidth = theme.Color(colorAccent), 0
	if r.focused {
		r.ring.StrokeWidth = 2
	}
	r.tile.Refresh()
	r.ring.Refresh()
}
