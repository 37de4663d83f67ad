//go:build linux

package x11

import (
	"errors"
	"fmt"
	"image"
	"sync"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/damage"
	"github.com/jezek/xgb/xfixes"
	"github.com/jezek/xgb/xproto"

	"parley/devices/bgra"
	"parley/devices/frame"
)

const (
	still     = time.Second     // how often a picture comes though nothing has changed
	tolerance = 4 * time.Second // the time in which a picture must be had, though reading it fails now and then
)

// Capture follows a monitor or a window.
type Capture struct {
	*conn
	target   target
	interval time.Duration

	canvas  canvas
	pool    frame.Pool
	pointer pointer
	damage  damage.Damage
	region  xfixes.Region

	events    chan xgb.Event // closed when the connection has ended
	quit      chan struct{}
	closeOnce sync.Once

	// What Grab knows between pictures.
	stale   rows // rows of the canvas that are no longer so
	damaged bool // the X server has told of a change that was not looked at
	drawn   bool // the newest picture has all that is known
	pointed image.Point
	over    bool      // the mouse points into the area, at pointed
	due     time.Time // the earliest moment for the next picture
	last    time.Time // when the newest picture was captured
	read    time.Time // when reading last went well
}

// OpenMonitor begins to capture the monitor of that name, at most rate pictures a second. The caller closes it. Errors wrap
// [ErrNoDisplay], [ErrNotFound] or [ErrUnsupported].
func OpenMonitor(name string, rate float64) (*Capture, error) {
	return open(rate, func(c *conn) (target, error) { return newMonitorTarget(c, name) })
}

// OpenWindow begins to capture the window with that ID, at most rate pictures a second. The caller closes it. Errors wrap
// [ErrNoDisplay], [ErrNotFound] or [ErrUnsupported].
func OpenWindow(id uint32, rate float64) (*Capture, error) {
	return open(rate, func(c *conn) (target, error) { return newWindowTarget(c, id) })
}

func open(rate float64, find func(*conn) (target, error)) (*Capture, error) {
	if !(rate > 0 && rate <= 240) {
		return nil, fmt.Errorf("%w: %v pictures a second", ErrUnsupported, rate)
	}
	c, err := connect(extXFixes, extComposite, extDamage, extRandR, extShm)
	if err != nil {
		return nil, err
	}
	if !c.has(extXFixes) {
		c.close()
		return nil, fmt.Errorf("%w: no XFIXES extension", ErrUnsupported)
	}
	t, err := find(c)
	if err != nil {
		c.close()
		return nil, err
	}
	capture := &Capture{
		conn: c, target: t, interval: time.Duration(float64(time.Second) / rate), read: time.Now(),
		events: make(chan xgb.Event), quit: make(chan struct{}),
	}
	if err := capture.begin(); err != nil {
		c.close()
		return nil, wrap("following it", err)
	}
	go capture.pump()
	return capture, nil
}

// begin asks for the events and makes room for the first picture.
func (c *Capture) begin() error {
	if err := c.target.watch(); err != nil {
		return err
	}
	if err := xfixes.SelectCursorInputChecked(c.x, c.root, xfixes.CursorNotifyMaskDisplayCursor).Check(); err != nil {
		return err
	}
	if err := c.pointer.load(c.conn); err != nil {
		return err
	}
	if c.has(extDamage) {
		if err := c.beginDamage(); err != nil {
			return err
		}
	}
	return c.resize()
}

// beginDamage asks to be told of changes.
func (c *Capture) beginDamage() (err error) {
	if c.region, err = xfixes.NewRegionId(c.x); err != nil {
		return err
	}
	if err := xfixes.CreateRegionChecked(c.x, c.region, nil).Check(); err != nil {
		return err
	}
	if c.damage, err = damage.NewDamageId(c.x); err != nil {
		return err
	}
	w, _ := c.target.watched()
	return damage.CreateChecked(c.x, c.damage, xproto.Drawable(w), damage.ReportLevelNonEmpty).Check()
}

// pump hands on the events until the connection ends. After Close it drops them, so that nothing waits for them.
func (c *Capture) pump() {
	defer close(c.events)
	for {
		ev, err := c.x.WaitForEvent()
		if ev == nil && err == nil {
			return
		}
		if ev == nil {
			continue // a request failed that nobody waits for: the window was closed
		}
		select {
		case c.events <- ev:
		case <-c.quit:
		}
	}
}

// Close ends the capture, and a Grab that waits. Any goroutine may call it, any number of times.
func (c *Capture) Close() {
	c.closeOnce.Do(func() { close(c.quit) })
}

// Grab waits until something has changed, or a second has gone by, and returns the picture. The caller releases it. Its Captured
// is the moment just before it was read. Its size is even, and changes with the window's.
//
// One goroutine calls it, until it fails: with [ErrClosed] after Close, else with an error that wraps [ErrGone], or
// [ErrUnsupported] for what has become too large. That call also gives everything back.
func (c *Capture) Grab() (*frame.Frame, error) {
	f, err := c.grab()
	if err != nil {
		c.Close()
		c.canvas.free(c.conn)
		c.conn.close()
		for range c.events { // until pump has ended
		}
	}
	return f, err
}

