package video

import (
	"math/rand/v2"
	"time"

	"github.com/pion/rtp"

	"parley/call/coded"
)

// maxPayload is the largest RTP payload that is sent, in bytes. With all headers it fits the smallest packet that every
// path carries in practice, tunnels and relays included.
const maxPayload = 1200

// fanOut writes one encoded frame to everybody who gets the layer, and returns what that is for one of them.
func (s *Sender) fanOut(l *layer, encoded coded.Frame, timestamp uint32) (packets, bytes int) {
	for _, o := range l.members {
		for _, b := range *o.bindings.Load() {
			p, n := s.write(l, o, b, encoded, timestamp)
			packets, bytes = max(packets, p), max(bytes, n)
		}
	}
	s.countSent(l, encoded.KeyFrame)
	return packets, bytes
}

// write cuts one frame into packets for one connection, unless it could not be decoded there. Each connection has packets of its own, so that their numbers
// and those of the pictures follow upon each other there whichever layers it gets.
func (s *Sender) write(l *layer, o *Outlet, b *binding, encoded coded.Frame, timestamp uint32) (packets, bytes int) {
	if !b.goOver(l.codec) || b.up && b.needKey && !encoded.KeyFrame {
		return 0, 0
	}
	if err := b.splitter.Start(encoded.Data, encoded.KeyFrame); err != nil {
		b.needKey = true
		return 0, 0
	}
	for last := false; !last; {
		var n int
		n, last = b.splitter.Next(s.payload[:])
		written, err := b.send(s.payload[:n], timestamp, last)
		switch {
		case err != nil: // too much waits already, or the connection is no more, which concerns nobody
			b.needKey = true
			s.mu.Lock()
			o.behind = true
			s.mu.Unlock()
			return packets, bytes
		case written == 0: // pion silently drops what comes before the connection is up
			b.needKey = true
			return packets, bytes
		case !b.up:
			b.up = true
			if b.needKey = !encoded.KeyFrame || packets > 0; b.needKey {
				l.keys.ask(true)
				last = true // the rest is of no use
			}
		case packets == 0 && encoded.KeyFrame:
			b.needKey = false
		}
		b.sequence++
		packets++
		bytes += n
		o.sentPackets++
		o.sentBytes += n
		o.sentFrame = true
	}
	return packets, bytes
}

// goOver makes ready for frames of that codec, and says whether the connection takes it. Another codec begins with a key frame.
func (b *binding) goOver(codec int) bool {
	if b.types[codec] == 0 {
		return false
	}
	if b.splitter == nil || b.codec != codec {
		// The first picture's number is random, so that what was encrypted cannot be guessed, as is that of the first packet.
		// https://www.rfc-editor.org/rfc/rfc3550#section-5.1
		b.codec, b.splitter, b.needKey = codec, codecs[codec].Format.NewSplitter(uint16(rand.Uint32())), true
	}
	return true
}

// send writes one packet.
func (b *binding) send(payload []byte, timestamp uint32, last bool) (int, error) {
	b.header = rtp.Header{
		Version: 2, Marker: last, PayloadType: b.types[b.codec], SequenceNumber: b.sequence, Timestamp: timestamp, SSRC: b.ssrc,
		Extensions: b.header.Extensions[:0],
	}
	return b.writer.WriteRTP(&b.header, payload)
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
			o.stats.MIMEType, o.stats.EncoderImplementation = codecs[l.codec].MIMEType, codecs[l.codec].Library
			o.rate.add(time.Now())
		}
		o.sentPackets, o.sentBytes, o.sentFrame = 0, 0, false
	}
}
