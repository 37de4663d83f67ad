package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"

	"parley/assets"
	"parley/devices"
)

// picker is a field with the chosen device of one kind, and opens the list of what there is.
type picker struct {
	tappable

	kind  devices.Kind
	env   *env
	words string
	quiet bool
}

func newPicker(p *picker) *picker {
	p.onTapped = p.onOpen
	p.ExtendBaseWidget(p)
	p.update()
	return p
}

// update reads afresh what is chosen.
func (p *picker) update() {
	choice := p.env.media.Choice(p.kind)
	words, quiet := deviceName(p.kind, choice.Label), choice.Opening
	if choice.Label == devices.Default {
		words = systemDefault(p.kind, choice.Using)
	}
	if t, bad := p.env.host.explain(p.kind, choice); bad {
		words, quiet = t.short, !t.mild
	}
	if words != p.words || quiet != p.quiet {
		p.words, p.quiet = words, quiet
		p.label = capital(string(p.kind)) + ": " + words
		p.Refresh()
	}
}

func (p *picker) onOpen() { openMenu(p.env, []devices.Kind{p.kind}, p) }

// TypedKey implements fyne.Focusable: the arrow opens the list too.
func (p *picker) TypedKey(key *fyne.KeyEvent) {
	if key.Name == fyne.KeyDown {
		p.onOpen()
		return
	}
	p.tappable.TypedKey(key)
}

// CreateRenderer implements fyne.Widget.
func (p *picker) CreateRenderer() fyne.WidgetRenderer {
	r := &pickerRenderer{
		picker:  p,
		field:   &canvas.Rectangle{},
		words:   newText(&text{shrink: true}),
		chevron: &canvas.Image{FillMode: canvas.ImageFillContain},
	}
	r.Refresh()
	return r
}

type pickerRenderer struct {
	picker  *picker
	field   *canvas.Rectangle
	words   *text
	chevron *canvas.Image
}

func (r *pickerRenderer) Destroy()           {}
func (r *pickerRenderer) MinSize() fyne.Size { return fyne.NewSize(120, fieldHeight) }
func (r *pickerRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.field, r.words, r.chevron}
}

func (r *pickerRenderer) Layout(size fyne.Size) {
	r.field.Resize(size)
	height := r.words.MinSize().Height
	put(r.words, 14, (size.Height-height)/2, size.Width-14-36, height)
	put(r.chevron, size.Width-30, (size.Height-18)/2, 18, 18)
}

func (r *pickerRenderer) Refresh() {
	p := r.picker
	r.field.FillColor, r.field.CornerRadius = theme.Color(colorRaised), cornerField
	r.field.StrokeColor, r.field.StrokeWidth = theme.Color(colorLine), 1
	if p.focused {
		r.field.StrokeColor, r.field.StrokeWidth = theme.Color(colorAccent), 2
	} else if p.hovered {
		r.field.FillColor = theme.Color(colorButton)
	}
	r.chevron.Resource = icon(assets.IconChevronDown, colorQuiet)
	r.words.content, r.words.color = p.words, colorText
	if p.quiet {
		r.words.color = colorQuiet
	}
	r.Layout(p.Size())
	r.words.Refresh()
	r.field.Refresh()
	r.chevron.Refresh()
}
