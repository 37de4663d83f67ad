// Package video sends the picture of a camera to everybody in a call, and receives theirs.
//
// A [Sender] takes pictures from a [Source] and encodes each in up to three sizes, each once however many watch, and none that nobody needs. An
// [Outlet] is what one person gets of it: the size that their path and their tile bear, cut into RTP packets (RFC 3550; package parley/call/payload), from size to
// size at a key frame. A [Receiver] does the reverse for one track of one peer: it puts the packets back in order, asks for those that are missing,
// assembles frames, decodes them, and leaves each picture in a [frame.Slot] for whoever shows it, when its time has come.
//
//	Source → plan → scale → encode once a size → packetise → outlet → connection
//	track → buffer → assemble → decode → play-out clock → Slot
//	      ↖ NACK list ↙
//
// The network loses packets, and a frame is useless without those before it. Two things repair that. The receiver
// asks for lost packets again (NACK, RFC 4585), and these come in late (RTX, RFC 4588), after a round trip or a few. The play-out clock learns how
// late frames come, and holds the others for as long, so that a repair is not seen at all; while they come evenly, it
// holds nothing. Where a packet does not come in five rounds, the receiver asks for a key frame as well (PLI), shows nothing
// that is damaged meanwhile, and goes on with whichever comes first. A key frame is large, so the receiver asks with growing
// patience and the sender folds what many receivers ask into one.
//
// Codecs are those of package parley/call/codec. All who share one get the picture in the same one, which is VP8 but for a screen and for a narrow path: there
// it is VP9, where the machine has the time (agree.go). To go over to another is no negotiation: its first frame is a key frame in another payload
// type, and the receiver opens another decoder for it (decode.go).
//
// Picture and sound of one person come by different ways. Their sender's reports (RTCP, RFC 3550) tell which parts of both
// were captured together, and whichever is earlier waits for the other; see [LipSync].
//
// What a path bears, others measure (package congestion). With less than a picture needs, the bit rate goes down first, then the frame rate, then
// the size, and for a screen the frame rate as far as it goes before the size (ladder.go). A machine that does not keep up with encoding goes
// down the same ladder.
//
// Nothing here queues without bound or waits for whoever shows the picture: a stage that is slow gets the newest and
// misses the rest.
package video
