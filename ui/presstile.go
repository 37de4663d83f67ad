package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
)

// pressTile is a tile that can be pressed, with the pointer or from the keyboard.
type pressTile struct {
	tappable

	tile *tile
}

// close ends the picture.
func (p *pressTile) close() { p.tile.close() }

// MinSize, Show and Hide implement fyne.CanvasObject.
func (p *pressTile) MinSize() fyne.Size { return p.tile.MinSize() }
func (p *pressTile) Show()              { p.tappable.Show(); p.tile.Show() }
func (p *pressTile) Hide()              { p.tile.Hide(); p.tappable.Hide() }

// CreateRenderer implements fyne.Widget.
func (p *pressTile) CreateRenderer() fyne.WidgetRenderer {
	r := &pressTileRenderer{pressTile: p, ring: &canvas.Rectangle{}}
	r.Refresh()
	return r
}

type pressTileRenderer struct {
	*pressTile
	ring *canvas.Rectangle // shows the focus
}

func (r *pressTileRenderer) Destroy() {}
func (r *pressTileRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.tile, r.ring}
}

func (r *pressTileRenderer) Layout(size fyne.Size) {
	r.tile.Resize(size)
	r.ring.Resize(size)
}

func (r *pressTileRenderer) Refresh() {
	r.ring.FillColor, r.ring.CornerRadius = theme.Color(colorNone), cornerTile
	r.ring.StrokeColor, r.ring.StrokeWidth = theme.Color(colorAccent), 0
	if r.focused {
		r.ring.StrokeWidth = 2
	}
	r.tile.Refresh()
	redraw(r.ring)
}
