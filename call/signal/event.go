package signal

// Event is something that happened: one of the types below.
type Event interface{ event() }

// Joined says that the client is in the room: first of all, and again each time the server is back after a Disconnected.
//
// When Resumed is true the server kept the place; what changed meanwhile came as PeerLeft, PeerJoined and
// PeerUpdated just before. When it is false the client joined afresh: Peers is all there is, and whoever of the people known before is not
// among them may still be on the way back. Signals that were under way when the server was lost may be lost either way.
type Joined struct {
	You     Peer
	Peers   []Peer // everybody else in the room
	Resumed bool
}

// PeerJoined says that somebody came. Those who were there before this client are in Joined.
type PeerJoined struct{ Peer Peer }

// PeerUpdated says that the name or state of somebody changed.
type PeerUpdated struct{ Peer Peer }

// PeerLeft says that somebody went, and why. After a reason of wire.ReasonReplaced the same Instance joins at once.
type PeerLeft struct {
	ID     string
	Reason Reason
}

// SignalReceived is a signal from somebody in the room. It has been checked for its form, and not for what is in the SDP.
type SignalReceived struct {
	From   string // the id of a peer
	Signal Signal
}

// ICEChanged says that the server named other ICE servers, for connections made from now on.
type ICEChanged struct{ Servers []ICEServer }

// Disconnected says that the server was lost. The client tries to get back: Joined or Failed follows.
type Disconnected struct{ Err error }

// Failed says that the server finally refused. It is the last event.
type Failed struct{ Err error }

func (Joined) event()         {}
func (PeerJoined) event()     {}
func (PeerUpdated) event()    {}
func (PeerLeft) event()       {}
func (SignalReceived) event() {}
func (ICEChanged) event()     {}
func (Disconnected) event()   {}
func (Failed) event()         {}
