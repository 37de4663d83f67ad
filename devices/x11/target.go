//go:build linux

package x11

import (
	"errors"
	"fmt"
	"image"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/composite"
	"github.com/jezek/xgb/randr"
	"github.com/jezek/xgb/xfixes"
	"github.com/jezek/xgb/xproto"
)

// target is what is captured: a monitor or a window.
type target interface {
	// watch asks for the events that follow looks at.
	watch() error
	// follow looks at an event, and says whether area may have changed. An error is the end.
	follow(ev xgb.Event) (moved bool, err error)
	// watched is the window whose changes are of interest, and origin the place in it where area begins.
	watched() (w xproto.Window, origin image.Point)
	// area is where the picture is.
	area() (xproto.Drawable, image.Rectangle)
	// pointer returns where in the area the mouse points; false when it is elsewhere.
	pointer() (image.Point, bool, error)
}

// monitorTarget is a monitor, known by its name.
type monitorTarget struct {
	*conn
	Monitor
}

func newMonitorTarget(c *conn, name string) (*monitorTarget, error) {
	m, err := c.monitor(name)
	if err != nil {
		return nil, err
	}
	if err := c.checkPixels(c.setup.DefaultScreen(c.x).RootDepth); err != nil {
		return nil, err
	}
	return &monitorTarget{c, m}, nil
}

func (t *monitorTarget) watch() error {
	// Monitors that were put together by hand are told of as a change of the root window.
	err := xproto.ChangeWindowAttributesChecked(t.x, t.root, xproto.CwEventMask, []uint32{xproto.EventMaskStructureNotify}).Check()
	if err != nil || !t.has(extRandR) {
		return err
	}
	return randr.SelectInputChecked(t.x, t.root,
		randr.NotifyMaskScreenChange|randr.NotifyMaskCrtcChange|randr.NotifyMaskOutputChange).Check()
}

func (t *monitorTarget) follow(ev xgb.Event) (bool, error) {
	_, configured := ev.(xproto.ConfigureNotifyEvent)
	if !configured && !t.isEvent(ev, extRandR, randr.ScreenChangeNotify) && !t.isEvent(ev, extRandR, randr.Notify) {
		return false, nil
	}
	m, err := t.monitor(t.Name)
	for range changes {
		if !errors.Is(err, ErrNotFound) {
			break
		}
		time.Sleep(changing / changes)
		m, err = t.monitor(t.Name)
	}
	if err != nil {
		return false, fmt.Errorf("%w (%w)", ErrGone, err)
	}
	moved := m.Bounds != t.Bounds
	t.Monitor = m
	return moved, nil
}

// A monitor that gets another resolution is away for a moment.
const (
	changing = 1500 * time.Millisecond
	changes  = 15 // how often it is looked for in that time
)

func (t *monitorTarget) watched() (xproto.Window, image.Point) { return t.root, t.Bounds.Min }

func (t *monitorTarget) area() (xproto.Drawable, image.Rectangle) {
	return xproto.Drawable(t.root), t.Bounds
}

func (t *monitorTarget) pointer() (image.Point, bool, error) {
	p, err := t.pointsAt(t.root)
	return p.root.Sub(t.Bounds.Min), p.root.In(t.Bounds), err
}

// windowTarget is a window. While it is captured the X server keeps its pixels in a pixmap of their own, whatever covers it
// (https://www.x.org/releases/current/doc/compositeproto/compositeproto.txt). The pixmap outlives the window's being minimised.
type windowTarget struct {
	*conn
	id     xproto.Window
	pixmap xproto.Pixmap
	bounds image.Rectangle // of what is in the window, in the pixmap: without the border
	top    xproto.Window   // the child of the root in which it lies: often a frame of the window manager
}

func newWindowTarget(c *conn, id uint32) (*windowTarget, error) {
	if !c.has(extComposite) {
		return nil, fmt.Errorf("%w: no Composite extension", ErrUnsupported)
	}
	t := &windowTarget{conn: c, id: xproto.Window(id)}
	geometry, err := xproto.GetGeometry(c.x, xproto.Drawable(id)).Reply()
	if err != nil {
		return nil, fmt.Errorf("%w (%v)", ErrNotFound, err)
	}
	if err := c.checkPixels(geometry.Depth); err != nil {
		return nil, err
	}
	covered := t.covered()
	if err := composite.RedirectWindowChecked(c.x, t.id, composite.RedirectAutomatic).Check(); err != nil {
		return nil, wrap("asking for the window's own picture", err)
	}
	if err := t.name(); err != nil {
		return nil, fmt.Errorf("%w: it is not on the screen (%v)", ErrNotFound, err)
	}
	t.top = t.frame()
	if covered {
		// Its pixmap begins with what was to be seen in its place. Its program is told to draw what was hidden.
		time.Sleep(drawingTime)
	}
	return t, nil
}

