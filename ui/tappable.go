package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// tappable is what all of our buttons share: they are pressed with the pointer or, when focused, with Space or Enter,
// and hand every other key on to the screen, so that shortcuts work wherever the focus is.
type tappable struct {
	widget.BaseWidget

	label    string // what a screen reader says
	onTapped func()
	onKey    func(*fyne.KeyEvent) // may be nil
	onHint   func(show bool)      // hovered or focused, or no longer; may be nil
	disabled bool

	focused, hovered bool
}

// Tapped implements fyne.Tappable.
func (t *tappable) Tapped(*fyne.PointEvent) {
	if t.onTapped != nil && !t.disabled {
		t.onTapped()
	}
}

// FocusGained and FocusLost implement fyne.Focusable.
func (t *tappable) FocusGained() { t.focused = true; t.changed() }
func (t *tappable) FocusLost()   { t.focused = false; t.changed() }

// TypedRune implements fyne.Focusable.
func (t *tappable) TypedRune(rune) {}

// TypedKey implements fyne.Focusable.
func (t *tappable) TypedKey(key *fyne.KeyEvent) {
	switch key.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		t.Tapped(nil)
	}
}

// KeyDown and KeyUp implement desktop.Keyable. Shortcuts come by them, because they do not repeat while a key is held.
func (t *tappable) KeyDown(key *fyne.KeyEvent) {
	if t.onKey != nil {
		t.onKey(key)
	}
}
func (t *tappable) KeyUp(*fyne.KeyEvent) {}

// MouseIn, MouseMoved and MouseOut implement desktop.Hoverable.
func (t *tappable) MouseIn(*desktop.MouseEvent)    { t.hovered = true; t.changed() }
func (t *tappable) MouseMoved(*desktop.MouseEvent) {}
func (t *tappable) MouseOut()                      { t.hovered = false; t.changed() }

// Cursor implements desktop.Cursorable.
func (t *tappable) Cursor() desktop.Cursor { return desktop.PointerCursor }

// AccessibilityLabel and AccessibilityRole implement fyne.Accessible.
func (t *tappable) AccessibilityLabel() string             { return t.label }
func (t *tappable) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

func (t *tappable) changed() {
	t.Refresh()
	if t.onHint != nil {
		t.onHint(t.focused || t.hovered)
	}
}
