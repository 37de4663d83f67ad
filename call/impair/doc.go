// Package impair makes a network bad on purpose, in a way that can be repeated: for tests and benchmarks, and for nothing else.
//
// Its heart is the [Pipe], a path in one direction: packets go in, and come out later, in another order, twice or never, as its
// [Conditions] say. A pipe knows no clock and no network. Whoever uses it says what time it is, and a seed decides its luck, so a test
// with a pipe gives the same outcome each time, in no time.
//
//	packet → black-out → loss → rate and its queue → delay and jitter → reordering, duplication → packet
//
// A [Relay] is a TURN server (RFC 8656) with such pipes inside, for programs that cannot be tested without a real network, browsers too:
// they are told to send by that server alone ([RTCConfiguration.iceTransportPolicy] is relay), and
// it does to them what it was told. It serves this machine alone.
//
// [RTCConfiguration.iceTransportPolicy]: https://www.w3.org/TR/webrtc/#dom-rtcconfiguration-icetransportpolicy
package impair
