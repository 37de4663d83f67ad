// Package peer keeps one connection to one other person: an RTCPeerConnection that is offered, answered, repaired and, when nothing
// else helps, built anew.
//
// Two peers agree on a connection by exchanging an offer and an answer (session descriptions, RFC 8866) and candidates, the addresses
// at which they may be reached (ICE, RFC 8445). Either may offer at any time, so offers can cross; the perfect negotiation pattern
// (https://w3c.github.io/webrtc-pc/#perfect-negotiation-example) settles that: of two peers one is polite and gives way.
// Each connection that is built has a session of its own, a random word that goes with every message, so that a late
// message of an earlier connection is recognised and dropped.
//
// A path can die, and a better one appear: an address changes, a NAT forgets, a laptop slept. Then another connection is built beside the one in use,
// and takes over once it is connected; so nothing that works is given up for something that may. The ways are tried from the best to the last
// resort: UDP between the two, over IPv6 or IPv4; a relay (TURN, RFC 8656), itself reached by UDP, TCP or TLS as its URL says; and TCP between the
// two (RFC 6544).
//
// Between two Parleys, whoever sends finds out what the path bears (package congestion). A browser does that for what it sends, more slowly, so that this side helps it
// from the receiving end: what comes is looked at (incoming), a path that becomes narrow is told of at once (jam), loss that has nothing to do with the
// rate is not (lossTrial), and where there may be more it is asked for (bandwidth).
//
// A [Conn] belongs to one goroutine of its own: it alone touches the connection, and everything else posts to its bounded inbox. Messages
// travel through the signaling server while that can be reached, and through a data channel between the peers otherwise, so that a
// call that has lost its server can still repair its paths and say good-bye.
package peer
