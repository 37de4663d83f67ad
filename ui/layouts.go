package ui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
)

// layoutFunc is a fyne.Layout made of a function, for a place whose parts are put by hand. It asks for min.
type layoutFunc struct {
	min    fyne.Size
	layout func(objects []fyne.CanvasObject, size fyne.Size)
}

func (l layoutFunc) MinSize([]fyne.CanvasObject) fyne.Size              { return l.min }
func (l layoutFunc) Layout(objects []fyne.CanvasObject, size fyne.Size) { l.layout(objects, size) }

// column puts visible objects below each other, each as wide as the column and as high as it needs to be at that
// width: wrapped text gets higher when the column gets narrower.
type column struct {
	gap   float32
	width float32 // of the last layout
}

// height lays objects out in that width, from the top of the column, and returns what they need.
func (c *column) height(objects []fyne.CanvasObject, width float32) float32 {
	c.width = width
	var y float32
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		if y > 0 {
			y += c.gap
		}
		o.Resize(fyne.NewSize(width, o.MinSize().Height))
		h := o.MinSize().Height
		o.Resize(fyne.NewSize(width, h))
		o.Move(fyne.NewPos(0, y))
		y += h
	}
	return y
}

func (c *column) Layout(objects []fyne.CanvasObject, size fyne.Size) { c.height(objects, size.Width) }

func (c *column) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var size fyne.Size
	if c.width > 0 {
		size.Height = c.height(objects, c.width)
	}
	var natural float32
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		least := o.MinSize()
		size.Width = max(size.Width, least.Width)
		if natural > 0 {
			natural += c.gap
		}
		natural += least.Height
	}
	if c.width == 0 {
		size.Height = natural
	}
	return size
}

// row puts visible objects beside each other, each at its own size and in the middle of the height. Text that may shrink does so
// where there is no room.
type row struct{ gap float32 }

func (r row) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	var x float32
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		own := o.MinSize()
		if t, ok := o.(*text); ok {
			own.Width = t.measure(t.content).Width
		}
		own.Width = min(own.Width, max(0, size.Width-x))
		o.Resize(own)
		o.Move(fyne.NewPos(x, (size.Height-own.Height)/2))
		x += own.Width + r.gap
	}
}

func (r row) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var size fyne.Size
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		own := o.MinSize()
		if size.Width > 0 {
			size.Width += r.gap
		}
		size.Width += own.Width
		size.Height = max(size.Height, own.Height)
	}
	return size
}

// put sets size and place at once.
func put(o fyne.CanvasObject, x, y, width, height float32) {
	o.Resize(fyne.NewSize(width, height))
	o.Move(fyne.NewPos(x, y))
}

// redraw shows a rectangle as it is now. Without a colour it is hidden, since Fyne would compute each of its pixels all the same.
func redraw(r *canvas.Rectangle) {
	r.Hidden = colourless(r.FillColor) && (r.StrokeWidth == 0 || colourless(r.StrokeColor))
	r.Refresh()
}

func colourless(c color.Color) bool {
	if c == nil {
		return true
	}
	_, _, _, a := c.RGBA()
	return a == 0
}
