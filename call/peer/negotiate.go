package peer

import (
	"fmt"
	"time"

	"github.com/pion/webrtc/v4"

	"parley/call/congestion"
	"parley/call/signal/wire"
)

// Bounds on what another person may send. A description of a Parley or a browser has three media sections and is well under 10 KiB, and
// a machine with many addresses has two dozen candidates.
const (
	maxDescription  = 48 << 10
	maxSections     = 16
	maxEarly        = 64 // candidates that may arrive before their description
	maxCandidates   = 128
	rebuildsAMinute = 30
	rebuildsAtOnce  = 10
)

// handle deals with a message of the other side.
func (c *Conn) handle(s wire.Signal) {
	switch {
	case c.refused:
	case s.Bye:
		// The other side may be ahead of this one in a change-over, or behind. A bye of an earlier connection says nothing of this one.
		if c.find(s.Session) != nil || (c.former != nil && c.former.session == s.Session) {
			c.cfg.OnBye()
		}
	case s.Description != nil:
		if err := c.onDescription(s.Session, fromWire(s.Description)); err != nil {
			c.cfg.Logger.Warn("a description could not be used", "type", s.Description.Type, "err", err)
			if c.next != nil && c.next.session == s.Session {
				c.dropNext()
			}
			if c.state != Connected { // what works goes on
				c.setState(Failed, err)
			}
		}
	case s.Candidate != nil:
		c.onCandidate(s.Session, candidateFromWire(s.Candidate))
	case s.View != nil:
		c.onView(s)
	}
}

func (c *Conn) onDescription(session string, d webrtc.SessionDescription) error {
	takes, err := understand(d)
	if err != nil {
		return err
	}
	l := c.find(session)
	switch {
	case d.Type == webrtc.SDPTypeOffer && l != nil:
		return c.onReoffer(l, d)
	case d.Type == webrtc.SDPTypeOffer:
		return c.onOffer(session, d, takes)
	case d.Type == webrtc.SDPTypeAnswer && l != nil && l.pc.SignalingState() == webrtc.SignalingStateHaveLocalOffer:
		l.offered = false
		if err := l.narrow(takes); err != nil {
			return err
		}
		return c.apply(l, d)
	}
	// An answer to an offer of what is agreed on already, or to one that has been given up, or to none.
	if l != nil && d.Type == webrtc.SDPTypeAnswer {
		if l.bandwidth.anew(l.pc.CurrentLocalDescription()) {
			c.restart()
		}
		l.bandwidth.offered, l.bandwidth.ignored, l.ignoring = time.Time{}, 0, false
	}
	return nil
}

// onOffer deals with the offer of a connection that this side does not have yet.
func (c *Conn) onOffer(session string, d webrtc.SessionDescription, takes room) error {
	if c.unanswered() != nil && !c.cfg.Polite {
		return nil // the other side gives way
	}
	if !c.offers.Allow() {
		return ErrTooMuch
	}
	c.judge()
	// Pion can undo an offer, but not which media section each of its tracks was put on (mid), so the polite side starts from scratch.
	l, err := c.newLink(session, takes)
	if err != nil {
		return err
	}
	c.place(l)
	if c.state == Failed {
		c.setState(Connecting, nil)
	}
	return c.answer(l, d)
}

// onReoffer deals with another offer for a connection that is there, as for an ICE restart: browsers make one.
func (c *Conn) onReoffer(l *link, d webrtc.SessionDescription) error {
	// Pion makes a transceiver for each section that it does not know, and forgets none.
	if len(l.pc.GetTransceivers()) > maxSections {
		return ErrTooMuch
	}
	if l.pc.SignalingState() != webrtc.SignalingStateStable {
		return nil // this side's first offer is to be answered first
	}
	if !l.bandwidth.offered.IsZero() { // the two cross
		if !c.cfg.Polite {
			l.ignoring = true
			return nil
		}
		l.bandwidth.offered = time.Time{}
	}
	// It is as dear as a connection, and there is no more need of it.
	if !c.offers.Allow() {
		return ErrTooMuch
	}
	return c.answer(l, d)
}

func (c *Conn) answer(l *link, offer webrtc.SessionDescription) error {
	if err := c.apply(l, offer); err != nil {
		return err
	}
	if err := preferRED(l.pc); err != nil {
		return fmt.Errorf("%w: %w", ErrBadDescription, err)
	}
	answer, err := l.pc.CreateAnswer(nil)
	if err != nil {
		return fmt.Errorf("%w: answering: %w", ErrBadDescription, err)
	}
	return c.describe(l, answer)
}

// apply sets the other side's description, and the candidates that were faster than it.
func (c *Conn) apply(l *link, d webrtc.SessionDescription) (err error) {
	l.ignoring = false
	if err := setRemote(l.pc, d); err != nil {
		return err
	}
	l.transport.repairBy(readRepairTypes(d))
	for _, candidate := range l.early {
		c.addCandidate(l, candidate)
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
func (c *Conn) describe(l *link, d webrtc.SessionDescription) error {
	if err := l.pc.SetLocalDescription(d); err != nil {
		return fmt.Errorf("setting the %s: %w", d.Type, err)
	}
	c.tell(l, d)
	return nil
}

// tell sends a description of this side's.
func (c *Conn) tell(l *link, d webrtc.SessionDescription) {
	c.send(wire.Signal{Session: l.session, Description: toWire(forBrowsers(d, congestion.DefaultStart, l.bandwidth.asked()))})
}

// onCandidate takes an address of the other side. One of TCP waits until those of UDP had their chance: pion takes whatever
// answers first.
func (c *Conn) onCandidate(session string, candidate webrtc.ICECandidateInit) {
	l := c.find(session)
	if l == nil || l.ignoring || l.candidates >= maxCandidates {
		return
	}
	l.candidates++
	switch {
	case isTCP(candidate.Candidate):
		l.tcp = append(l.tcp, candidate)
	case l.pc.RemoteDescription() != nil:
		c.addCandidate(l, candidate)
	case len(l.early) < maxEarly:
		l.early = append(l.early, candidate)
	}
}

func (c *Conn) addCandidate(l *link, candidate webrtc.ICECandidateInit) {
	if err := l.pc.AddICECandidate(candidate); err != nil {
		c.cfg.Logger.Debug("a candidate could not be used", "err", err)
		return
	}
	c.lookForAnswers(l)
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

// watch waits for the other side to flood this one by that link. It ends with the link.
func (c *Conn) watch(l *link) {
	select {
	case <-l.guard.flooded:
		c.onBehalf(l, c.refuse)
	case <-l.gone:
	}
}

// refuse ends everything that is between the two, for good: whoever floods this side once would do so with each connection.
func (c *Conn) refuse() {
	c.refused = true
	c.endFormer()
	c.dropNext()
	c.use(nil)
	c.setState(Failed, ErrFlood)
}
