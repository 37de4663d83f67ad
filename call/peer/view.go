package peer

import (
	"time"

	"parley/call/signal/wire"
)

// viewPeriod is the least time between two messages about what is shown: a window that is dragged changes with each frame.
const viewPeriod = 100 * time.Millisecond

// mostViews is how many the other side may send within a second; more are dropped.
const mostViews = 20

// views is what each side tells the other of what it shows. Only the connection's goroutine uses it.
type views struct {
	mine  *wire.View // nil until there is something to tell
	late  bool       // mine was changed, and is still to be told
	told  time.Time
	timer *time.Timer // runs out when mine may be told; nil when that is not waited for

	heard int // of the other side, since
	since time.Time
}

// SetView tells the other side what is shown of their pictures, and how much they may send. Programs that do not know of it send everything. It
// does not block.
func (c *Conn) SetView(v wire.View) {
	c.mu.Lock()
	c.shown = &v
	c.mu.Unlock()
	select {
	case c.inbox <- c.takeView:
	default: // the next tick sees to it
	}
}

// takeView takes up what SetView left.
func (c *Conn) takeView() {
	c.mu.Lock()
	v := c.shown
	c.shown = nil
	c.mu.Unlock()
	if v != nil {
		c.views.mine, c.views.late = v, true
	}
	c.tellView()
}

// tellView tells what is shown, once it may.
func (c *Conn) tellView() {
	v := &c.views
	if v.mine == nil || !v.late || c.link == nil || v.timer != nil {
		return
	}
	if wait := viewPeriod - time.Since(v.told); wait > 0 {
		v.timer = time.AfterFunc(wait, func() {
			c.post(func() {
				v.timer = nil
				c.tellView()
			})
		})
		return
	}
	if c.link.sendControl(wire.Signal{Session: c.link.session, View: v.mine}) {
		v.late, v.told = false, time.Now()
	}
}

// retellView tells what is shown on a data channel that has just opened.
func (c *Conn) retellView() {
	c.views.late = c.views.mine != nil
	c.tellView()
}

// onView is told by the other side what they show. Once they tell by the connection that is being built, they have gone over to it, and what still comes
// by the one in use is late.
func (c *Conn) onView(s wire.Signal) {
	l := c.find(s.Session)
	if l == nil || c.cfg.OnView == nil || c.next != nil && c.next.tells && l != c.next {
		return
	}
	l.tells = true
	v := &c.views
	if now := time.Now(); now.Sub(v.since) > time.Second {
		v.heard, v.since = 0, now
	}
	if v.heard++; v.heard <= mostViews {
		c.cfg.OnView(*s.View)
	}
}
