package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"
)

// newField returns an entry with a content, and what to put into a layout for it: the entry at the height of a field.
// Action is shown at its end and may be nil.
func newField(content, placeHolder string, action fyne.CanvasObject) (*widget.Entry, fyne.CanvasObject) {
	entry := widget.NewEntry()
	entry.Text, entry.PlaceHolder = content, placeHolder
	entry.ActionItem = action
	entry.CursorColumn = len([]rune(content))
	return entry, container.NewThemeOverride(entry, padded((fieldHeight-16)/2))
}
