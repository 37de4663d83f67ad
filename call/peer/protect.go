package peer

import (
	"iter"
	"math"
	"sync/atomic"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"parley/call/congestion"
	"parley/call/flexfec"
)

// SetProtection says how many repair packets go out by packet of video, 0 to [flexfec.MaxShare], from the next frame on: see [flexfec.Share]. At first it
// is 0. Who does not know the format gets copies instead, while there is room for them.
func (c *Conn) SetProtection(share float64) {
	if !(share > 0) { // nor is it when it is no number
		share = 0
	}
	c.share.Store(math.Float64bits(min(share, flexfec.MaxShare)))
}

// ProtectionStats counts the repair packets that went out for a track, under the names of
// https://www.w3.org/TR/webrtc-stats/#outboundrtpstats-dict* as far as there are any.
type ProtectionStats struct {
	FECPacketsSent uint64 `json:"fecPacketsSent"`
	FECBytesSent   uint64 `json:"fecBytesSent"` // without RTP headers
}

// RetransmissionStats counts the packets of a track that went out once more, asked for or as copies, under the names of
// https://www.w3.org/TR/webrtc-stats/#outboundrtpstats-dict*.
type RetransmissionStats struct {
	RetransmittedPacketsSent uint64 `json:"retransmittedPacketsSent"`
	RetransmittedBytesSent   uint64 `json:"retransmittedBytesSent"` // without RTP headers
}

// Protection returns what was sent beside a track of this side's, on the connection in use, and false when that can have no repair packets.
func (c *Conn) Protection(track webrtc.TrackLocal) (ProtectionStats, bool) {
	var sum ProtectionStats
	found := false
	for l, ssrc := range c.streamsOf(track) {
		if stats, ok := l.transport.protection(ssrc); ok {
			sum.FECPacketsSent += stats.FECPacketsSent
			sum.FECBytesSent += stats.FECBytesSent
			found = true
		}
	}
	return sum, found
}

// Retransmissions returns what was sent once more of a track of this side's, on the connection in use.
func (c *Conn) Retransmissions(track webrtc.TrackLocal) (sum RetransmissionStats) {
	for l, ssrc := range c.streamsOf(track) {
		stats := l.transport.retransmissions(ssrc)
		sum.RetransmittedPacketsSent += stats.RetransmittedPacketsSent
		sum.RetransmittedBytesSent += stats.RetransmittedBytesSent
	}
	return sum
}

// streamsOf goes through the streams by which a track goes out on the connection in use.
func (c *Conn) streamsOf(track webrtc.TrackLocal) iter.Seq2[*link, uint32] {
	return func(yield func(*link, uint32) bool) {
		l := c.inUse()
		if l == nil {
			return
		}
		for _, sender := range l.pc.GetSenders() {
			if sender.Track() != track {
				continue
			}
			for _, e := range sender.GetParameters().Encodings {
				if !yield(l, uint32(e.SSRC)) {
					return
				}
			}
		}
	}
}

// share is how many repair packets go out by packet of video: the bits of a float64.
type share struct{ atomic.Uint64 }

// protector makes the repair packets of one stream. It belongs to the stream's transport and is used with that one's mu held.
type protector struct {
	header  rtp.Header       // of the next repair packet
	encoder *flexfec.Encoder // nil while the share is 0
	payload [flexfec.MaxSize + 12]byte
	stats   ProtectionStats
}

// newProtector returns nil where there can be no repair packets: pion tells no SSRC for them when the other side does not know the format.
func newProtector(info *interceptor.StreamInfo) *protector {
	if info.SSRCForwardErrorCorrection == 0 || info.PayloadTypeForwardErrorCorrection == 0 {
		return nil
	}
	return &protector{header: rtp.Header{
		Version: 2, PayloadType: info.PayloadTypeForwardErrorCorrection, SSRC: info.SSRCForwardErrorCorrection, SequenceNumber: randomSequence(),
	}}
}

// protectBy makes the share known, before there are streams.
func (t *transport) protectBy(share *share) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.share = share
}

// protect takes a packet just as it was written, with all its header extensions: what is recovered has the same. Then it writes the
// repair packets that are due, numbered like all others and at the expense of those that follow. It is called with mu held.
func (t *transport) protect(s *outgoing, h *rtp.Header, payload []byte) {
	p := s.protector
	if p == nil || t.share == nil {
		return
	}
	share := math.Float64frombits(t.share.Load())
	if share == 0 {
		p.encoder = nil
		return
	}
	if p.encoder == nil {
		p.encoder = new(flexfec.Encoder)
	}
	p.encoder.Add(h, payload)
	due := p.encoder.Due(share)
	for i := range due {
		n := p.encoder.Repair(p.payload[:], i, due)
		p.header.Timestamp = h.Timestamp
		p.header.Extension, p.header.Extensions = false, p.header.Extensions[:0]
		t.pace.credit -= float64(n + headers)
		t.pace.protects(n, time.Now())
		if _, err := t.write(s, &p.header, p.payload[:n], congestion.Repair, nil); err == nil {
			p.stats.FECPacketsSent++
			p.stats.FECBytesSent += uint64(n)
		}
		p.header.SequenceNumber++
	}
	if due > 0 {
		p.encoder.Clear()
	}
}

// protection returns what was sent beside a stream, and false when it has no repair packets.
func (t *transport) protection(ssrc uint32) (ProtectionStats, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.streams[ssrc]
	if s == nil || s.protector == nil {
		return ProtectionStats{}, false
	}
	return s.protector.stats, true
}
