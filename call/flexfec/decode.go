package flexfec

import (
	"encoding/binary"
	"fmt"
)

// What a decoder keeps at the most. A repair packet is of use as long as the packets that it protects are kept.
const (
	window     = 256 // packets of the stream: a second of 2.5 Mbit/s; a power of two, so that sequence numbers may wrap
	maxRepairs = 64  // repair packets that wait for packets
)

// attribute is the type of this package's interceptor attributes.
type attribute int

// AttributeRecovered is the key under which the attributes of a packet that was read tell, by true, that it did not come but was recovered.
const AttributeRecovered attribute = 0

// Stats counts what a [Decoder] was given. Where there are names in https://www.w3.org/TR/webrtc-stats/#inboundrtpstats-dict*, these are they.
type Stats struct {
	FECPacketsReceived  uint64 `json:"fecPacketsReceived"`  // repair packets that follow the format
	FECBytesReceived    uint64 `json:"fecBytesReceived"`    // their payload
	FECPacketsDiscarded uint64 `json:"fecPacketsDiscarded"` // those of them that came too late, or when nothing was missing
	Recovered           uint64 `json:"packetsRecovered"`    // packets of the stream that were computed and handed out; not of the W3C
}

// Decoder recovers the packets of one stream. It is for one goroutine at a time. It takes 500 kB and no more, so it is best made when the
// first repair packet comes.
type Decoder struct {
	ssrc    uint32
	begun   bool   // newest counts
	newest  uint16 // the highest sequence number of the stream
	payload byte   // the payload type of the stream's latest packet
	next    int    // where the next repair packet is kept

	// Sequence numbers of packets that came or were recovered, and that the repair packets have not heard of.
	learned    [maxRepairs + 1]uint16
	learnedLen int

	out    [window]uint16 // sequence numbers of recovered packets that were not handed out: a ring
	outAt  int
	outLen int
	stats  Stats

	packets [window]kept
	repairs [maxRepairs]repair
}

// kept is a packet of the stream.
type kept struct {
	sequence uint16
	size     int  // 0: none
	came     bool // from the network; else it was recovered
	given    bool // it was recovered and handed out
	raw      [MaxSize]byte
}

// repair is a repair packet that waits.
type repair struct {
	base    uint16
	mask    mask // what it protects
	missing mask // what of that did not come; empty: no repair packet
	parity  [8]byte
	size    int
	body    [MaxSize]byte
}

// NewDecoder returns a decoder of the stream that has that SSRC.
func NewDecoder(ssrc uint32) *Decoder { return &Decoder{ssrc: ssrc} }

// Stats returns what was counted so far.
func (d *Decoder) Stats() Stats { return d.stats }

// Packet takes a packet of the stream as it came from the network. It keeps a copy. What is no such packet is left aside. It says whether
// that packet was handed out before, because it was recovered before it came.
func (d *Decoder) Packet(packet []byte) (given bool) {
	if len(packet) < rtpHeader || len(packet) > MaxSize || packet[0]>>6 != 2 || binary.BigEndian.Uint32(packet[8:]) != d.ssrc {
		return false
	}
	sequence := binary.BigEndian.Uint16(packet[2:])
	d.payload = packet[1] & 0x7f
	d.advance(sequence)
	k := d.slot(sequence)
	if d.has(sequence) {
		k.came = true
		return k.given
	}
	k.sequence, k.size, k.came, k.given = sequence, copy(k.raw[:], packet), true, false
	d.learn(sequence)
	d.tell()
	return false
}

// advance moves the window to a packet of the stream. A jump by more than the window begins anew: numbers that are so far apart
// have nothing to do with each other, and would be taken for each other once they have gone round.
func (d *Decoder) advance(sequence uint16) {
	ahead := int16(sequence - d.newest)
	switch {
	case !d.begun:
		d.begun, d.newest = true, sequence
	case ahead >= window || ahead <= -window:
		d.newest = sequence
		d.forget()
	case ahead > 0:
		d.newest = sequence
	}
}

func (d *Decoder) forget() {
	d.outLen = 0
	for i := range d.packets {
		d.packets[i].size = 0
	}
	for i := range d.repairs {
		d.repairs[i].missing = mask{}
	}
}

func (d *Decoder) slot(sequence uint16) *kept { return &d.packets[sequence%window] }

func (d *Decoder) has(sequence uint16) bool {
	k := d.slot(sequence)
	return k.size > 0 && k.sequence == sequence
}

