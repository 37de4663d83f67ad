package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
)

// round is a round button with a sign, as under a picture or at the foot of a call.
type round struct {
	tappable

	sign   string              // an icon of package assets
	ground fyne.ThemeColorName // colorButton, colorVeil, colorLeave, colorAccent or colorCautionOn
	width  float32             // roundSize when not set
	size   float32             // the height; roundSize when not set
	border bool
}

func newRound(r *round) *round {
	if r.size == 0 {
		r.size = roundSize
	}
	if r.width == 0 {
		r.width = r.size
	}
	r.ExtendBaseWidget(r)
	return r
}

// set changes sign, ground and what a screen reader says.
func (b *round) set(sign string, ground fyne.ThemeColorName, label string) {
	if sign != b.sign || ground != b.ground || label != b.label {
		b.sign, b.ground, b.label = sign, ground, label
		b.Refresh()
	}
}

// MinSize implements fyne.CanvasObject.
func (b *round) MinSize() fyne.Size { return fyne.NewSize(b.width, b.size) }

// CreateRenderer implements fyne.Widget.
func (b *round) CreateRenderer() fyne.WidgetRenderer {
	r := &roundRenderer{
		round:  b,
		ground: &canvas.Rectangle{},
		ring:   &canvas.Rectangle{},
		sign:   &canvas.Image{FillMode: canvas.ImageFillContain},
	}
	r.Refresh()
	return r
}

type roundRenderer struct {
	round        *round
	ground, ring *canvas.Rectangle
	sign         *canvas.Image
}

func (r *roundRenderer) Destroy()           {}
func (r *roundRenderer) MinSize() fyne.Size { return r.round.MinSize() }
func (r *roundRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.ground, r.ring, r.sign}
}

func (r *roundRenderer) Layout(size fyne.Size) {
	r.ground.Resize(size)
	put(r.ring, -3, -3, size.Width+6, size.Height+6)
	side := min(24, size.Height*0.7)
	put(r.sign, (size.Width-side)/2, (size.Height-side)/2, side, side)
}

func (r *roundRenderer) Refresh() {
	b := r.round
	ink, line := colorText, colorLine
	switch {
	case b.disabled:
		ink = colorQuiet
	case b.ground == colorVeil, b.ground == colorLeave:
		ink = colorWhite
	case b.ground == colorAccent:
		ink = colorOnAccent
	case b.ground == colorCautionOn:
		ink, line = colorCaution, colorCaution
	}
	r.ground.FillColor, r.ground.CornerRadius = theme.Color(b.ground), b.size/2
	r.ground.StrokeWidth = 0
	if b.border {
		r.ground.StrokeColor, r.ground.StrokeWidth = theme.Color(line), 1
	}
	r.ring.FillColor, r.ring.CornerRadius = theme.Color(colorNone), b.size/2+3
	r.ring.StrokeColor, r.ring.StrokeWidth = theme.Color(colorAccent), 0
	if b.focused {
		r.ring.StrokeWidth = 2
	}
	if b.hovered && !b.disabled {
		r.ring.FillColor = theme.Color(theme.ColorNameHover)
	}
	r.sign.Resource = icon(b.sign, ink)
	r.Layout(b.Size())
	r.ground.Refresh()
	redraw(r.ring)
	r.sign.Refresh()
}
