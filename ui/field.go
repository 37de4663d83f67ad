package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// field is an entry that is higher than Fyne's. It has more room around its text than the theme gives to widgets: a theme of its own for it would
// make Fyne read all fonts once more.
type field struct {
	widget.Entry

	onChanged func(string) // may be nil
}

// fieldInset is by how much more the text of a field is inset than that of Fyne's entries.
const fieldInset float32 = 7

// newField returns a field with a content. Action is shown at its end and may be nil.
func newField(content, placeHolder string, action fyne.CanvasObject) *field {
	f := &field{}
	f.Wrapping = fyne.TextWrap(fyne.TextTruncateClip)
	f.Text, f.PlaceHolder, f.TextStyle = content, placeHolder, plainIfCovered(content)
	f.ActionItem = action
	f.CursorColumn = len([]rune(content))
	f.OnChanged = f.changed
	f.ExtendBaseWidget(f)
	return f
}

func (f *field) changed(content string) {
	f.TextStyle = plainIfCovered(content) // the entry refreshes itself afterwards
	if f.onChanged != nil {
		f.onChanged(content)
	}
}

// MouseDown implements desktop.Mouseable.
func (f *field) MouseDown(m *desktop.MouseEvent) {
	m.Position = m.Position.SubtractXY(fieldInset, fieldInset)
	f.Entry.MouseDown(m)
}

// Dragged implements fyne.Draggable.
func (f *field) Dragged(d *fyne.DragEvent) {
	d.Position = d.Position.SubtractXY(fieldInset, fieldInset)
	f.Entry.Dragged(d)
}

// CursorPosition says where the window of an input method belongs.
func (f *field) CursorPosition() fyne.Position {
	return f.Entry.CursorPosition().AddXY(fieldInset, fieldInset)
}

// CreateRenderer implements fyne.Widget.
func (f *field) CreateRenderer() fyne.WidgetRenderer {
	measureForEntry()
	return &fieldRenderer{f.Entry.CreateRenderer(), f}
}

// fieldRenderer puts the parts of a smaller entry apart.
type fieldRenderer struct {
	fyne.WidgetRenderer
	field *field
}

func (r *fieldRenderer) Refresh() {
	measureForEntry()
	r.WidgetRenderer.Refresh()
}

func (r *fieldRenderer) MinSize() fyne.Size {
	measureForEntry()
	return r.WidgetRenderer.MinSize().AddWidthHeight(3*fieldInset, 2*fieldInset)
}

func (r *fieldRenderer) Layout(size fyne.Size) {
	const more = 2 * fieldInset
	measureForEntry()
	r.WidgetRenderer.Layout(size.SubtractWidthHeight(more, more))
	for _, part := range r.Objects() {
		at, own := part.Position(), part.Size()
		if _, ground := part.(*canvas.Rectangle); ground {
			part.Resize(own.AddWidthHeight(more, more))
		} else if part == r.field.ActionItem {
			put(part, at.X+more, at.Y, own.Width, own.Height+more)
		} else {
			part.Move(at.AddXY(fieldInset, fieldInset))
		}
	}
}
