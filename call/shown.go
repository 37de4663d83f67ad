package call

import (
	"parley/call/signal/wire"
	"parley/call/video"
)

// ShowPicture says how large the picture of a person is shown, in pixels of the screen, and 0 for not at all: they send no more than that takes,
// and nothing for what is not seen. Until it is called for the first time they send all that they can. It does not block.
func (c *Call) ShowPicture(id string, width, height int) {
	c.shows(id, func(v *wire.View) { v.Camera = &wire.Size{Width: max(width, 0), Height: max(height, 0)} })
}

// ShowScreen is like [Call.ShowPicture], for the screen or the window that a person shares.
func (c *Call) ShowScreen(id string, width, height int) {
	c.shows(id, func(v *wire.View) { v.Screen = &wire.Size{Width: max(width, 0), Height: max(height, 0)} })
}

// SetLimits bounds what the call uses of the network from now on. Each person has an equal share. It does not block.
func (c *Call) SetLimits(l Limits) {
	c.mu.Lock()
	c.limits = l
	c.shareOut()
	c.mu.Unlock()
	c.allowAnew()
}

// shows changes what is shown of a person, and tells them.
func (c *Call) shows(id string, change func(*wire.View)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.people[id]
	if p == nil {
		return
	}
	change(&p.shown)
	p.picture.stopped = p.picture.stopped || hides(p.shown.Camera)
	p.screen.stopped = p.screen.stopped || hides(p.shown.Screen)
	p.conn.SetView(p.shown)
}

// hides says whether a picture is not shown at all.
func hides(s *wire.Size) bool { return s != nil && (s.Width == 0 || s.Height == 0) }

// shareOut tells everybody their share of the way down, where that is another than before. It is called with mu held, when a limit
// changed, and when somebody came or went.
func (c *Call) shareOut() {
	for _, p := range c.people {
		if share := c.share(c.limits.Down); share != p.shown.BitRate {
			p.shown.BitRate = share
			p.conn.SetView(p.shown)
		}
	}
}

// share returns one person's share of a limit; 0 is none. It is called with mu held.
func (c *Call) share(limit int) int { return limit / max(1, len(c.people)) }

// onView is told by a person what they show of this side's pictures.
func (c *Call) onView(p *person, v wire.View) {
	c.mu.Lock()
	p.told = v
	c.mu.Unlock()
	setView(p.sent.camera, v.Camera)
	setView(p.sent.screen, v.Screen)
	if v.Screen == nil || v.Screen.Width != 0 {
		p.sent.media.screen.again() // it may stand still
	}
	if a, ok := p.conn.Allowance(); ok {
		c.onAllowance(p, a)
	}
}

func setView(o *video.Outlet, s *wire.Size) {
	if s == nil {
		o.SetView(-1, -1)
	} else {
		o.SetView(s.Width, s.Height)
	}
}