func (c *Capture) grab() (*frame.Frame, error) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-c.quit:
			return nil, ErrClosed
		case ev, ok := <-c.events:
			if !ok {
				return nil, fmt.Errorf("%w (the connection ended)", ErrGone)
			}
			if err := c.follow(ev); err != nil {
				return nil, err
			}
		case <-timer.C:
		}
		now := time.Now()
		wait := c.due.Sub(now)
		if wait <= 0 {
			if f, err := c.take(now); f != nil || err != nil {
				return f, err
			}
			wait = c.interval // until the pointer is asked after again
		}
		timer.Reset(wait)
	}
}

// follow notes what an event says.
func (c *Capture) follow(ev xgb.Event) error {
	switch {
	case c.isEvent(ev, extDamage, damage.Notify):
		c.damaged = true
		return nil
	case c.isEvent(ev, extXFixes, xfixes.CursorNotify):
		c.drawn = false
		return c.lasting(c.pointer.load(c.conn))
	}
	moved, err := c.target.follow(ev)
	if err != nil || !moved {
		return err
	}
	return c.resize()
}

// resize makes the canvas fit the area, whose pixels are all to be read anew.
func (c *Capture) resize() error {
	_, area := c.target.area()
	if _, err := c.canvas.resize(c.conn, area.Dx(), area.Dy()); err != nil {
		return err
	}
	c.stale = c.all()
	return nil
}

// all is every row of the canvas.
func (c *Capture) all() rows { return rows{0, c.canvas.height} }

// take makes a picture, if there is something new or the newest has grown old; else it returns nil.
func (c *Capture) take(now time.Time) (*frame.Frame, error) {
	if err := c.lasting(c.look(now)); err != nil {
		return nil, err
	}
	if err := c.lasting(c.askPointer()); err != nil {
		return nil, err
	}
	if c.stale.empty() && c.drawn {
		return nil, nil
	}
	captured := time.Now()
	c.due = captured.Add(c.interval)
	if !c.stale.empty() {
		from, area := c.target.area()
		if err := c.canvas.read(c.conn, from, area, c.stale); err != nil {
			if captured.Sub(c.read) > tolerance {
				return nil, fmt.Errorf("%w (%w)", ErrGone, err)
			}
			// The area was changed just now; the event that says so is on its way.
			return nil, c.lasting(err)
		}
		c.read = captured
	}
	c.stale, c.drawn, c.last = rows{}, true, captured
	f, err := c.picture()
	if err != nil {
		return nil, err
	}
	f.Captured = captured
	return f, nil
}

// lasting passes on what is the end, and forgives the X server's errors about what has just changed.
func (c *Capture) lasting(err error) error {
	var passing xgb.Error
	if err == nil || errors.As(err, &passing) {
		return nil
	}
	return wrap("reading the picture", err)
}

// look finds out which rows have changed.
func (c *Capture) look(now time.Time) error {
	if !c.has(extDamage) || now.Sub(c.last) >= still {
		c.stale = c.all()
	}
	if !c.damaged {
		return nil
	}
	c.damaged = false
	c.due = now.Add(c.interval) // also when what changed is on another monitor
	damage.Subtract(c.x, c.damage, 0, c.region)
	changed, err := xfixes.FetchRegion(c.x, c.region).Reply()
	if err != nil {
		return err
	}
	_, origin := c.target.watched()
	area := image.Rect(0, 0, c.canvas.width, c.canvas.height)
	for _, r := range changed.Rectangles {
		x, y := int(r.X), int(r.Y)
		part := image.Rect(x, y, x+int(r.Width), y+int(r.Height)).Sub(origin).Intersect(area)
		c.stale = c.stale.union(rows{part.Min.Y, part.Max.Y})
	}
	return nil
}

// askPointer finds out whether the pointer is to be drawn elsewhere.
func (c *Capture) askPointer() error {
	at, over, err := c.target.pointer()
	if err != nil {
		return err
	}
	if over != c.over || over && at != c.pointed {
		c.drawn = false
	}
	c.pointed, c.over = at, over
	return nil
}

// picture turns the canvas into a frame, with the pointer.
func (c *Capture) picture() (*frame.Frame, error) {
	if c.over {
		c.pointer.draw(&c.canvas, c.pointed)
		defer c.pointer.undraw(&c.canvas)
	}
	f := c.pool.Get(c.canvas.width&^1, c.canvas.height&^1)
	if err := bgra.ToI420(f.YCbCr, c.canvas.pix, c.canvas.width*pixelBytes, bgra.BGRA); err != nil {
		f.Release()
		return nil, err
	}
	return f, nil
}
