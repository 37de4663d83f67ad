package peer

import (
	"encoding/binary"
	"math/rand/v2"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"

	"parley/call/congestion"
)

// How many packets of a stream are kept, for the pacer and for those who ask for them again.
const (
	fewestStored = 128
	mostStored   = 1024 // 2 s of 5 Mbit/s
	maxStored    = 1300 // bytes of payload
	keepFor      = 2 * time.Second
)

const (
	mostResends   = 6
	resendApart   = 10 * time.Millisecond // and not before most of a round trip has gone by
	repairShare   = 0.5                   // of the rate may go into repairs,
	repairAtOnce  = 250 * time.Millisecond
	repairsAtOnce = 6000 // or this many bytes at once
)

// stored is a video packet as the track wrote it, and what became of it.
type stored struct {
	sequence    uint16
	used        bool
	marker      bool
	payloadType uint8
	timestamp   uint32
	payload     []byte
	sent        time.Time // zero while it waits
	number      uint16    // under which it was sent first
	resent      time.Time
	resends     int
	asked       bool // a repair waits
	unasked     bool // it was sent again before anybody asked
}

// packetStore keeps the last packets of a stream by their sequence numbers, which follow upon each other. It grows while what it has to
// overwrite is young, and lets go of what is old. It allocates nothing once it has its size.
type packetStore struct {
	slots  []stored
	oldest uint16   // all before it were let go of
	spare  [][]byte // for payloads
}

func (p *packetStore) find(sequence uint16) *stored {
	if len(p.slots) == 0 {
		return nil
	}
	if s := &p.slots[int(sequence)%len(p.slots)]; s.used && s.sequence == sequence {
		return s
	}
	return nil
}

// put keeps a packet, and returns nil where there is no room: what it would overwrite was not sent yet.
func (p *packetStore) put(h *rtp.Header, payload []byte, now time.Time) *stored {
	if len(p.slots) == 0 {
		p.slots, p.oldest = make([]stored, fewestStored), h.SequenceNumber
	}
	p.letGo(h.SequenceNumber, now)
	s := &p.slots[int(h.SequenceNumber)%len(p.slots)]
	if s.used && (s.sent.IsZero() || now.Sub(s.sent) < keepFor) && len(p.slots) < mostStored {
		p.grow()
		s = &p.slots[int(h.SequenceNumber)%len(p.slots)]
	}
	if s.used && s.sent.IsZero() || len(payload) > maxStored {
		return nil
	}
	*s = stored{
		sequence: h.SequenceNumber, used: true, marker: h.Marker, payloadType: h.PayloadType, timestamp: h.Timestamp,
		payload: append(p.room(s), payload...),
	}
	return s
}

// letGo takes out what nobody will ask for any more, when the packet with that number is about to come. The last few may be asked for however old they are:
// of a screen that stands still there is a packet now and then, and that one is missing is seen when the next comes.
func (p *packetStore) letGo(next uint16, now time.Time) {
	if int(next-p.oldest) > len(p.slots) {
		p.oldest = next - uint16(len(p.slots)) // those before it were overwritten
	}
	for ; next-p.oldest >= fewestStored; p.oldest++ {
		s := p.find(p.oldest)
		if s == nil {
			continue
		}
		if s.sent.IsZero() || now.Sub(s.sent) < keepFor {
			return
		}
		p.free(s)
	}
}

// forget lets go of all: nobody needs any of it.
func (p *packetStore) forget() {
	for i := range p.slots {
		if s := &p.slots[i]; s.used {
			p.free(s)
		}
	}
}

// free takes out a packet, and keeps its memory if there is not much yet.
func (p *packetStore) free(s *stored) {
	if len(p.spare) < fewestStored {
		p.spare = append(p.spare, s.payload)
	}
	*s = stored{}
}

// room returns memory for what comes into a slot.
func (p *packetStore) room(s *stored) []byte {
	if s.payload != nil {
		return s.payload[:0]
	}
	if n := len(p.spare); n > 0 {
		last := p.spare[n-1]
		p.spare[n-1], p.spare = nil, p.spare[:n-1]
		return last[:0]
	}
	return make([]byte, 0, maxStored)
}

func (p *packetStore) grow() {
	old := p.slots
	p.slots = make([]stored, 2*len(old))
	for _, s := range old {
		if s.used {
			p.slots[int(s.sequence)%len(p.slots)] = s
		}
	}
}

func randomSequence() uint16 { return uint16(rand.Uint32()) }

