package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// panel is a rounded ground in colours of the palette, with something on it.
type panel struct {
	widget.BaseWidget

	fill, line fyne.ThemeColorName // line may be empty: no border
	lineWidth  float32             // 1 when not set
	corner     float32
	insetX     float32 // between the border and the content
	insetY     float32
	content    fyne.CanvasObject // may be nil
}

func newPanel(p *panel) *panel {
	if p.lineWidth == 0 {
		p.lineWidth = 1
	}
	p.ExtendBaseWidget(p)
	return p
}

// newBadge returns words that stay readable on any picture.
func newBadge(content string, size float32) (*panel, *text) {
	words := newText(&text{content: content, size: size, color: colorWhite, strong: true, shrink: true})
	return newPanel(&panel{fill: colorVeil, corner: cornerSmall, insetX: 10, insetY: 4, content: words}), words
}

// fit is how wide a badge is in that room: as wide as its words, if they fit.
func (p *panel) fit(room float32) float32 {
	width := 2 * p.insetX
	if words, ok := p.content.(*text); ok {
		width += words.measure(words.content).Width
	}
	return max(0, min(width, room))
}

// paint changes the colours.
func (p *panel) paint(fill, line fyne.ThemeColorName) {
	if fill != p.fill || line != p.line {
		p.fill, p.line = fill, line
		p.Refresh()
	}
}

// CreateRenderer implements fyne.Widget.
func (p *panel) CreateRenderer() fyne.WidgetRenderer {
	r := &panelRenderer{panel: p, ground: &canvas.Rectangle{}}
	r.Refresh()
	return r
}

type panelRenderer struct {
	panel  *panel
	ground *canvas.Rectangle
}

func (r *panelRenderer) Destroy() {}

func (r *panelRenderer) Objects() []fyne.CanvasObject {
	if r.panel.content == nil {
		return []fyne.CanvasObject{r.ground}
	}
	return []fyne.CanvasObject{r.ground, r.panel.content}
}

func (r *panelRenderer) MinSize() fyne.Size {
	size := fyne.NewSize(2*r.panel.insetX, 2*r.panel.insetY)
	if r.panel.content != nil {
		size = size.Add(r.panel.content.MinSize())
	}
	return size
}

func (r *panelRenderer) Layout(size fyne.Size) {
	r.ground.Resize(size)
	if c := r.panel.content; c != nil {
		c.Move(fyne.NewPos(r.panel.insetX, r.panel.insetY))
		c.Resize(size.SubtractWidthHeight(2*r.panel.insetX, 2*r.panel.insetY))
	}
}

func (r *panelRenderer) Refresh() {
	r.ground.FillColor = theme.Color(r.panel.fill)
	r.ground.CornerRadius = r.panel.corner
	r.ground.StrokeWidth = 0
	if r.panel.line != "" {
		r.ground.StrokeColor = theme.Color(r.panel.line)
		r.ground.StrokeWidth = r.panel.lineWidth
	}
	redraw(r.ground)
	r.Layout(r.panel.Size())
	canvas.Refresh(r.panel)
}
