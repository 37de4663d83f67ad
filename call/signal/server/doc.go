// Package server is the signaling server: it knows who is in which room, and carries offers, answers and candidates between them,
// so that they can connect to each other directly. No sound or picture passes it. The protocol is described in
// ../PROTOCOL.md, and its messages are in package wire.
//
// A [Server] is a library: the desktop program runs one inside itself for a call on the spot, parleyd runs one alone. It
// keeps everything in memory.
//
// How it works inside: each WebSocket has a conn, whose goroutine reads. A person in a room has a seat, which outlives the conn for
// a while, so that somebody who lost the network can come back to it. The hub holds rooms and seats under one lock. What
// goes out is put into the conn's outbox, which never blocks: a goroutine writes it for as long as there is something to
// write, and a reader who falls too far behind is cut off.
package server
