package peer

import (
	"time"

	"github.com/pion/webrtc/v4"
)

// How a Conn goes over from one connection to another. ICE has a restart for a path that changes (RFC 8445 9), but pion's gives the old path up
// at once, and its new one up after a few pings. So a second connection is built beside the one in use, under a session of its own, and both carry
// media from when it is connected until it has brought something and a moment more. A path that was only interrupted comes back by itself meanwhile.
const (
	// overlapLeast is how long the old connection goes on once the new one brings something: for a key frame and its repair.
	overlapLeast = 600 * time.Millisecond
	// overlapMost is how long the old connection goes on when the new one brings nothing. The other side may be slower to connect by
	// the second after which a lost handshake is repeated (RFC 9147 5.8.2).
	overlapMost = 5 * time.Second
)

// find returns the link that has that session, or nil. One that is on its way out has none.
func (c *Conn) find(session string) *link {
	for _, l := range []*link{c.link, c.next} {
		if l != nil && l.session == session {
			return l
		}
	}
	return nil
}

// building returns the link that is to become the one in use, or nil.
func (c *Conn) building() *link {
	if c.next == nil && c.link != nil && !c.link.established {
		return c.link
	}
	return c.next
}

// unanswered returns the link that this side offered and has no answer for yet, or nil.
func (c *Conn) unanswered() *link {
	if l := c.building(); l != nil && l.offered {
		return l
	}
	return nil
}

// place takes a link that was just made: it is built beside one that works or worked, and takes the place of any other.
func (c *Conn) place(l *link) {
	c.attempt, c.moved = time.Now(), false
	c.dropNext()
	if c.link != nil && c.link.established {
		c.next = l
		return
	}
	c.use(l)
}

// changeOver makes next, which has just connected, the link in use.
func (c *Conn) changeOver() {
	c.endFormer()
	l := c.next
	c.next, c.former, c.link = nil, c.link, nil
	c.use(l)
	c.overlap.Reset(overlapMost)
	c.retellView()
	c.noteMedia()
	c.cfg.Logger.Info("gone over to another connection")
}

// noteMedia lets the old link end soon once the new one brings something.
func (c *Conn) noteMedia() {
	if c.former != nil && c.link.heard {
		c.overlap.Reset(overlapLeast)
	}
}

// use makes l, which may be nil, the link in use, and closes the one that was.
func (c *Conn) use(l *link) {
	c.shut(c.link)
	c.link = l
	c.mu.Lock()
	c.current = l
	c.mu.Unlock()
}

func (c *Conn) dropNext() {
	c.shut(c.next)
	c.next = nil
}

func (c *Conn) endFormer() {
	c.shut(c.former)
	c.former = nil
}

// shut closes a link, which may be nil, and waits for nothing: a connection that gathers addresses takes a while to end.
func (c *Conn) shut(l *link) {
	if l == nil {
		return
	}
	close(l.gone)
	c.closing.Go(func() {
		l.close()
		c.mu.Lock()
		defer c.mu.Unlock()
		for track, of := range c.from {
			if of == l {
				delete(c.from, track)
			}
		}
	})
}

// linkOf returns the link that a track comes by, or nil.
func (c *Conn) linkOf(track *webrtc.TrackRemote) *link {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.from[track]
}
