package video

import (
	"time"

	"github.com/pion/rtp"
)

// maxPayload is the largest RTP payload that is sent, in bytes. With all headers it fits the smallest packet that every
// path carries in practice, tunnels and relays included.
const maxPayload = 1200

// fragment is a part of an encoded frame, as it goes into one packet.
type fragment struct {
	payload     []byte // the descriptor, still to be written, and the data
	timestamp   uint32
	start, last bool // of the frame
	key         bool // the frame is one
}

// fanOut cuts one encoded frame into packets and writes each to everybody who gets the layer.
func (s *Sender) fanOut(l *layer, data []byte, timestamp uint32, key bool) (packets, bytes int) {
	for start := true; len(data) > 0; start = false {
		n := copy(s.payload[descriptorSize:], data)
		data = data[n:]
		f := fragment{payload: s.payload[:descriptorSize+n], timestamp: timestamp, start: start, last: len(data) == 0, key: key}
		for _, o := range l.members {
			for _, b := range *o.bindings.Load() {
				s.write(l, o, b, f)
			}
		}
		packets++
		bytes += len(f.payload)
	}
	s.countSent(l, key)
	return packets, bytes
}

// write sends one fragment to one connection, unless it could not be decoded there.
func (s *Sender) write(l *layer, o *Outlet, b *binding, f fragment) {
	if f.start {
		b.skip = b.up && b.needKey && !f.key
	}
	if b.skip {
		return
	}
	n, err := b.send(f)
	switch {
	case err != nil: // too much waits already, or the connection is no more, which concerns nobody
		b.skip, b.needKey = true, true
		o.RequestKeyFrame()
		return
	case n == 0: // pion silently drops what comes before the connection is up
		b.skip, b.needKey = true, true
		return
	case !b.up:
		b.up = true
		if b.needKey = !f.key || !f.start; b.needKey {
			b.skip = true
			l.keys.ask(true)
		}
	case f.start && f.key:
		b.needKey = false
	}
	b.sequence++
	if f.last {
		b.picture++
	}
	o.sentPackets++
	o.sentBytes += len(f.payload)
	o.sentFrame = true
}

// send writes one packet.
func (b *binding) send(f fragment) (int, error) {
	putDescriptor(f.payload, f.start, b.picture&0x7fff)
	b.header = rtp.Header{
		Version: 2, Marker: f.last, PayloadType: b.payloadType, SequenceNumber: b.sequence, Timestamp: f.timestamp, SSRC: b.ssrc,
		Extensions: b.header.Extensions[:0],
	}
	return b.writer.WriteRTP(&b.header, f.payload)
}

// countSent takes over into the statistics what was sent of one frame.
func (s *Sender) countSent(l *layer, key bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, o := range l.members {
		if o.sentFrame {
			o.stats.FramesSent++
			if key {
				o.stats.KeyFramesSent++
			}
			o.stats.PacketsSent += o.sentPackets
			o.stats.BytesSent += o.sentBytes
			o.stats.FrameWidth, o.stats.FrameHeight = l.step.width, l.step.height
			o.rate.add(time.Now())
		}
		o.sentPackets, o.sentBytes, o.sentFrame = 0, 0, false
	}
}
