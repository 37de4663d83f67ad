package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// newField returns an entry with a content, and what to put into a layout for it: the entry at the height of a field.
// Action is shown at its end and may be nil.
func newField(content, placeHolder string, action fyne.CanvasObject) (*widget.Entry, fyne.CanvasObject) {
	entry := widget.NewEntry()
	entry.Text, entry.PlaceHolder = content, placeHolder
	entry.ActionItem = action
	entry.CursorColumn = len([]rune(content))
	return entry, container.NewThemeOverride(entry, roomy{currentLook()})
}

// roomy is Parley's theme with the padding that makes an entry as high as a field.
type roomy struct{ look }

// Size implements fyne.Theme.
func (r roomy) Size(name fyne.ThemeSizeName) float32 {
	if name == theme.SizeNameInnerPadding {
		return (fieldHeight - 16) / 2
	}
	return r.look.Size(name)
}