// drawingTime is what a program is given to draw the parts of its window that were covered. What covers them is not to be shared.
const drawingTime = 200 * time.Millisecond

// covered says whether a part of the window cannot be seen, and its pixels therefore are not kept. Under a
// compositing window manager all are.
func (t *windowTarget) covered() bool {
	owner, err := xproto.GetSelectionOwner(t.x, t.atom(fmt.Sprintf("_NET_WM_CM_S%d", t.x.DefaultScreen))).Reply()
	if err != nil || owner.Owner != 0 {
		return false
	}
	region, err := xfixes.NewRegionId(t.x)
	if err != nil {
		return true
	}
	composite.CreateRegionFromBorderClip(t.x, region, t.id)
	defer xfixes.DestroyRegion(t.x, region)
	seen, err := xfixes.FetchRegion(t.x, region).Reply()
	geometry, err2 := xproto.GetGeometry(t.x, xproto.Drawable(t.id)).Reply()
	if err != nil || err2 != nil {
		return true
	}
	area := 0
	for _, r := range seen.Rectangles {
		area += int(r.Width) * int(r.Height)
	}
	border := 2 * int(geometry.BorderWidth)
	return area < (int(geometry.Width)+border)*(int(geometry.Height)+border)
}

// name takes the pixmap in which the window is now; another one each time its size changes or it comes back. When that fails,
// the earlier one is kept.
func (t *windowTarget) name() error {
	pixmap, err := xproto.NewPixmapId(t.x)
	if err != nil {
		return err
	}
	if err := composite.NameWindowPixmapChecked(t.x, t.id, pixmap).Check(); err != nil {
		return err
	}
	bounds, err := t.inside(pixmap)
	if err != nil {
		xproto.FreePixmap(t.x, pixmap)
		return err
	}
	if t.pixmap != 0 {
		xproto.FreePixmap(t.x, t.pixmap)
	}
	t.pixmap, t.bounds = pixmap, bounds
	return nil
}

// inside returns where in its pixmap the window is, without the border.
func (t *windowTarget) inside(pixmap xproto.Pixmap) (image.Rectangle, error) {
	whole, err := xproto.GetGeometry(t.x, xproto.Drawable(pixmap)).Reply()
	if err != nil {
		return image.Rectangle{}, err
	}
	window, err := xproto.GetGeometry(t.x, xproto.Drawable(t.id)).Reply()
	if err != nil {
		return image.Rectangle{}, err
	}
	bounds := image.Rect(0, 0, int(whole.Width), int(whole.Height)).Inset(int(window.BorderWidth))
	if bounds.Dx() < 2 || bounds.Dy() < 2 {
		return image.Rectangle{}, fmt.Errorf("%w: a window of %v", ErrUnsupported, bounds.Size())
	}
	return bounds, nil
}

// frame looks for the child of the root that holds the window.
func (t *windowTarget) frame() xproto.Window {
	const deepest = 64
	w := t.id
	for range deepest {
		tree, err := xproto.QueryTree(t.x, w).Reply()
		if err != nil || tree.Parent == t.root || tree.Parent == 0 {
			break
		}
		w = tree.Parent
	}
	return w
}

func (t *windowTarget) watch() error {
	return xproto.ChangeWindowAttributesChecked(t.x, t.id, xproto.CwEventMask, []uint32{xproto.EventMaskStructureNotify}).Check()
}

func (t *windowTarget) follow(ev xgb.Event) (bool, error) {
	switch e := ev.(type) {
	case xproto.DestroyNotifyEvent:
		if e.Window == t.id {
			return false, fmt.Errorf("%w: the window was closed", ErrGone)
		}
	case xproto.ConfigureNotifyEvent:
		if t.bounds.Size() == image.Pt(int(e.Width), int(e.Height)) && t.bounds.Min.X == int(e.BorderWidth) {
			return false, nil // it was moved
		}
		return t.name() == nil, nil
	case xproto.MapNotifyEvent:
		// A window that is not on the screen has no new pixmap; the old one is its last picture.
		return t.name() == nil, nil
	case xproto.ReparentNotifyEvent:
		t.top = t.frame()
		return t.name() == nil, nil
	}
	return false, nil
}

func (t *windowTarget) watched() (xproto.Window, image.Point) { return t.id, image.Point{} }

func (t *windowTarget) area() (xproto.Drawable, image.Rectangle) {
	return xproto.Drawable(t.pixmap), t.bounds
}

func (t *windowTarget) pointer() (image.Point, bool, error) {
	p, err := t.pointsAt(t.id)
	inside := p.window.In(image.Rectangle{Max: t.bounds.Size()})
	return p.window, inside && p.top == t.top, err
}
