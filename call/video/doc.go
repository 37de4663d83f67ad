// Package video sends the picture of a camera to everybody in a call, and receives theirs.
//
// A [Sender] takes pictures from a [Source], encodes each once as VP8, cuts the outcome into RTP packets (RFC 3550,
// RFC 7741) and writes those to every peer connection that its track was added to. A [Receiver] does the reverse for one
// track of one peer: it puts the packets back in order, waits a moment for those that are missing, assembles frames,
// decodes them, and leaves the newest picture in a [frame.Slot] for whoever shows it.
//
//	Source → encode → packetise → every bound peer connection
//	track → packet queue → reorder buffer → assemble → decode → Slot
//
// The network loses packets, and a frame of VP8 is useless without those before it. Two things repair that. The peer
// connection asks for lost packets again (NACK, RFC 4585), and they come in late but in time for a receiver that waits
// a little. Where that fails, the receiver asks for a key frame (PLI), shows nothing that is damaged meanwhile, and goes
// on from there. A key frame is large, so the receiver asks with growing patience and the sender folds what
// many receivers ask into one.
//
// Nothing here queues without bound or waits for whoever shows the picture: a stage that is slow gets the newest and
// misses the rest.
package video
