package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// check is a box to tick. Unlike that of Fyne's an empty one is seen: it would have the border of fields, which have none.
type check struct{ widget.Check }

// newCheck returns a box for a setting that is kept in on.
func newCheck(words string, on *bool) *check {
	c := &check{}
	c.Text, c.Checked, c.OnChanged = words, *on, func(now bool) { *on = now }
	c.ExtendBaseWidget(c)
	return c
}

// CreateRenderer implements fyne.Widget.
func (c *check) CreateRenderer() fyne.WidgetRenderer {
	r := &checkRenderer{c.Check.CreateRenderer()}
	for _, part := range r.Objects() {
		if words, ok := part.(*canvas.Text); ok {
			words.TextStyle = plainIfCovered(words.Text)
		}
	}
	r.outline()
	return r
}

type checkRenderer struct{ fyne.WidgetRenderer }

func (r *checkRenderer) Refresh() {
	r.WidgetRenderer.Refresh()
	r.outline()
}

func (r *checkRenderer) outline() {
	for _, part := range r.Objects() {
		sign, ok := part.(*canvas.Image)
		if !ok {
			continue
		}
		if box, ok := sign.Resource.(*theme.ThemedResource); ok && box.ColorName == theme.ColorNameInputBorder {
			box.ColorName = colorQuiet
			sign.Refresh()
		}
	}
}
