package ui

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// paragraph is text that wraps at words, without any padding. It is as high as the width that it has makes it.
type paragraph struct {
	widget.BaseWidget

	runs  []run
	align fyne.TextAlign
}

// run is a piece of a paragraph that has one look.
type run struct {
	content string
	color   fyne.ThemeColorName
	strong  bool
}

func (r run) face() typeface {
	if r.strong {
		return semiBold
	}
	return regular
}

func (r run) width(s string) float32 { return r.face().measure(s, textNormal).Width }

func newParagraph(align fyne.TextAlign) *paragraph {
	p := &paragraph{align: align}
	p.ExtendBaseWidget(p)
	return p
}

// set shows something else.
func (p *paragraph) set(runs ...run) {
	p.runs = runs
	p.Refresh()
}

// AccessibilityLabel and AccessibilityRole implement fyne.Accessible.
func (p *paragraph) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

func (p *paragraph) AccessibilityLabel() string {
	var all strings.Builder
	for _, r := range p.runs {
		all.WriteString(r.content)
	}
	return all.String()
}

// CreateRenderer implements fyne.Widget.
func (p *paragraph) CreateRenderer() fyne.WidgetRenderer {
	r := &paragraphRenderer{paragraph: p}
	r.Refresh()
	return r
}

// paragraphRenderer shows each piece of a line by a text of its own.
type paragraphRenderer struct {
	paragraph *paragraph
	width     float32 // that lines are for
	lines     [][]run
	texts     []fyne.CanvasObject
}

func (r *paragraphRenderer) Objects() []fyne.CanvasObject { return r.texts }
func (r *paragraphRenderer) Destroy()                     {}

func (r *paragraphRenderer) MinSize() fyne.Size {
	return fyne.NewSize(0, float32(max(1, len(r.lines)))*regular.measure("M", textNormal).Height)
}

func (r *paragraphRenderer) Layout(size fyne.Size) {
	if size.Width != r.width {
		r.wrap(size.Width)
	}
	height := regular.measure("M", textNormal).Height
	next := 0
	for i, line := range r.lines {
		var width float32
		for _, piece := range line {
			width += piece.width(piece.content)
		}
		x := float32(0)
		if r.paragraph.align == fyne.TextAlignCenter {
			x = (size.Width - width) / 2
		}
		for _, piece := range line {
			width := piece.width(piece.content)
			put(r.texts[next], x, float32(i)*height, width, height)
			x += width
			next++
		}
	}
}

func (r *paragraphRenderer) Refresh() {
	size := r.paragraph.Size()
	r.wrap(size.Width)
	r.Layout(size)
	canvas.Refresh(r.paragraph)
}

// wrap makes the texts anew, for that width.
func (r *paragraphRenderer) wrap(width float32) {
	r.width, r.lines, r.texts = width, wrapped(r.paragraph.runs, width), nil
	for _, line := range r.lines {
		for _, piece := range line {
			t := &canvas.Text{Color: theme.Color(piece.color), TextSize: textNormal}
			piece.face().write(t, piece.content)
			r.texts = append(r.texts, t)
		}
	}
}

// wrapped breaks runs into lines, where they say so and so that none is wider than width: at spaces and, where a word alone is wider, within
// it. Where there is no width yet no line is too wide.
func wrapped(runs []run, width float32) [][]run {
	var lines [][]run
	var line []run
	room := width
	end := func() {
		lines = append(lines, line)
		line, room = nil, width
	}
	add := func(r run, rest string) {
		for rest != "" {
			fits := len(rest)
			if width > 0 {
				fits = r.fits(rest, room)
			}
			if fits == 0 && line == nil {
				fits = r.lettersThatFit(rest, room)
			}
			if fits > 0 {
				line = append(line, run{rest[:fits], r.color, r.strong})
				room -= r.width(rest[:fits])
			}
			if fits < len(rest) {
				end()
			}
			rest = strings.TrimPrefix(rest[fits:], " ")
		}
	}
	for _, r := range runs {
		for i, part := range strings.Split(r.content, "\n") {
			if i > 0 {
				end()
			}
			add(r, part)
		}
	}
	if line != nil {
		end()
	}
	return lines
}

// fits is how much of s, up to a space or all of it, is no wider than room.
func (r run) fits(s string, room float32) int {
	if r.width(s) <= room {
		return len(s)
	}
	longest := 0
	for i := range s {
		if s[i] != ' ' {
			continue
		}
		if r.width(s[:i]) > room {
			break
		}
		longest = i
	}
	return longest
}

// lettersThatFit is how many bytes of s are letters that are together no wider than room: those of one letter at least.
func (r run) lettersThatFit(s string, room float32) int {
	longest := 0
	for i, letter := range s {
		end := i + len(string(letter))
		if longest > 0 && r.width(s[:end]) > room {
			break
		}
		longest = end
	}
	return longest
}
