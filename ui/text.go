package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// text is one line in a colour of the palette. Unlike widget.Label it has no padding, and it can give up room: it then
// ends in an ellipsis.
type text struct {
	widget.BaseWidget

	content string
	size    float32
	color   fyne.ThemeColorName
	align   fyne.TextAlign
	strong  bool // semi-bold
	title   bool // bold, for headings
	shrink  bool // may be shown narrower than it is
}

func newText(t *text) *text {
	if t.size == 0 {
		t.size = textNormal
	}
	if t.color == "" {
		t.color = colorText
	}
	t.ExtendBaseWidget(t)
	return t
}

// set shows another content; nothing is drawn anew when it is the same.
func (t *text) set(content string) {
	if content != t.content {
		t.content = content
		t.Refresh()
	}
}

// recolor shows it in another colour of the palette.
func (t *text) recolor(color fyne.ThemeColorName) {
	if color != t.color {
		t.color = color
		t.Refresh()
	}
}

func (t *text) face() typeface {
	switch {
	case t.title:
		return bold
	case t.strong:
		return semiBold
	}
	return regular
}

func (t *text) measure(s string) fyne.Size { return t.face().measure(s, t.size) }

// AccessibilityLabel and AccessibilityRole implement fyne.Accessible.
func (t *text) AccessibilityLabel() string             { return t.content }
func (t *text) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// CreateRenderer implements fyne.Widget.
func (t *text) CreateRenderer() fyne.WidgetRenderer {
	r := &textRenderer{text: t, line: &canvas.Text{}}
	r.Refresh()
	return r
}

type textRenderer struct {
	text *text
	line *canvas.Text
}

func (r *textRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.line} }
func (r *textRenderer) Destroy()                     {}

func (r *textRenderer) MinSize() fyne.Size {
	size := r.text.measure(r.text.content)
	if r.text.shrink {
		size.Width = min(size.Width, 2*r.text.size)
	}
	return size
}

func (r *textRenderer) Layout(size fyne.Size) {
	shown := r.text.content
	if r.text.shrink {
		shown = r.fit(shown, size.Width)
	}
	if shown != r.line.Text {
		r.text.face().write(r.line, shown)
		r.line.Refresh()
	}
	r.line.Resize(size)
}

func (r *textRenderer) Refresh() {
	r.line.Color = theme.Color(r.text.color)
	r.line.TextSize = r.text.size
	r.line.Alignment = r.text.align
	r.text.face().write(r.line, r.text.content)
	r.Layout(r.text.Size())
	r.line.Refresh()
}

// fit shortens s until it and an ellipsis are no wider than width.
func (r *textRenderer) fit(s string, width float32) string {
	if width <= 0 || r.text.measure(s).Width <= width+0.5 {
		return s
	}
	runes := []rune(s)
	fits, tooLong := 0, len(runes)
	for tooLong-fits > 1 {
		middle := (fits + tooLong) / 2
		if r.text.measure(string(runes[:middle])+"…").Width <= width {
			fits = middle
		} else {
			tooLong = middle
		}
	}
	return string(runes[:fits]) + "…"
}
