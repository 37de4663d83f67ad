package peer

import (
	"fmt"
	"strings"
	"time"

	"github.com/pion/webrtc/v4"

	"parley/call/signal/wire"
)

// Bounds on what another person may send. A description of a Parley or a browser has three media sections and is well under 10 KiB.
const (
	maxDescription  = 48 << 10
	maxSections     = 16
	rebuildsAMinute = 30
)

// handle deals with a message of the other side.
func (c *Conn) handle(s wire.Signal) {
	switch {
	case s.Bye:
		// A bye of an earlier connection says nothing of this one.
		if c.link != nil && s.Session == c.link.session {
			c.cfg.OnBye()
		}
	case s.Description != nil:
		if err := c.onDescription(s.Session, fromWire(s.Description)); err != nil {
			c.cfg.Logger.Warn("a description could not be used", "type", s.Description.Type, "err", err)
			if c.state != Connected { // what works goes on
				c.setState(Failed, err)
			}
		}
	case s.Candidate != nil:
		c.onCandidate(s.Session, candidateFromWire(s.Candidate))
	}
}

func (c *Conn) onDescription(session string, d webrtc.SessionDescription) error {
	takes, err := understand(d)
	if err != nil {
		return err
	}
	same := c.link != nil && c.link.session == session
	switch {
	case d.Type == webrtc.SDPTypeOffer && same:
		return c.onReoffer(d)
	case d.Type == webrtc.SDPTypeOffer:
		return c.onOffer(session, d, takes)
	case d.Type == webrtc.SDPTypeAnswer && same && c.link.pc.SignalingState() == webrtc.SignalingStateHaveLocalOffer:
		c.link.offered = false
		if !c.link.sameProgram(d) {
			c.offerAnew("the other side does not know this connection any more")
			return nil
		}
		if err := c.link.narrow(takes); err != nil {
			return err
		}
		return c.apply(d)
	}
	// An answer to an offer that has been given up, or to none.
	return nil
}

// sameProgram says whether d comes from the end that this link was made with. A program that was started anew, or forgot the
// connection, has another certificate, and cannot go on with the old keys.
func (l *link) sameProgram(d webrtc.SessionDescription) bool {
	known := l.pc.CurrentRemoteDescription()
	return known == nil || fingerprint(known.SDP) == fingerprint(d.SDP)
}

// fingerprint returns the first certificate fingerprint of a description (RFC 8122 5), or "".
func fingerprint(sdp string) string {
	_, after, _ := strings.Cut(sdp, "a=fingerprint:")
	line, _, _ := strings.Cut(after, "\n")
	return strings.TrimSpace(line)
}

// onOffer deals with the offer of a connection that this side does not have yet.
func (c *Conn) onOffer(session string, d webrtc.SessionDescription, takes room) error {
	if c.link != nil && c.link.offered && !c.cfg.Polite {
		c.link.ignoring = true
		return nil
	}
	if !c.mayRebuild() {
		return ErrTooMuch
	}
	// Pion can undo an offer, but not which media section each of its tracks was put on (mid), so the polite side starts from scratch.
	l, err := c.newLink(session, takes)
	if err != nil {
		return err
	}
	c.setLink(l)
	c.attempt = time.Now()
	if c.state == Failed {
		c.setState(Connecting, nil)
	}
	return c.answer(d)
}

// onReoffer deals with another offer for the connection that is in use, as for an ICE restart.
func (c *Conn) onReoffer(d webrtc.SessionDescription) error {
	if c.link.pc.SignalingState() != webrtc.SignalingStateStable {
		if !c.cfg.Polite {
			c.link.ignoring = true
			return nil
		}
		if err := c.link.pc.SetLocalDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeRollback}); err != nil {
			return fmt.Errorf("giving way to the other side's offer: %w", err)
		}
	}
	return c.answer(d)
}

func (c *Conn) answer(offer webrtc.SessionDescription) error {
	if err := c.apply(offer); err != nil {
		return err
	}
	answer, err := c.link.pc.CreateAnswer(nil)
	if err != nil {
		return fmt.Errorf("%w: answering: %w", ErrBadDescription, err)
	}
	return c.describe(answer)
}

// apply sets the other side's description, and the candidates that were faster than it.
func (c *Conn) apply(d webrtc.SessionDescription) (err error) {
	l := c.link
	l.ignoring = false
	if err := setRemote(l.pc, d); err != nil {
		return err
	}
	for _, candidate := range l.early {
		if err := l.pc.AddICECandidate(candidate); err != nil {
			c.cfg.Logger.Debug("a candidate could not be used", "err", err)
		}
	}
	l.early = nil
	return nil
}

// setRemote applies d. The description comes from the network and goes through a good deal of other people's code: a panic there is
// the description's fault, and costs the sender the connection, not this side the program.
func setRemote(pc *webrtc.PeerConnection, d webrtc.SessionDescription) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", ErrBadDescription, p)
		}
	}()
	if err := pc.SetRemoteDescription(d); err != nil {
		return fmt.Errorf("%w: %w", ErrBadDescription, err)
	}
	return nil
}

// describe sets this side's description and sends it.
func (c *Conn) describe(d webrtc.SessionDescription) error {
	if err := c.link.pc.SetLocalDescription(d); err != nil {
		return fmt.Errorf("setting the %s: %w", d.Type, err)
	}
	c.send(wire.Signal{Session: c.link.session, Description: toWire(d)})
	return nil
}

func (c *Conn) onCandidate(session string, candidate webrtc.ICECandidateInit) {
	l := c.link
	if l == nil || l.session != session || l.ignoring {
		return
	}
	if l.pc.RemoteDescription() == nil {
		if len(l.early) < maxEarly {
			l.early = append(l.early, candidate)
		}
		return
	}
	if err := l.pc.AddICECandidate(candidate); err != nil {
		c.cfg.Logger.Debug("a candidate could not be used", "err", err)
	}
}

func (c *Conn) sendCandidate(l *link, candidate *webrtc.ICECandidate) {
	c.send(candidateSignal(l.session, candidate))
}

// send takes the way by the server, and the one between the peers where the server cannot be reached.
func (c *Conn) send(s wire.Signal) {
	if err := c.cfg.Send(s); err == nil {
		return
	} else if !c.link.sendControl(s) {
		c.cfg.Logger.Debug("a signal could not be sent", "err", err)
	}
}

// mayRebuild bounds how often the other side may make this one build a connection, which is the dearest thing that it can ask for.
func (c *Conn) mayRebuild() bool {
	if now := time.Now(); now.Sub(c.rebuildAt) > time.Minute {
		c.rebuilds, c.rebuildAt = 0, now
	}
	c.rebuilds++
	return c.rebuilds <= rebuildsAMinute
}
