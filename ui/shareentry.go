package ui

import (
	"image"
	"log/slog"
	"sync/atomic"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"

	"parley/devices"
)

// shareEntry is one screen or window of the picker: a small picture and its title.
type shareEntry struct {
	tappable

	picker *sharePicker
	device devices.Device
	kind   devices.Kind // of the device; these two never change, and any goroutine may read them
	name   string

	inView   atomic.Bool  // it can be seen without scrolling, and chosen
	pictured atomic.Bool  // a picture was taken, or tried
	pixels   atomic.Int64 // width<<32 | height of the picture
	newest   atomic.Pointer[image.RGBA]
	failed   atomic.Bool // there is no picture to be had
	show     poke
	image    *canvas.Image
}

// entryFoot is the room for the title.
const entryFoot float32 = 28

func newShareEntry(p *sharePicker, d devices.Device) *shareEntry {
	e := &shareEntry{picker: p, kind: d.Kind, name: d.Label}
	e.image = &canvas.Image{FillMode: canvas.ImageFillContain, ScaleMode: canvas.ImageScaleFastest, CornerRadius: cornerSmall}
	e.image.Hide()
	e.show.run = e.onPicture
	e.onTapped = func() { p.onChosen(e.device) }
	e.onKey = p.onKey
	e.ExtendBaseWidget(e)
	e.set(d)
	return e
}

// set shows what is known of the device now.
func (e *shareEntry) set(d devices.Device) {
	e.device = d
	e.disabled = d.Err != nil
	if e.disabled { // the words say why, and a picture would cover them
		e.image.Hide()
	}
	e.label = "Share the " + string(d.Kind) + " " + d.Label
	e.Refresh()
}

// take hands over a new picture, or says that there is none. Any goroutine may call it.
func (e *shareEntry) take(img image.Image, err error) {
	first := !e.pictured.Swap(true)
	if err != nil {
		if first {
			slog.Info("no picture of what could be shared", "kind", e.kind, "label", e.name, "error", err)
		}
	} else {
		e.newest.Store(toRGBA(img))
	}
	e.failed.Store(err != nil)
	e.show.now()
}

func (e *shareEntry) onPicture() {
	if img := e.newest.Swap(nil); img != nil && !e.disabled {
		e.image.Image = img
		e.image.Show()
		e.image.Refresh()
	}
	e.Refresh()
}

// TypedKey implements fyne.Focusable: arrows lead to the other entries.
func (e *shareEntry) TypedKey(key *fyne.KeyEvent) {
	switch key.Name {
	case fyne.KeyLeft, fyne.KeyRight, fyne.KeyUp, fyne.KeyDown:
		e.picker.move(e, key.Name)
	default:
		e.tappable.TypedKey(key)
	}
}

// CreateRenderer implements fyne.Widget.
func (e *shareEntry) CreateRenderer() fyne.WidgetRenderer {
	r := &shareEntryRenderer{
		shareEntry: e, ground: &canvas.Rectangle{}, ring: &canvas.Rectangle{},
		none:  newText(&text{size: textSmall, color: colorQuiet, align: fyne.TextAlignCenter, shrink: true}),
		title: newText(&text{content: e.name, size: textSmall, align: fyne.TextAlignCenter, shrink: true}),
	}
	r.Refresh()
	return r
}

type shareEntryRenderer struct {
	*shareEntry
	ground, ring *canvas.Rectangle
	none, title  *text
}

func (r *shareEntryRenderer) Destroy()           {}
func (r *shareEntryRenderer) MinSize() fyne.Size { return fyne.NewSize(96, 54+entryFoot) }
func (r *shareEntryRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.ground, r.none, r.image, r.ring, r.title}
}

func (r *shareEntryRenderer) Layout(size fyne.Size) {
	picture := fyne.NewSize(size.Width, max(0, size.Height-entryFoot))
	r.ground.Resize(picture)
	put(r.image, 2, 2, max(0, picture.Width-4), max(0, picture.Height-4))
	r.ring.Resize(picture)
	height := r.none.MinSize().Height
	put(r.none, 8, (picture.Height-height)/2, max(0, size.Width-16), height)
	put(r.title, 0, picture.Height+4, size.Width, r.title.MinSize().Height)
	w, h := int(picture.Width), int(picture.Height)
	if c := fyne.CurrentApp().Driver().CanvasForObject(r.shareEntry); c != nil {
		w, h = c.PixelCoordinateForPosition(fyne.NewPos(picture.Width, picture.Height))
	}
	r.pixels.Store(int64(w)<<32 | int64(h))
}

func (r *shareEntryRenderer) Refresh() {
	r.ground.FillColor, r.ground.CornerRadius = theme.Color(colorRaised), cornerSmall
	r.ring.FillColor, r.ring.CornerRadius = theme.Color(colorNone), cornerSmall
	r.ring.StrokeColor, r.ring.StrokeWidth = theme.Color(colorLine), 1
	switch {
	case r.focused:
		r.ring.StrokeColor, r.ring.StrokeWidth = theme.Color(colorAccent), 3
	case r.hovered && !r.disabled:
		r.ring.StrokeColor, r.ring.StrokeWidth = theme.Color(colorQuiet), 2
	}
	words := ""
	switch {
	case r.disabled:
		words = capital(misfortune(r.device.Err))
	case r.failed.Load():
		words = "No preview"
	}
	r.none.set(words)
	r.none.Hidden = r.image.Visible()
	r.title.recolor(colorText)
	if r.disabled {
		r.title.recolor(colorQuiet)
	}
	r.Layout(r.Size())
	r.ground.Refresh()
	r.ring.Refresh()
	r.title.Refresh()
	r.none.Refresh()
}
