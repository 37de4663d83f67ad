package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"parley/devices/frame"
)

// tile is one person: their picture, or their initials while there is none, their name, and a word when something is
// not as it should be. A ring shows who speaks.
type tile struct {
	widget.BaseWidget

	video *video
	face  *face
	name  *panel
	words *text

	word    *panel // below the initials or at the top of the picture: connecting, reconnecting, no connection
	wordTxt *text
	more    *paragraph // below the word, wraps

	foot     float32 // this much of the lower edge is under something else
	small    bool    // one of several beside something large
	framed   bool    // lies on another tile: has a border in the background's colour
	speaking bool
	seen     bool // others' picture may be shown: their camera is on
}

// leastNamed is how wide a tile must be for a name on it to be read.
const leastNamed = 64

// tileKind says what a tile is for.
type tileKind int

const (
	tilePerson tileKind = iota // a picture of somebody, which may be cropped
	tileOwn                    // the own one
	tileScreen                 // what somebody shares, whole
)

// newTile starts to show the frames of slot; close ends that.
func newTile(slot *frame.Slot, name string, kind tileKind, shutter *shutter) *tile {
	t := &tile{face: newFace(&face{name: name, plain: kind != tilePerson})}
	t.video = newVideo(slot, kind, shutter, t.Refresh)
	t.video.image.CornerRadius = t.corner()
	t.name, t.words = newBadge(name, textSmall)
	t.word, t.wordTxt = newBadge("", textNormal)
	t.word.Hide()
	t.more = newParagraph(fyne.TextAlignCenter)
	t.more.Hide()
	t.ExtendBaseWidget(t)
	return t
}

// close ends the picture.
func (t *tile) close() { t.video.close() }

// setPicture says whether there is a picture to expect. Without one, initials are shown.
func (t *tile) setPicture(on bool) {
	if on == t.seen {
		return
	}
	t.seen = on
	if !on {
		t.video.clear()
	}
	t.Refresh()
}

// setName shows a name with what there is to say of the person beside it.
func (t *tile) setName(name, beside string) {
	t.face.set(name)
	if beside != "" {
		name += " · " + beside
	}
	if name != t.words.content {
		t.words.set(name)
		t.Refresh()
	}
}

// setWord shows a word, and an explanation below it; empty ones are not shown.
func (t *tile) setWord(word, more string) {
	if word == t.wordTxt.content && t.more.Visible() == (more != "") {
		return
	}
	t.wordTxt.set(word)
	t.word.Hidden = word == ""
	t.more.set(run{content: more, color: colorQuiet})
	if more == "" {
		t.more.Hide()
	} else {
		t.more.Show()
	}
	t.Refresh()
}

// corner is how round the picture's corners are. What is shared may have something to read in its corners.
func (t *tile) corner() float32 {
	switch {
	case t.video.whole:
		return 2
	case t.small:
		return cornerField - t.border()
	}
	return cornerTile - t.border()
}

// border is how much of the tile lies around the picture.
func (t *tile) border() float32 {
	if t.framed {
		return 2
	}
	return 0
}

// setSmall says whether the tile is a small one, and whether it lies on another.
func (t *tile) setSmall(small, framed bool) {
	if small == t.small && framed == t.framed {
		return
	}
	t.small, t.framed = small, framed
	t.words.size = textSmall
	if small {
		t.words.size = 12
	}
	t.video.image.CornerRadius = t.corner()
	t.words.Refresh()
	t.Refresh()
}

// setSpeaking shows or hides the ring.
func (t *tile) setSpeaking(on bool) {
	if on != t.speaking {
		t.speaking = on
		t.Refresh()
	}
}

// MinSize implements fyne.CanvasObject.
func (t *tile) MinSize() fyne.Size { return fyne.NewSize(96, 54) }

// Show and Hide implement fyne.CanvasObject; a hidden tile converts no pictures.
func (t *tile) Show() {
	t.BaseWidget.Show()
	t.measure()
}

