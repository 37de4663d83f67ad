package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"
)

// newField returns an entry with a content, for a part of the screen that [withFields] was applied to. Action is shown at its end and may be nil.
func newField(content, placeHolder string, action fyne.CanvasObject) *widget.Entry {
	entry := widget.NewEntry()
	entry.Text, entry.PlaceHolder = content, placeHolder
	entry.ActionItem = action
	entry.CursorColumn = len([]rune(content))
	return entry
}

// withFields gives all entries in a part of the screen the height of a field. Fyne reads all fonts anew for each call of it, 5 MB, and keeps them.
func withFields(part fyne.CanvasObject) fyne.CanvasObject {
	return container.NewThemeOverride(part, padded((fieldHeight-16)/2))
}
