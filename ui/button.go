package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
)

// kind of button by its looks.
type buttonLook int

const (
	lookLink    buttonLook = iota // words in the accent's colour
	lookQuiet                     // words in the quiet colour
	lookPlain                     // words on a ground
	lookMain                      // the one thing to do: words on the accent
	lookOutline                   // a wide row with a border, words at its beginning, detail at its end
)

// button is a button with words on it.
type button struct {
	tappable

	words  string
	detail string // for lookOutline
	look   buttonLook
	small  bool // the words
	tall   bool // the one button of a screen
}

func newButton(b *button) *button {
	if b.label == "" {
		b.label = b.words
	}
	b.ExtendBaseWidget(b)
	return b
}

// set changes the words.
func (b *button) set(words string) {
	if words != b.words {
		b.words, b.label = words, words
		b.Refresh()
	}
}

// enable says whether it can be pressed.
func (b *button) enable(on bool) {
	if b.disabled == on {
		b.disabled = !on
		b.Refresh()
	}
}

// CreateRenderer implements fyne.Widget.
func (b *button) CreateRenderer() fyne.WidgetRenderer {
	r := &buttonRenderer{
		button: b,
		ground: &canvas.Rectangle{},
		ring:   &canvas.Rectangle{},
		words:  newText(&text{strong: true, shrink: true}),
		detail: newText(&text{size: textSmall, color: colorQuiet}),
	}
	r.Refresh()
	return r
}

type buttonRenderer struct {
	button        *button
	ground, ring  *canvas.Rectangle
	words, detail *text
}

func (r *buttonRenderer) Destroy() {}
func (r *buttonRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.ground, r.ring, r.words, r.detail}
}

func (r *buttonRenderer) MinSize() fyne.Size {
	words := r.words.measure(r.button.words)
	switch r.button.look {
	case lookMain, lookPlain:
		if r.button.tall {
			return fyne.NewSize(words.Width+32, 50)
		}
		return fyne.NewSize(words.Width+28, 38)
	case lookOutline:
		return fyne.NewSize(160, fieldHeight)
	}
	return words.AddWidthHeight(0, 4)
}

func (r *buttonRenderer) Layout(size fyne.Size) {
	r.ground.Resize(size)
	r.ring.Resize(size)
	height := r.words.MinSize().Height
	if r.button.look != lookOutline {
		inset := float32(12)
		if r.button.look == lookLink || r.button.look == lookQuiet {
			inset = 0
			put(r.ring, -6, -2, size.Width+12, size.Height+4)
		}
		put(r.words, inset, (size.Height-height)/2, size.Width-2*inset, height)
		return
	}
	detail := r.detail.MinSize()
	put(r.words, 14, (size.Height-height)/2, size.Width-28-detail.Width-8, height)
	put(r.detail, size.Width-14-detail.Width, (size.Height-detail.Height)/2, detail.Width, detail.Height)
}

func (r *buttonRenderer) Refresh() {
	b := r.button
	fill, line, ink := colorNone, colorNone, colorText
	r.words.align, r.words.strong = fyne.TextAlignCenter, true
	switch b.look {
	case lookLink:
		ink = colorAccent
	case lookQuiet:
		ink, r.words.strong = colorQuiet, false
	case lookPlain:
		fill = colorButton
	case lookMain:
		fill, ink = colorAccent, colorOnAccent
	case lookOutline:
		fill, line = colorBackground, colorLine
		r.words.align, r.words.strong = fyne.TextAlignLeading, false
	}
	if b.disabled {
		ink = colorQuiet
		if b.look == lookMain {
			fill = colorButton
		}
	}
	r.words.content, r.words.color, r.words.size = b.words, ink, textNormal
	if b.small {
		r.words.size = textSmall
	}
	r.detail.content, r.detail.Hidden = b.detail, b.look != lookOutline
	r.ground.FillColor, r.ground.CornerRadius = theme.Color(fill), cornerField
	r.ground.StrokeColor, r.ground.StrokeWidth = theme.Color(line), 0
	if line != colorNone {
		r.ground.StrokeWidth = 1
	}
	r.ring.FillColor, r.ring.CornerRadius = theme.Color(colorNone), cornerField
	r.ring.StrokeWidth = 0
	switch {
	case b.focused:
		r.ring.StrokeColor, r.ring.StrokeWidth = theme.Color(focusRing(fill)), 2
	case b.hovered && !b.disabled && b.look != lookLink:
		r.ring.FillColor = theme.Color(theme.ColorNameHover)
	}
	if b.look == lookLink || b.look == lookQuiet {
		r.ring.CornerRadius = cornerSmall
	}
	r.Layout(b.Size())
	r.words.Refresh()
	r.detail.Refresh()
	redraw(r.ground)
	redraw(r.ring)
}

// focusRing is the colour of the ring around what has the focus: the accent, except on the accent itself.
func focusRing(ground fyne.ThemeColorName) fyne.ThemeColorName {
	if ground == colorAccent {
		return colorText
	}
	return colorAccent
}
