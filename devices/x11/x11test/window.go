//go:build linux

package x11test

import (
	"image"
	"image/color"

	"github.com/jezek/xgb/xproto"

	"parley/devices/pattern"
)

// Window is a window on a display.
type Window struct {
	ID xproto.Window

	d    *Display
	gc   xproto.Gcontext
	size image.Point
}

// Open opens a window with that title, uppermost, and shows it, all black.
func (d *Display) Open(title string, bounds image.Rectangle) *Window {
	d.t.Helper()
	return d.open(title, bounds, false)
}

// OpenMenu opens a window that no window manager knows of.
func (d *Display) OpenMenu(title string, bounds image.Rectangle) *Window {
	d.t.Helper()
	return d.open(title, bounds, true)
}

func (d *Display) open(title string, bounds image.Rectangle, menu bool) *Window {
	d.t.Helper()
	id, err := xproto.NewWindowId(d.X())
	d.check(err)
	gc, err := xproto.NewGcontextId(d.X())
	d.check(err)
	override := uint32(0)
	if menu {
		override = 1
	}
	w := &Window{ID: id, d: d, gc: gc, size: bounds.Size()}
	screen := d.screen()
	d.check(xproto.CreateWindowChecked(d.X(), screen.RootDepth, id, screen.Root, int16(bounds.Min.X), int16(bounds.Min.Y),
		uint16(bounds.Dx()), uint16(bounds.Dy()), 0, xproto.WindowClassInputOutput, screen.RootVisual,
		xproto.CwBackPixel|xproto.CwOverrideRedirect, []uint32{screen.BlackPixel, override}).Check())
	d.check(xproto.CreateGCChecked(d.X(), gc, xproto.Drawable(id), 0, nil).Check())
	if title != "" {
		w.Title(title)
	}
	w.Map()
	return w
}

// Title gives it another title.
func (w *Window) Title(title string) {
	w.d.t.Helper()
	w.d.SetProperty(w.ID, "_NET_WM_NAME", "UTF8_STRING", []byte(title))
}

// Map shows the window, and Unmap hides it.
func (w *Window) Map() {
	w.d.t.Helper()
	w.d.check(xproto.MapWindowChecked(w.d.X(), w.ID).Check())
}

// Unmap hides the window.
func (w *Window) Unmap() {
	w.d.t.Helper()
	w.d.check(xproto.UnmapWindowChecked(w.d.X(), w.ID).Check())
}

// Close closes the window.
func (w *Window) Close() {
	w.d.t.Helper()
	w.d.check(xproto.DestroyWindowChecked(w.d.X(), w.ID).Check())
}

// Raise brings the window to the front.
func (w *Window) Raise() {
	w.d.t.Helper()
	w.d.check(xproto.ConfigureWindowChecked(w.d.X(), w.ID, xproto.ConfigWindowStackMode, []uint32{xproto.StackModeAbove}).Check())
}

// Move moves the window and gives it that size.
func (w *Window) Move(bounds image.Rectangle) {
	w.d.t.Helper()
	w.size = bounds.Size()
	w.d.check(xproto.ConfigureWindowChecked(w.d.X(), w.ID,
		xproto.ConfigWindowX|xproto.ConfigWindowY|xproto.ConfigWindowWidth|xproto.ConfigWindowHeight,
		[]uint32{uint32(bounds.Min.X), uint32(bounds.Min.Y), uint32(bounds.Dx()), uint32(bounds.Dy())}).Check())
}

// Fill shows one colour.
func (w *Window) Fill(c color.Color) {
	w.d.t.Helper()
	w.Show(&image.Uniform{c})
}

// Pattern shows the pattern of package devices/pattern for that source and now, and returns its counter.
func (w *Window) Pattern(source uint16) (counter uint64) {
	w.d.t.Helper()
	img := image.NewYCbCr(image.Rectangle{Max: w.size}, image.YCbCrSubsampleRatio420)
	now := pattern.Now()
	pattern.Draw(img, now, source)
	w.Show(limited{img})
	read, ok := pattern.Read(img)
	if !ok {
		w.d.t.Fatalf("a pattern of %v cannot be read", w.size)
	}
	return read.Counter
}

// limited is a picture in the limited range of video.
type limited struct{ *image.YCbCr }

func (l limited) At(x, y int) color.Color {
	c := l.YCbCrAt(x, y)
	stretch := func(v uint8, from, to, steps int) uint8 {
		return uint8(min(max((int(v)-from)*255/steps+to, 0), 255))
	}
	return color.YCbCr{Y: stretch(c.Y, 16, 0, 219), Cb: stretch(c.Cb, 128, 128, 224), Cr: stretch(c.Cr, 128, 128, 224)}
}

// Show shows a picture, from its upper left corner, as far as the window reaches. The X server keeps showing it whatever happens to the window.
func (w *Window) Show(img image.Image) {
	w.d.t.Helper()
	pixmap, err := xproto.NewPixmapId(w.d.X())
	w.d.check(err)
	width, height := w.size.X, w.size.Y
	w.d.check(xproto.CreatePixmapChecked(w.d.X(), w.d.screen().RootDepth, pixmap, xproto.Drawable(w.ID), uint16(width), uint16(height)).Check())
	rows := max(1<<17/(4*width), 1) // a request holds 256 KB at the most
	for top := 0; top < height; top += rows {
		n := min(rows, height-top)
		w.d.check(xproto.PutImageChecked(w.d.X(), xproto.ImageFormatZPixmap, xproto.Drawable(pixmap), w.gc,
			uint16(width), uint16(n), 0, int16(top), 0, w.d.screen().RootDepth, bytes(img, width, top, n)).Check())
	}
	w.d.check(xproto.ChangeWindowAttributesChecked(w.d.X(), w.ID, xproto.CwBackPixmap, []uint32{uint32(pixmap)}).Check())
	w.d.check(xproto.FreePixmapChecked(w.d.X(), pixmap).Check())
	w.d.check(xproto.ClearAreaChecked(w.d.X(), false, w.ID, 0, 0, 0, 0).Check())
}

// bytes are rows of a picture as the X server wants them.
func bytes(img image.Image, width, top, rows int) []byte {
	pix := make([]byte, 0, 4*width*rows)
	least := img.Bounds().Min
	if _, everywhere := img.(*image.Uniform); everywhere {
		least = image.Point{}
	}
	for y := top; y < top+rows; y++ {
		for x := range width {
			r, g, b, _ := img.At(least.X+x, least.Y+y).RGBA()
			pix = append(pix, byte(b>>8), byte(g>>8), byte(r>>8), 255)
		}
	}
	return pix
}
