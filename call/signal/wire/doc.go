// Package wire is the language of parley.v1: the messages that a participant and the signaling server exchange, and
// their bytes. PROTOCOL.md in the folder above describes the same for other languages.
//
// Signaling is how two people who want to talk directly find each other. WebRTC describes a connection in two texts,
// an offer and an answer (SDP, RFC 8866), and in ICE candidates, the addresses at which a side can be reached (RFC 8445).
// Somebody has to carry them across before there is a connection; that is all that the server does, besides
// keeping the list of who is in a room. Sound and pictures never pass it.
//
// A message is one WebSocket text frame with one JSON object. [Encode] and [Decode] turn messages into frames and back.
// [Open] takes a frame apart only as far as it takes to pass it on, and [Stamp] closes it again under the sender's name:
// the server carries descriptions and candidates without reading them.
//
// Everything that is decoded here comes from somebody who is not trusted. Sizes are bounded by the constants of this
// package, and what Decode returns has been checked.
package wire
