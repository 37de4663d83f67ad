package ui

import (
	"hash/fnv"
	"image/color"
	"strings"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// face stands in for a picture: a circle with somebody's initials.
type face struct {
	widget.BaseWidget

	name  string
	plain bool // in the palette's grey rather than a colour of the person's own
}

func newFace(f *face) *face {
	f.ExtendBaseWidget(f)
	return f
}

func (f *face) set(name string) {
	if name != f.name {
		f.name = name
		f.Refresh()
	}
}

// MinSize implements fyne.CanvasObject.
func (f *face) MinSize() fyne.Size { return fyne.NewSquareSize(32) }

// CreateRenderer implements fyne.Widget.
func (f *face) CreateRenderer() fyne.WidgetRenderer {
	r := &faceRenderer{face: f, circle: &canvas.Circle{}, letters: newText(&text{strong: true, align: fyne.TextAlignCenter})}
	r.Refresh()
	return r
}

type faceRenderer struct {
	face    *face
	circle  *canvas.Circle
	letters *text
}

func (r *faceRenderer) Destroy()                     {}
func (r *faceRenderer) MinSize() fyne.Size           { return r.face.MinSize() }
func (r *faceRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.circle, r.letters} }

func (r *faceRenderer) Layout(size fyne.Size) {
	side := min(size.Width, size.Height)
	put(r.circle, (size.Width-side)/2, (size.Height-side)/2, side, side)
	if letters := float32(int(side * 0.35)); letters != r.letters.size {
		r.letters.size = letters
		r.letters.Refresh()
	}
	height := r.letters.MinSize().Height
	put(r.letters, 0, (size.Height-height)/2, size.Width, height)
}

func (r *faceRenderer) Refresh() {
	r.letters.content = initials(r.face.name)
	if r.face.plain {
		r.circle.FillColor = theme.Color(colorButton)
		r.letters.color = colorQuiet
	} else {
		r.circle.FillColor = ownColor(r.face.name)
		r.letters.color = colorWhite
	}
	r.Layout(r.face.Size())
	r.circle.Refresh()
	r.letters.Refresh()
}

// initials returns up to two letters that stand for a name: the first of its first and of its last word.
func initials(name string) string {
	var letters []rune
	for _, word := range strings.Fields(name) {
		if first := []rune(word)[0]; unicode.IsLetter(first) || unicode.IsDigit(first) {
			letters = append(letters, unicode.ToUpper(first))
		}
	}
	switch n := len(letters); n {
	case 0:
		return "?"
	case 1:
		return string(letters)
	default:
		return string([]rune{letters[0], letters[n-1]})
	}
}

// ownColors are deep enough for white letters, and none of them is the accent or the red of leaving.
var ownColors = []color.NRGBA{
	rgb(0x5a4b8a), rgb(0x8a5a3c), rgb(0x2f6f8f), rgb(0x7b3f61), rgb(0x3f6d4e), rgb(0x3f5d9e), rgb(0x6b6230), rgb(0x7a4a7a),
}

// ownColor gives a name always the same colour.
func ownColor(name string) color.Color {
	h := fnv.New32a()
	_, _ = h.Write([]byte(name)) // never fails
	return ownColors[h.Sum32()%uint32(len(ownColors))]
}
