package ui

import (
	"errors"
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"parley/devices"
)

// deviceMenu is the open list of what there is of some kinds of device. It follows devices that come and go while it is open.
// The UI goroutine calls all methods.
type deviceMenu struct {
	env    *env
	kinds  []devices.Kind
	anchor fyne.CanvasObject
	more   []*fyne.MenuItem // below the devices

	popup   *widget.PopUpMenu
	lists   [][]devices.Device // that it shows
	listing bool               // the lists are being asked for
	stale   bool               // something changed meanwhile
}

// openMenu shows the devices of some kinds at anchor, and more below them, as soon as the system has said what there is.
func openMenu(env *env, kinds []devices.Kind, anchor fyne.CanvasObject, more ...*fyne.MenuItem) {
	env.menu.close()
	env.menu = &deviceMenu{env: env, kinds: kinds, anchor: anchor, more: more}
	env.menu.list()
}

// update asks anew while the menu is open.
func (m *deviceMenu) update() {
	switch {
	case m == nil || m.popup == nil || !m.popup.Visible():
	case m.listing:
		m.stale = true
	default:
		m.list()
	}
}

// close takes the menu away.
func (m *deviceMenu) close() {
	if m == nil {
		return
	}
	m.kinds = nil
	if m.popup != nil {
		m.popup.Hide()
	}
}

// list asks for the devices off the UI goroutine, and shows them on it. The goroutine ends when the lists are there.
func (m *deviceMenu) list() {
	m.listing, m.stale = true, false
	kinds := m.kinds
	m.env.work.Go(func() {
		lists := make([][]devices.Device, len(kinds))
		for i, kind := range kinds {
			lists[i] = m.env.media.Devices(kind)
		}
		fyne.Do(func() { m.show(lists) })
	})
}

func (m *deviceMenu) show(lists [][]devices.Device) {
	m.listing = false
	open := m.popup != nil
	if m.kinds == nil || open && !m.popup.Visible() {
		return // closed meanwhile
	}
	if !open || !sameDevices(lists, m.lists) {
		if open {
			m.popup.Hide()
		}
		m.lists = lists
		m.popup = popMenu(m.items(), m.anchor)
	}
	if m.stale {
		m.update()
	}
}

func sameDevices(a, b [][]devices.Device) bool {
	return fmt.Sprint(a) == fmt.Sprint(b) // errors are made anew each time
}

func (m *deviceMenu) items() []*fyne.MenuItem {
	var items []*fyne.MenuItem
	for i, kind := range m.kinds {
		if len(m.kinds) > 1 {
			if i > 0 {
				items = append(items, fyne.NewMenuItemSeparator())
			}
			items = append(items, heading(capital(string(kind))))
		}
		if _, bad := m.env.host.explain(kind, m.env.media.Choice(kind)); bad {
			items = append(items, fyne.NewMenuItem("Try again", func() { m.env.tryAgain(kind) }))
		}
		items = append(items, deviceItems(m.env.media, kind, m.lists[i])...)
	}
	if len(m.more) > 0 {
		items = append(append(items, fyne.NewMenuItemSeparator()), m.more...)
	}
	return items
}

// deviceItems are what can be chosen of one kind: the system's choice, what is really there, the test sources under a
// heading of their own, and none.
func deviceItems(media Media, kind devices.Kind, list []devices.Device) []*fyne.MenuItem {
	chosen := media.Choice(kind).Label
	item := func(label, words string) *fyne.MenuItem {
		i := fyne.NewMenuItem(words, func() { media.Use(kind, label) })
		i.Checked = label == chosen
		return i
	}
	preferred := ""
	var real, tests []*fyne.MenuItem
	for _, d := range list {
		if d.Default {
			preferred = d.Label
		}
		switch {
		case d.Label == devices.Default || d.Label == devices.None:
		case d.Test:
			tests = append(tests, item(d.Label, deviceName(kind, d.Label)))
		default:
			real = append(real, item(d.Label, shortened(d.Label)+inBrackets(misfortune(d.Err))))
		}
	}
	items := append([]*fyne.MenuItem{item(devices.Default, shortened(systemDefault(kind, preferred)))}, real...)
	items = append(items, fyne.NewMenuItemSeparator())
	if len(tests) > 0 {
		items = append(items, heading("Test sources"))
		items = append(append(items, tests...), fyne.NewMenuItemSeparator())
	}
	return append(items, item(devices.None, deviceName(kind, devices.None)))
}

// longest is how many letters of a name fit into a menu.
const longest = 60

// shortened cuts a name that is too long for a menu, which would otherwise be wider than the window.
func shortened(name string) string {
	if letters := []rune(name); len(letters) > longest {
		return string(letters[:longest-1]) + "…"
	}
	return name
}

// misfortune says in a word or two why a device cannot be opened.
func misfortune(err error) string {
	var inUse *devices.InUseError
	switch {
	case err == nil:
		return ""
	case errors.Is(err, devices.ErrNotAllowed):
		return "not allowed"
	case errors.As(err, &inUse):
		return "used by " + inUse.Program
	case errors.Is(err, devices.ErrNotReadable):
		return "busy"
	}
	return "does not start"
}

func inBrackets(words string) string {
	if words == "" {
		return ""
	}
	return " (" + words + ")"
}

// heading is a line of a menu that cannot be chosen.
func heading(words string) *fyne.MenuItem {
	item := fyne.NewMenuItem(words, nil)
	item.Disabled = true
	return item
}

const menuMargin = 12 // right of the longest item, of which Fyne leaves little

// popMenu shows a menu at anchor, below it or, where there is no room, above it, and at least as wide.
func popMenu(items []*fyne.MenuItem, anchor fyne.CanvasObject) *widget.PopUpMenu {
	driver := fyne.CurrentApp().Driver()
	c := driver.CanvasForObject(anchor)
	if c == nil || len(items) == 0 {
		return nil // its screen was closed meanwhile
	}
	menu := widget.NewPopUpMenu(fyne.NewMenu("", items...), c)
	size := menu.MinSize()
	size.Width = max(size.Width+menuMargin, anchor.Size().Width)
	at := driver.AbsolutePositionForObject(anchor)
	below := c.Size().Height - at.Y - anchor.Size().Height - 8
	above := at.Y - 8
	if size.Height <= below || below >= above {
		size.Height = min(size.Height, below)
		at.Y += anchor.Size().Height + 4
	} else {
		size.Height = min(size.Height, above)
		at.Y -= size.Height + 4
	}
	at.X = max(4, min(at.X, c.Size().Width-size.Width-4))
	menu.Resize(size)
	menu.ShowAtPosition(at)
	c.Focus(menu)
	return menu
}