// Repair takes the payload of a repair packet. It keeps a copy. It returns [ErrMalformed] for what does not follow the format.
func (d *Decoder) Repair(payload []byte) error {
	h, err := parse(payload)
	if err != nil {
		return err
	}
	if h.ssrc != d.ssrc {
		return fmt.Errorf("%w: it protects another stream", ErrMalformed)
	}
	body := payload[h.size:]
	if len(body) > MaxSize-rtpHeader {
		return fmt.Errorf("%w: %d bytes long", ErrMalformed, len(payload))
	}
	d.stats.FECPacketsReceived++
	d.stats.FECBytesReceived += uint64(len(payload))
	missing := d.missing(h)
	if missing.empty() {
		d.stats.FECPacketsDiscarded++
		return nil
	}
	r := &d.repairs[d.next]
	d.next = (d.next + 1) % maxRepairs
	if !r.missing.empty() {
		d.discard(r)
	}
	r.base, r.mask, r.missing, r.parity = h.base, h.mask, missing, [8]byte(payload[:8])
	r.size = copy(r.body[:], body)
	d.recover(r)
	d.tell()
	return nil
}

// missing returns which of the packets that a repair packet protects did not come: none when it is out of the window.
func (d *Decoder) missing(h repairHeader) mask {
	first, last := h.base+h.mask.first(), h.base+h.mask.last()
	if !d.begun {
		d.begun, d.newest = true, first-1
	}
	if int16(d.newest-first) >= window || int16(last-d.newest) > longMask {
		return mask{}
	}
	missing := h.mask
	for rest := h.mask; !rest.empty(); {
		offset := rest.first()
		rest.clear(offset)
		if d.has(h.base + offset) {
			missing.clear(offset)
		}
	}
	return missing
}

// learn notes a packet that came or was recovered, for tell.
func (d *Decoder) learn(sequence uint16) {
	d.learned[d.learnedLen] = sequence
	d.learnedLen++
}

// tell makes the repair packets that wait for a packet know of those that are there now, and of those that are recovered thereby. It
// ends: each repair packet recovers one packet, and then is none any more.
func (d *Decoder) tell() {
	for d.learnedLen > 0 {
		d.learnedLen--
		sequence := d.learned[d.learnedLen]
		for i := range d.repairs {
			r := &d.repairs[i]
			if r.missing.empty() {
				continue
			}
			if int16(d.newest-r.base-r.mask.first()) >= window {
				d.discard(r) // the packets that it needs are gone
				continue
			}
			if offset := sequence - r.base; r.missing.has(offset) {
				r.missing.clear(offset)
				d.recover(r)
			}
		}
	}
}

func (d *Decoder) discard(r *repair) {
	r.missing = mask{}
	d.stats.FECPacketsDiscarded++
}

// recover computes the packet that a repair packet lacks, if that is one, and keeps it for [Decoder.Recovered].
func (d *Decoder) recover(r *repair) {
	switch r.missing.count() {
	case 0:
		d.discard(r)
		return
	case 1:
	default:
		return
	}
	at := r.missing.first()
	r.mask.clear(at)
	for rest := r.mask; !rest.empty(); {
		offset := rest.first()
		rest.clear(offset)
		if !d.has(r.base + offset) {
			d.discard(r) // what it needs came, and is out of the window by now
			return
		}
		k := d.slot(r.base + offset)
		fold(&r.parity, r.body[:r.size], k.raw[:k.size])
	}
	// What the parity of different packets gives is not what was sent, if the sender got something wrong: let that not pass for
	// a packet of another kind.
	length := int(binary.BigEndian.Uint16(r.parity[2:]))
	if length > r.size || r.parity[1]&0x7f != d.payload {
		d.discard(r)
		return
	}
	r.missing = mask{}
	sequence := r.base + at
	d.advance(sequence)
	k := d.slot(sequence)
	k.sequence, k.size, k.came, k.given = sequence, rtpHeader+length, false, false
	k.raw[0], k.raw[1] = r.parity[0]&0x3f|0x80, r.parity[1]
	binary.BigEndian.PutUint16(k.raw[2:], sequence)
	copy(k.raw[4:8], r.parity[4:])
	binary.BigEndian.PutUint32(k.raw[8:], d.ssrc)
	copy(k.raw[rtpHeader:], r.body[:length])
	d.hand(sequence)
	d.learn(sequence)
}

// hand puts a packet into the queue for [Decoder.Recovered]. When that is full, nobody asks, and the oldest falls out.
func (d *Decoder) hand(sequence uint16) {
	if d.outLen == len(d.out) {
		d.outAt = (d.outAt + 1) % len(d.out)
		d.outLen--
	}
	d.out[(d.outAt+d.outLen)%len(d.out)] = sequence
	d.outLen++
}

// Waiting says whether there may be something for [Decoder.Recovered].
func (d *Decoder) Waiting() bool { return d.outLen > 0 }

// Recovered writes the next packet that was recovered into packet and returns its length, 0 when there is none. Each is handed out once, and not at
// all when it came in the meantime. One that does not fit is dropped.
func (d *Decoder) Recovered(packet []byte) int {
	for d.outLen > 0 {
		sequence := d.out[d.outAt]
		d.outAt = (d.outAt + 1) % len(d.out)
		d.outLen--
		if k := d.slot(sequence); d.has(sequence) && !k.came && !k.given && k.size <= len(packet) {
			k.given = true
			d.stats.Recovered++
			return copy(packet, k.raw[:k.size])
		}
	}
	return 0
}
