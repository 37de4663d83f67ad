// Package congestion finds out how much a path to one peer bears, from what the peer tells of the packets that it got.
//
// Every packet that is sent, sound and repairs too, takes a number from [Controller.Send]. The peer reports when each number arrived
// (transport-cc, draft-holmer-rmcat-transport-wide-cc-extensions-01), and from that the controller keeps one figure, [State.Target]: the bit
// rate that all packets together may have. It works in the time that it is given, holds no goroutine and no timer, and so can be
// simulated: the tests run minutes of it against a model of a link in milliseconds.
//
// Three things are looked at:
//
//   - The queue on the path (delay.go). The smallest one-way delay of the last moments is compared with the smallest one of a longer
//     time: jitter, of the network as of busy machines, can only add to single packets, so that what even the fastest packet of a
//     fifth of a second had to wait is a queue. This takes the place of the filters on inter-arrival gradients of draft-ietf-rmcat-gcc-02,
//     and is nearer to SCReAM (RFC 8298): gradients have to be told from noise by thresholds that adapt, which hunt on a machine
//     whose scheduler is late. Pion's implementation of that draft reads the wall clock besides, and cannot be simulated.
//   - Loss (loss.go). Loss by itself says nothing: radio links lose a fifth of all packets at any rate. So an increase of loss is put to the test:
//     the rate goes down for a moment. If loss goes too, there was too much traffic; if it stays, it belongs to the path. That holds for a while, and is put to
//     the test again then, or once much more is lost. What is lost while a radio is silent for a moment is known by that nothing comes
//     through at all, and no queue came before it (gap.go).
//   - Probes (probe.go). A call sends what its encoders make, which says little of what more the path would bear. A short cluster of padding at
//     a higher rate, and the speed at which that arrives, does: at the start, and again from time to time when nothing is queued.
//
// The rate goes down to what was delivered, less what it takes to empty the queue within a second, and goes up again by some
// percent a second (rate.go), never beyond one and a half times what is really sent, unless a probe has shown more.
//
// A path that becomes much narrower fills its queue before a report can tell, and the sound waits in it. So pictures are held at the first sign
// (silence.go): a queue in one report that was not in the one before, or a report that is late itself. What they are sent at afterwards is what the
// path was seen to carry, not more: what waits here is overtaken by the sound.
//
// A queue that stays though hardly anything is sent belongs to others, as to a download (rival.go). To make room for them is to have nothing: beside them loss
// alone decides.
//
// At the start nothing is known, and what is sent too much delays the reports that would tell. So after the first picture little is sent until it is known
// how fast that arrived, and less than later until the first probe has come back (start.go).
//
// A path that becomes longer at once, as when its route changes, has no queue (longer.go). While pictures are held, sound alone is sent, and a queue of this side's
// making becomes shorter with each packet of it. Where all of them take the same time, the longer delay is the usual one, and the rate is what it was before.
//
// A machine that stands still for a moment is no path that got worse (stall.go). The time in which this one did is not counted. When the peer's did, as when
// a radio on the way was silent, what gathered meanwhile comes at once, much faster than it was sent, which a path that has become narrow cannot do.
//
// The peer is not trusted: reports on packets that were never sent, or told of twice, count for nothing; their number is bounded;
// and no report can show more than what was sent.
package congestion
