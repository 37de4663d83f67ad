package ui

import (
	"errors"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"parley/devices"
)

// deviceList asks for the devices of some kinds off the UI goroutine and hands them to show on it. The goroutine ends
// when the list is there.
func deviceList(env *env, kinds []devices.Kind, show func([]*fyne.MenuItem)) {
	env.work.Go(func() {
		lists := make([][]devices.Device, len(kinds))
		for i, kind := range kinds {
			lists[i] = env.media.Devices(kind)
		}
		fyne.Do(func() {
			var items []*fyne.MenuItem
			for i, kind := range kinds {
				if len(kinds) > 1 {
					if i > 0 {
						items = append(items, fyne.NewMenuItemSeparator())
					}
					items = append(items, heading(capital(string(kind))))
				}
				items = append(items, deviceItems(env.media, kind, lists[i])...)
			}
			show(items)
		})
	})
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
	items := []*fyne.MenuItem{item(devices.Default, deviceName(kind, devices.Default))}
	var tests []*fyne.MenuItem
	for _, d := range list {
		switch {
		case d.Label == devices.Default || d.Label == devices.None:
		case d.Test:
			tests = append(tests, item(d.Label, deviceName(kind, d.Label)))
		default:
			items = append(items, item(d.Label, d.Label+misfortune(d.Err)))
		}
	}
	items = append(items, fyne.NewMenuItemSeparator())
	if len(tests) > 0 {
		items = append(items, heading("Test sources"))
		items = append(append(items, tests...), fyne.NewMenuItemSeparator())
	}
	return append(items, item(devices.None, deviceName(kind, devices.None)))
}

// misfortune says beside a device's name why it cannot be opened.
func misfortune(err error) string {
	switch {
	case err == nil:
		return ""
	case errors.Is(err, devices.ErrNotAllowed):
		return " (not allowed)"
	case errors.Is(err, devices.ErrNotReadable):
		return " (busy)"
	}
	return " (does not start)"
}

// heading is a line of a menu that cannot be chosen.
func heading(words string) *fyne.MenuItem {
	item := fyne.NewMenuItem(words, nil)
	item.Disabled = true
	return item
}

// popMenu shows a menu at anchor, below it or, where there is no room, above it, and at least as wide.
func popMenu(items []*fyne.MenuItem, anchor fyne.CanvasObject) *widget.PopUpMenu {
	driver := fyne.CurrentApp().Driver()
	c := driver.CanvasForObject(anchor)
	if c == nil || len(items) == 0 {
		return nil // its screen was closed meanwhile
	}
	menu := widget.NewPopUpMenu(fyne.NewMenu("", items...), c)
	size := menu.MinSize()
	size.Width = max(size.Width, anchor.Size().Width)
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
