package video

import (
	"fmt"
	"sync"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"parley/call/codec"
	"parley/call/payload"
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

	codec     *codec.Codec // nil where it is not known
	part      payload.Part // within raw; empty for padding, which senders use to probe the path
	malformed bool         // not of its codec: the frame that it belongs to is spoiled
}

// maxPacket is the largest packet that is read, in bytes: more does not pass an Ethernet unbroken.
const maxPacket = 1500

var packetPool = sync.Pool{New: func() any { return new(packet) }}

func (p *packet) release() {
	if p != nil {
		packetPool.Put(p)
	}
}

// parse takes apart the n bytes that were read into p.raw, with those attributes. It uses r as scratch space.
func (p *packet) parse(n int, attributes interceptor.Attributes, known *payloadTypes, r *rtp.Packet, now time.Time) error {
	*r = rtp.Packet{Header: rtp.Header{Extensions: r.Extensions[:0]}}
	if err := r.Unmarshal(p.raw[:n]); err != nil {
		return fmt.Errorf("reading RTP: %w", err)
	}
	p.sequence, p.timestamp, p.marker, p.size, p.arrived = r.SequenceNumber, r.Timestamp, r.Marker, len(r.Payload), now
	p.codec, p.part, p.malformed = nil, payload.Part{}, false
	_, p.repair = attributes[webrtc.AttributeRtxSsrc]
	if len(r.Payload) == 0 {
		return nil
	}
	payloadType := r.PayloadType
	if repair, ok := attributes[webrtc.AttributeRtxPayloadType].(uint8); ok {
		payloadType = repair // pion gives a repair the type of the packet that came last
	}
	p.codec = known[payloadType&0x7f]
	if p.malformed = p.codec == nil; p.malformed {
		return nil
	}
	var err error
	if p.part, err = p.codec.Format.Parse(r.Payload); err != nil {
		p.malformed = true
	}
	return nil
}

// padding says that the packet carries nothing and belongs to no frame.
func (p *packet) padding() bool { return p.size == 0 && !p.marker }
