package peer

import (
	"github.com/pion/webrtc/v4"

	"parley/call/signal/wire"
)

// The protocol and pion have a type each for what the W3C calls RTCSessionDescriptionInit and RTCIceCandidateInit.

func fromWire(d *wire.Description) webrtc.SessionDescription {
	return webrtc.SessionDescription{Type: webrtc.NewSDPType(d.Type), SDP: d.SDP}
}

func toWire(d webrtc.SessionDescription) *wire.Description {
	return &wire.Description{Type: d.Type.String(), SDP: d.SDP}
}

func candidateFromWire(c *wire.Candidate) webrtc.ICECandidateInit {
	return webrtc.ICECandidateInit{
		Candidate: c.Candidate, SDPMid: c.SDPMid, SDPMLineIndex: c.SDPMLineIndex, UsernameFragment: c.UsernameFragment,
	}
}

// candidateSignal tells of a candidate, or, for nil, that there will be no more.
func candidateSignal(session string, c *webrtc.ICECandidate) wire.Signal {
	if c == nil {
		return wire.Signal{Session: session, EndOfCandidates: true}
	}
	init := c.ToJSON()
	return wire.Signal{Session: session, Candidate: &wire.Candidate{
		Candidate: init.Candidate, SDPMid: init.SDPMid, SDPMLineIndex: init.SDPMLineIndex, UsernameFragment: init.UsernameFragment,
	}}
}
