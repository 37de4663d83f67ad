//go:build linux

package x11

import (
	"fmt"
	"image"

	"github.com/jezek/xgb/randr"
	"github.com/jezek/xgb/xproto"
)

// Monitor is one display, as the user has set it up.
type Monitor struct {
	Name    string          // of the output, "HDMI-1"; unique, at most [MaxTitle] characters
	Bounds  image.Rectangle // in pixels of the whole desktop
	Primary bool            // the one where panels and new windows are
}

// Monitors returns the monitors of the display, the primary one first. Errors wrap [ErrNoDisplay].
func Monitors() ([]Monitor, error) {
	c, err := connect(extRandR)
	if err != nil {
		return nil, err
	}
	defer c.close()
	return c.monitors()
}

// monitors never returns an empty list: where RandR knows nothing, the whole desktop is one monitor.
func (c *conn) monitors() ([]Monitor, error) {
	desktop, err := c.desktop()
	if err != nil {
		return nil, err
	}
	var list []Monitor
	if c.has(extRandR) {
		reply, err := randr.GetMonitors(c.x, c.root, true).Reply()
		if err != nil {
			return nil, wrap("asking for the monitors", err)
		}
		for _, m := range reply.Monitors {
			x, y := int(m.X), int(m.Y)
			bounds := image.Rect(x, y, x+int(m.Width), y+int(m.Height)).Intersect(desktop)
			if bounds.Dx() < 2 || bounds.Dy() < 2 {
				continue
			}
			monitor := Monitor{Name: c.atomName(m.Name), Bounds: bounds, Primary: m.Primary && !hasPrimary(list)}
			if monitor.Primary {
				list = append([]Monitor{monitor}, list...)
			} else {
				list = append(list, monitor)
			}
		}
	}
	if len(list) == 0 {
		list = []Monitor{{Name: "screen", Bounds: desktop}}
	}
	if !hasPrimary(list) {
		list[0].Primary = true
	}
	return list, nil
}

func hasPrimary(list []Monitor) bool { return len(list) > 0 && list[0].Primary }

// desktop returns the bounds of the root window, in which all monitors lie.
func (c *conn) desktop() (image.Rectangle, error) {
	geometry, err := xproto.GetGeometry(c.x, xproto.Drawable(c.root)).Reply()
	if err != nil {
		return image.Rectangle{}, wrap("asking for the size of the desktop", err)
	}
	return image.Rect(0, 0, int(geometry.Width), int(geometry.Height)), nil
}

func (c *conn) atomName(atom xproto.Atom) string {
	reply, err := xproto.GetAtomName(c.x, atom).Reply()
	if err != nil || clean(reply.Name) == "" {
		return fmt.Sprintf("monitor %d", atom)
	}
	return clean(reply.Name)
}

// monitor returns the monitor of that name.
func (c *conn) monitor(name string) (Monitor, error) {
	list, err := c.monitors()
	if err != nil {
		return Monitor{}, err
	}
	for _, m := range list {
		if m.Name == name {
			return m, nil
		}
	}
	return Monitor{}, fmt.Errorf("%w: %q", ErrNotFound, name)
}
