//go:build linux

package x11

import (
	"bytes"
	"os"
	"slices"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

// Window is a window that people know by its title.
type Window struct {
	ID    uint32 // the X server's number for it
	Title string // one line of at most [MaxTitle] characters, not empty; several windows may have the same
}

// maxWindows bounds the list, which every program can make longer.
const maxWindows = 200

// Windows returns the windows that are on the screens, the uppermost first. Left out are those that are minimised or on another
// desktop, panels and menus, and this program's own. Errors wrap [ErrNoDisplay].
//
// It asks the window manager (https://specifications.freedesktop.org/wm-spec/latest/); where there is none, a window is what has
// a title.
func Windows() ([]Window, error) {
	c, err := connect()
	if err != nil {
		return nil, err
	}
	defer c.close()
	ids, err := c.topLevel()
	if err != nil {
		return nil, err
	}
	return c.describe(ids), nil
}

// topLevel returns the windows in stacking order, the uppermost first.
func (c *conn) topLevel() ([]xproto.Window, error) {
	value := c.property(c.root, "_NET_CLIENT_LIST_STACKING", maxWindows)()
	ids := windowIDs(value.bytes)
	if len(ids) == 0 {
		tree, err := xproto.QueryTree(c.x, c.root).Reply()
		if err != nil {
			return nil, wrap("asking for the windows", err)
		}
		ids = tree.Children
	}
	ids = slices.Clone(ids[max(len(ids)-maxWindows, 0):])
	slices.Reverse(ids)
	return ids, nil
}

// windowIDs reads a list of windows.
func windowIDs(value []byte) []xproto.Window {
	var ids []xproto.Window
	for b := range slices.Chunk(value, 4) {
		if len(b) == 4 {
			ids = append(ids, xproto.Window(xgb.Get32(b)))
		}
	}
	return ids
}

// value is what a property holds: bytes, or nothing where it is not set.
type value struct {
	kind  xproto.Atom
	bytes []byte
}

// property asks for a property, at most so many units of four bytes, and returns what waits for the answer: so
// many questions travel together.
func (c *conn) property(w xproto.Window, name string, units uint32) func() value {
	return c.propertyOf(w, c.atom(name), units)
}

func (c *conn) propertyOf(w xproto.Window, name xproto.Atom, units uint32) func() value {
	cookie := xproto.GetProperty(c.x, false, w, name, xproto.GetPropertyTypeAny, 0, units)
	return func() value {
		reply, err := cookie.Reply()
		if err != nil {
			return value{}
		}
		return value{reply.Type, reply.Value}
	}
}

// windowAtoms are the names of what is asked of each window.
type windowAtoms struct {
	name, pid, kind, utf8 xproto.Atom
	notForPeople          []xproto.Atom // the types that are left out
}

func (c *conn) windowAtoms() windowAtoms {
	a := windowAtoms{name: c.atom("_NET_WM_NAME"), pid: c.atom("_NET_WM_PID"), kind: c.atom("_NET_WM_WINDOW_TYPE"), utf8: c.atom("UTF8_STRING")}
	for _, kind := range []string{"DESKTOP", "DOCK", "TOOLBAR", "MENU", "DROPDOWN_MENU", "POPUP_MENU", "TOOLTIP", "NOTIFICATION", "COMBO", "DND", "SPLASH"} {
		a.notForPeople = append(a.notForPeople, c.atom("_NET_WM_WINDOW_TYPE_"+kind))
	}
	return a
}

// describe asks for what is known of the windows, and leaves out those that nobody would share.
func (c *conn) describe(ids []xproto.Window) []Window {
	atoms := c.windowAtoms()
	answers := make([]func() (Window, bool), 0, len(ids))
	for _, id := range ids {
		answers = append(answers, c.ask(id, atoms))
	}
	var list []Window
	for _, answer := range answers {
		if w, ok := answer(); ok {
			list = append(list, w)
		}
	}
	return list
}

// ask sends the questions about one window; the function it returns waits for the answers.
func (c *conn) ask(id xproto.Window, atoms windowAtoms) func() (Window, bool) {
	const textUnits, typeUnits = 256, 16
	attributes := xproto.GetWindowAttributes(c.x, id)
	geometry := xproto.GetGeometry(c.x, xproto.Drawable(id))
	name := c.propertyOf(id, atoms.name, textUnits)
	oldName := c.propertyOf(id, xproto.AtomWmName, textUnits)
	pid := c.propertyOf(id, atoms.pid, 1)
	kinds := c.propertyOf(id, atoms.kind, typeUnits)
	class := c.propertyOf(id, xproto.AtomWmClass, textUnits)
	return func() (Window, bool) {
		a, err := attributes.Reply()
		g, err2 := geometry.Reply()
		w := Window{ID: uint32(id), Title: title(name(), oldName(), class(), atoms.utf8)}
		p, k := pid(), kinds()
		switch {
		case err != nil || err2 != nil: // it was closed meanwhile
			return Window{}, false
		case a.MapState != xproto.MapStateViewable || a.Class != xproto.WindowClassInputOutput || a.OverrideRedirect:
			return Window{}, false
		case g.Width < 2 || g.Height < 2 || w.Title == "":
			return Window{}, false
		case len(p.bytes) == 4 && int(xgb.Get32(p.bytes)) == os.Getpid():
			return Window{}, false
		}
		for _, kind := range windowIDs(k.bytes) { // atoms have the form of windows
			if slices.Contains(atoms.notForPeople, xproto.Atom(kind)) {
				return Window{}, false
			}
		}
		return w, true
	}
}

// title is the name in UTF-8, else the older one, else what the program calls itself.
func title(name, oldName, class value, utf8 xproto.Atom) string {
	if name.kind == utf8 {
		if text := utf8Text(name.bytes); text != "" {
			return text
		}
	}
	if text := oldText(oldName.bytes); text != "" {
		return text
	}
	// WM_CLASS is two strings, each with a zero behind: the instance and the class.
	if parts := bytes.Split(class.bytes, []byte{0}); len(parts) >= 2 {
		return oldText(parts[1])
	}
	return ""
}
