package peer

import (
	"time"

	"github.com/pion/webrtc/v4"
)

// How long a path may be lost before something is done about it. The impolite side repairs; the polite one waits longer, so that
// repairs do not cross, and then does the same.
const (
	offerAfter    = 4 * time.Second  // to offer, where the other side should have
	restartAfter  = 3 * time.Second  // to look for another path between the same two
	restartEvery  = 8 * time.Second  // until it works
	rebuildAfter  = 25 * time.Second // to build the connection anew
	hopelessAfter = 20 * time.Second // to tell the user that there is no path; attempts go on
	politeExtra   = 6 * time.Second
)

// onConnection is told pion's state of the link.
func (c *Conn) onConnection(l *link, s webrtc.PeerConnectionState) {
	switch s {
	case webrtc.PeerConnectionStateConnected:
		l.established = true
		c.setState(Connected, nil)
	case webrtc.PeerConnectionStateDisconnected:
		if c.state == Connected {
			c.setState(Reconnecting, nil)
		}
	case webrtc.PeerConnectionStateFailed, webrtc.PeerConnectionStateClosed:
		if l.established {
			c.setState(Reconnecting, nil)
		} else {
			c.setState(Failed, ErrNoPath)
		}
		c.repair()
	}
}

// repair is called once a second, and when something suggests that it would help.
func (c *Conn) repair() {
	if c.state == Connected {
		return
	}
	now := time.Now()
	lost, waited := now.Sub(c.since), now.Sub(c.attempt)
	if c.state != Failed && lost > hopelessAfter {
		c.setState(Failed, ErrNoPath)
	}
	if !c.cfg.Reachable() {
		return // the path may come back by itself, as long as ICE is let alone
	}
	patience := time.Duration(0)
	if c.cfg.Polite {
		patience = politeExtra
	}
	switch {
	case c.link == nil:
		if waited > offerAfter+patience {
			c.offerAnew("no offer came")
		}
	case c.link.established && lost < rebuildAfter+patience:
		if lost > restartAfter+patience && waited > restartEvery {
			c.restartICE()
		}
	case waited > rebuildAfter+patience:
		c.offerAnew("there is no path")
	}
}

// restartICE offers the same connection with new addresses (RFC 8445 9). Pion gives the old path up at once.
func (c *Conn) restartICE() {
	if c.link.pc.SignalingState() != webrtc.SignalingStateStable {
		return
	}
	c.attempt = time.Now()
	c.cfg.Logger.Info("the path is lost: restarting ICE")
	offer, err := c.link.pc.CreateOffer(&webrtc.OfferOptions{ICERestart: true})
	if err == nil {
		err = c.describe(offer)
	}
	if err != nil {
		c.cfg.Logger.Warn("ICE could not be restarted", "err", err)
	}
}

// offerAnew builds a connection from nothing and offers it.
func (c *Conn) offerAnew(why string) {
	c.attempt = time.Now()
	c.cfg.Logger.Info("offering a connection", "why", why)
	l, err := c.newLink("", allRoom)
	if err != nil {
		c.setState(Failed, err)
		return
	}
	l.offered = true
	c.setLink(l)
	offer, err := l.pc.CreateOffer(nil)
	if err == nil {
		err = c.describe(offer)
	}
	if err != nil {
		c.setState(Failed, err)
	}
}
