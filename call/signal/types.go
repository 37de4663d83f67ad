package signal

import "parley/call/signal/wire"

// The parts of messages that pass through a Client; package wire describes them.
type (
	// Peer is somebody in the room.
	Peer = wire.Peer
	// State is what somebody sends at the moment.
	State = wire.State
	// Signal is what one participant tells another.
	Signal = wire.Signal
	// Description is an offer or an answer.
	Description = wire.Description
	// Candidate is an ICE candidate.
	Candidate = wire.Candidate
	// ICEServer is a STUN or TURN server.
	ICEServer = wire.ICEServer
	// Reason says why somebody left.
	Reason = wire.Reason
)

// CheckRoom reports whether s can name a room: 1 to 64 characters that stand on one line, without a slash and without
// space around them. The error wraps ErrBadRoom and is a sentence for the user.
func CheckRoom(s string) error { return wire.CheckRoom(s) }

// CheckName reports whether s can name a person: 1 to 64 characters that stand on one line, without space around them.
// The error wraps ErrBadName and is a sentence for the user.
func CheckName(s string) error { return wire.CheckName(s) }