func (t *tile) Hide() {
	t.BaseWidget.Hide()
	t.measure()
}

// setAway says whether the window is out of sight, and this tile with it.
func (t *tile) setAway(away bool) {
	t.video.away = away
	t.measure()
}

func (t *tile) measure() {
	size := t.Size()
	t.video.measure(t.seen && t.Visible() && size.Width > 0 && size.Height > 0)
}

// CreateRenderer implements fyne.Widget.
func (t *tile) CreateRenderer() fyne.WidgetRenderer {
	r := &tileRenderer{tile: t, ground: &canvas.Rectangle{}, ring: &canvas.Rectangle{}}
	r.Refresh()
	return r
}

type tileRenderer struct {
	tile         *tile
	ground, ring *canvas.Rectangle
}

func (r *tileRenderer) Destroy()           {}
func (r *tileRenderer) MinSize() fyne.Size { return r.tile.MinSize() }

func (r *tileRenderer) Objects() []fyne.CanvasObject {
	t := r.tile
	return []fyne.CanvasObject{r.ground, t.face, t.video.image, r.ring, t.name, t.word, t.more}
}

func (r *tileRenderer) Layout(size fyne.Size) {
	t := r.tile
	r.ground.Resize(size)
	border := t.border()
	put(t.video.image, border, border, size.Width-2*border, size.Height-2*border)
	r.ring.Resize(size)

	word, more := t.word.MinSize(), float32(0)
	if t.more.Visible() {
		width := min(size.Width-32, 460)
		t.more.Resize(fyne.NewSize(width, t.more.MinSize().Height))
		more = t.more.MinSize().Height + 12
		t.more.Resize(fyne.NewSize(width, more-12))
	}
	free := size.Height - t.foot
	side := min(104, size.Height*0.36, size.Width*0.5)
	high := side
	if t.word.Visible() {
		high += 16 + word.Height + more
	}
	y := max(8, (free-high)/2)
	put(t.face, (size.Width-side)/2, y, side, side)
	y += side + 16
	switch {
	case t.video.live():
		y = 12 // does not hide the face
	case y+word.Height+more > min(free, size.Height-40):
		y = (free - word.Height - more) / 2 // there is no room below the initials
	}
	wide := t.word.fit(size.Width - 16)
	put(t.word, (size.Width-wide)/2, y, wide, word.Height)
	t.more.Move(fyne.NewPos((size.Width-t.more.Size().Width)/2, y+word.Height+12))

	inset := float32(12)
	if t.small {
		inset = 8
	}
	name := t.name.MinSize()
	t.name.Hidden = size.Width < leastNamed
	put(t.name, inset, size.Height-inset-name.Height, t.name.fit(size.Width-2*inset), name.Height)
	t.measure()
}

func (r *tileRenderer) Refresh() {
	t := r.tile
	corner := cornerTile
	if t.small {
		corner = cornerField
	}
	r.ground.FillColor, r.ground.CornerRadius = theme.Color(colorRaised), corner
	r.ring.FillColor, r.ring.CornerRadius = theme.Color(colorNone), corner
	r.ring.StrokeWidth = 0
	switch {
	case t.speaking:
		r.ring.StrokeColor, r.ring.StrokeWidth = theme.Color(colorAccent), 3
	case t.framed:
		r.ring.StrokeColor, r.ring.StrokeWidth = theme.Color(colorBackground), t.border()
	}
	t.face.Hidden = t.video.live()
	if t.video.live() {
		t.word.paint(colorVeil, "")
		t.wordTxt.recolor(colorWhite)
	} else {
		t.word.paint(colorNone, "")
		t.wordTxt.recolor(colorText)
	}
	r.Layout(t.Size())
	r.ground.Hidden = t.video.live() && !t.video.whole // the picture covers it
	r.ground.Refresh()
	redraw(r.ring)
	canvas.Refresh(t)
}
