// Package signal is how a participant speaks to the signaling server: it joins a room, learns who is there, and exchanges with each of
// them the offers, answers and candidates from which peer connections are made. PROTOCOL.md describes what goes over the
// wire; package wire has the messages, and package server the other end.
//
// [Dial] returns a [Client] that is in the room. From then on the client looks after itself: when the server is lost it tells
// so, tries again until it is back, takes its old place where the server still has it, and joins afresh where not. A call
// outlives its server, so whoever uses a Client keeps its peer connections over a [Disconnected] and recognises people by
// their Instance in the [Joined] that follows.
package signal
