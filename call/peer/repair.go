package peer

import (
	"time"

	"github.com/pion/webrtc/v4"
)

// How long a path may be lost before something is done about it. The impolite side repairs; the polite one waits longer, so that
// repairs do not cross, and then does the same.
const (
	offerAfter    = 4 * time.Second  // to offer, where the other side should have
	attemptLasts  = 10 * time.Second // then another connection is built
	slowLasts     = 25 * time.Second // the same, when addresses were found that reach each other
	fruitlessFrom = 5 * time.Second  // an attempt that lasted so long would have found a path if there was one
	hopelessAfter = 20 * time.Second // to tell the user that there is no path; attempts go on
	politeExtra   = 3 * time.Second
)

// onConnection is told pion's state of a link.
func (c *Conn) onConnection(l *link, s webrtc.PeerConnectionState) {
	switch s {
	case webrtc.PeerConnectionStateConnected:
		if !l.established {
			if err := l.hearOfRepairs(); err != nil {
				c.cfg.Logger.Warn("some of the other side's reports are not read", "err", err)
			}
			if d := l.pc.CurrentLocalDescription(); !l.toParley() && d != nil && d.Type == webrtc.SDPTypeAnswer {
				c.askBandwidth(l)
			}
		}
		l.established, c.fruitless = true, false
		if l == c.next {
			c.changeOver()
		}
		if l == c.link {
			c.setState(Connected, nil)
		}
	case webrtc.PeerConnectionStateDisconnected:
		if l == c.link && c.state == Connected {
			c.setState(Reconnecting, nil)
			c.repair()
		}
	case webrtc.PeerConnectionStateFailed, webrtc.PeerConnectionStateClosed:
		c.onEnd(l)
	}
}

// onEnd is told that a link failed, or was closed by the other side.
func (c *Conn) onEnd(l *link) {
	switch {
	case l == c.former:
		c.endFormer()
	case l == c.next:
		c.judge()
		c.dropNext()
	case l.established:
		c.setState(Reconnecting, nil)
		c.repair()
	default:
		c.judge()
		c.setState(Failed, ErrNoPath)
		c.repair()
	}
}

// judge notes whether the attempt that is about to end had its chance: the next one tries TCP too.
func (c *Conn) judge() {
	if l := c.building(); l != nil && time.Since(l.made) > fruitlessFrom {
		c.fruitless = true
	}
}

// repair is called once a second, and when something suggests that it would help.
func (c *Conn) repair() {
	if c.refused {
		return
	}
	l := c.building()
	if l != nil {
		c.tryTCP(l)
	}
	if c.next != nil && c.next.spent() {
		c.judge()
		c.dropNext()
		l = nil
	}
	if c.moved && c.canTell() {
		c.offerAnew("the network changed")
		return
	}
	if c.state == Connected {
		return
	}
	lost := time.Since(c.since)
	if c.state != Failed && lost > hopelessAfter {
		c.setState(Failed, ErrNoPath)
	}
	if !c.canTell() {
		return // the path may come back by itself
	}
	patience := time.Duration(0)
	if c.cfg.Polite {
		patience = politeExtra
	}
	switch waited := time.Since(c.attempt); {
	case c.link == nil:
		if waited > offerAfter+patience {
			c.offerAnew("no offer came")
		}
	case l == nil:
		if lost > patience {
			c.offerAnew("the path is lost")
		}
	case waited > attemptLasts+patience && l.spent():
		c.offerAnew("there is no path")
	}
}

// spent says whether a link had its time to connect.
func (l *link) spent() bool {
	lasts := attemptLasts
	if s := l.pc.ICEConnectionState(); s == webrtc.ICEConnectionStateConnected {
		lasts = slowLasts
	}
	return time.Since(l.made) > lasts
}

// canTell says whether an offer would reach the other side.
func (c *Conn) canTell() bool {
	return c.cfg.Reachable() || (c.state == Connected && c.link.controlOpen())
}

// offerAnew builds a connection from nothing and offers it.
func (c *Conn) offerAnew(why string) {
	if c.refused {
		return
	}
	c.cfg.Logger.Info("offering a connection", "why", why)
	c.judge()
	c.attempt = time.Now()
	l, err := c.newLink("", allRoom)
	if err == nil {
		l.offered = true
		c.place(l)
		var offer webrtc.SessionDescription
		if offer, err = l.pc.CreateOffer(nil); err == nil {
			err = c.describe(l, offer)
		}
	}
	if err == nil {
		return
	}
	c.dropNext()
	if c.state == Connected { // what works goes on
		c.cfg.Logger.Warn("no connection could be offered", "err", err)
		return
	}
	c.setState(Failed, err)
}