// repair sends packets again that the peer misses (NACK, RFC 4585 6.2.1), as far as they are still there, were not sent just now, and the
// path has room: repairs beyond that would make it worse.
func (t *transport) repair(nack *rtcp.TransportLayerNack, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.streams[nack.MediaSSRC]
	if s == nil {
		return
	}
	t.uneven = now
	for i := range nack.Nacks {
		nack.Nacks[i].Range(func(sequence uint16) bool {
			p := s.store.find(sequence)
			if p == nil || p.asked || p.sent.IsZero() || p.resends >= mostResends || now.Sub(p.resent) < t.apart(p) {
				return true
			}
			p.asked = t.pace.addRepair(s, p, now)
			return p.asked
		})
	}
	t.poke()
}

// apart returns for how long a packet is not sent again. What was sent unasked Chromium asks for all the same, by the next picture, though it has it by then.
func (t *transport) apart(p *stored) time.Duration {
	if p.unasked && p.resends == 1 {
		return max(resendApart, 2*t.cached.RoundTrip)
	}
	return max(resendApart, t.cached.RoundTrip*3/4)
}

// mend sends again what was lost in a gap before anybody asks: that it is missing the peer sees by the next picture alone, and that waits until this side
// has heard from the peer. Where this gap follows another, a browser is asked to wait for what comes so; see playoutdelay.go.
func (t *transport) mend(gap congestion.Gap, now time.Time) {
	if gap.Packets == 0 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	recurs := !t.silent.IsZero() && now.Sub(t.silent) < delayKeeps
	t.silent = now
	for _, s := range t.streams {
		if recurs && s.protector == nil {
			s.delay.want(t.cached.RoundTrip, now)
		}
		if s.extension == 0 {
			continue
		}
		for i := range s.store.slots {
			p := s.store.find(s.store.oldest + uint16(i))
			if p == nil || p.asked || p.sent.IsZero() || p.resends > 0 || !gap.Holds(p.number) {
				continue
			}
			p.asked = t.pace.addRepair(s, p, now)
			p.unasked = p.asked
		}
	}
	t.poke()
}

// resend writes a packet once more: as RFC 4588 has it, or where the peer does not know that, as it was. It is called with mu held.
func (t *transport) resend(s *outgoing, p *stored, now time.Time) {
	p.asked, p.resent = false, now
	p.resends++
	t.again(s, p)
	if t.copyingTwice(s) {
		t.pace.copies.push(waiting{s: s, sequence: p.sequence, size: len(p.payload), asked: true})
	}
}

// again writes a packet that was written before. It is called with mu held.
func (t *transport) again(s *outgoing, p *stored) {
	h := t.headerOf(s, p, time.Now())
	payload := p.payload
	if s.rtx != 0 {
		binary.BigEndian.PutUint16(s.scratch[:], p.sequence)
		payload = s.scratch[:2+copy(s.scratch[2:], p.payload)]
		h.SSRC, h.PayloadType, h.SequenceNumber = s.rtx, t.repairType(s, p), s.repairs
		s.repairs++
	}
	if _, err := t.write(s, h, payload, congestion.Repair, nil); err == nil {
		s.again.RetransmittedPacketsSent++
		s.again.RetransmittedBytesSent += uint64(len(p.payload))
	}
}

// retransmissions returns what was sent again of a stream.
func (t *transport) retransmissions(ssrc uint32) RetransmissionStats {
	t.mu.Lock()
	defer t.mu.Unlock()
	if s := t.streams[ssrc]; s != nil {
		return s.again
	}
	return RetransmissionStats{}
}

// pad writes a packet that holds nothing, on the stream of repairs, and returns its size. It is called with mu held.
func (t *transport) pad(s *outgoing) int {
	const size = 255 // the most that RTP can say
	h := &t.header
	*h = rtp.Header{Version: 2, Padding: true, PayloadType: s.rtxType, SequenceNumber: s.repairs, SSRC: s.rtx, Extensions: h.Extensions[:0]}
	s.repairs++
	clear(s.scratch[:size-1])
	s.scratch[size-1] = size
	_, _ = t.write(s, h, s.scratch[:size], congestion.Padding, nil)
	return size + 20 + headers
}

// padder returns the stream on which padding can be sent: that of the video which flowed last, if it flows, or would if the path bore it. Without the
// latter a path that was too narrow for any picture would be found out to be wide again by the growth of a few percent a second. On a stream of which
// nothing has come yet, a screen that nobody shared, nothing is read at the other side: there padding would look lost. See also [Allowance.Pictures]. It is
// called with mu held.
func (t *transport) padder(now time.Time) *outgoing {
	var last *outgoing
	for _, s := range t.streams {
		if s.rtx != 0 && s.extension != 0 && (last == nil || s.flowed.After(last.flowed)) {
			last = s
		}
	}
	if last == nil || last.flowed.IsZero() || !t.cached.Pictures || !t.up || !t.cached.Short && now.Sub(last.flowed) >= time.Second {
		return nil
	}
	return last
}
