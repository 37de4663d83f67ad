package video

import (
	"fmt"
	"sync"
	"time"

	"github.com/pion/rtp"
)

// packet is one RTP packet that was received. It comes from packetPool and goes back there when it is of no more use.
type packet struct {
	raw       [maxPacket]byte
	sequence  uint16
	timestamp uint32
	marker    bool // the last of its frame
	size      int  // of the RTP payload, in bytes
	arrived   time.Time
	repair    bool // it was sent once more, because it was asked for (RTX, RFC 4588)

	start     bool   // the first of its frame
	keyFrame  bool   // a key frame begins here
	data      []byte // within raw; empty for padding, which senders use to probe the path
	malformed bool   // not VP8: the frame that it belongs to is spoiled
}

// maxPacket is the largest packet that is read, in bytes: more does not pass an Ethernet unbroken.
const maxPacket = 1500

var packetPool = sync.Pool{New: func() any { return new(packet) }}

func (p *packet) release() {
	if p != nil {
		packetPool.Put(p)
	}
}

// parse takes apart the n bytes that were read into p.raw. It uses r as scratch space.
func (p *packet) parse(n int, r *rtp.Packet, now time.Time) error {
	*r = rtp.Packet{Header: rtp.Header{Extensions: r.Extensions[:0]}}
	if err := r.Unmarshal(p.raw[:n]); err != nil {
		return fmt.Errorf("reading RTP: %w", err)
	}
	p.sequence, p.timestamp, p.marker, p.size, p.arrived = r.SequenceNumber, r.Timestamp, r.Marker, len(r.Payload), now
	p.start, p.keyFrame, p.data, p.malformed, p.repair = false, false, nil, false, false
	if len(r.Payload) == 0 {
		return nil
	}
	payload, err := ParsePayload(r.Payload)
	if err != nil {
		p.malformed = true
		return nil
	}
	p.start, p.data = payload.Start, payload.Data
	p.keyFrame = p.start && startsKeyFrame(p.data)
	return nil
}

// padding says that the packet carries nothing and belongs to no frame.
func (p *packet) padding() bool { return p.size == 0 && !p.marker }
