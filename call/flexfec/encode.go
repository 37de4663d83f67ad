package flexfec

import "github.com/pion/rtp"

// The packets that are protected together are those of one frame, if that takes at least one repair packet; of some frames, if those are
// small; and of a part of a frame, if that is large. The receiver waits for the last of them.
const (
	blockSize   = mediumMask // packets
	blockFrames = 4
)

// Encoder makes the repair packets of one stream. It is for one goroutine at a time. The zero value is ready; it takes 70 kB.
type Encoder struct {
	block  [blockSize]protected
	n      int     // packets in the block
	frames int     // that ended in the block
	credit float64 // repair packets that the share allowed and that were not made yet

	begun  bool // what follows counts
	ssrc   uint32
	last   uint16 // the sequence number of the latest packet
	marker bool   // that packet ended a frame
}

// protected is a packet as it goes out.
type protected struct {
	offset uint16 // from the first of the block
	size   int
	raw    [MaxSize]byte
}

// Add takes a packet of the stream just as it goes to the network, with all of its header extensions: the other side has nothing else to
// compute with. A packet that goes out again, or that is longer than [MaxSize], is not protected.
func (e *Encoder) Add(header *rtp.Header, payload []byte) {
	if e.begun && header.SSRC == e.ssrc && int16(header.SequenceNumber-e.last) <= 0 {
		return
	}
	if e.n == blockSize || e.n > 0 && (header.SSRC != e.ssrc || header.SequenceNumber-e.base() >= blockSize) {
		e.Clear()
	}
	p := &e.block[e.n]
	size := header.MarshalSize() + len(payload) + int(header.PaddingSize)
	if size > len(p.raw) {
		return
	}
	n, err := header.MarshalTo(p.raw[:])
	if err != nil {
		return
	}
	n += copy(p.raw[n:], payload)
	if header.PaddingSize > 0 { // RFC 3550 5.1: the last byte says how many
		clear(p.raw[n:size])
		p.raw[size-1] = header.PaddingSize
	}
	p.size, p.offset = size, 0
	if e.n > 0 {
		p.offset = header.SequenceNumber - e.base()
	}
	e.n++
	e.begun, e.ssrc, e.last, e.marker = true, header.SSRC, header.SequenceNumber, header.Marker
	if header.Marker {
		e.frames++
	}
}

// base is the sequence number of the first packet of the block, which must not be empty.
func (e *Encoder) base() uint16 { return e.last - e.block[e.n-1].offset }

// Due says how many repair packets are to be made now, after a packet was added, for a share in repair packets by packet of the stream, 0 to
// 1: mostly none, until a frame ended. When there are some, the caller makes each of them with [Encoder.Repair] and then calls [Encoder.Clear].
func (e *Encoder) Due(share float64) int {
	if e.n == 0 || !e.marker && e.n < blockSize {
		return 0
	}
	allowed := e.credit + share*float64(e.n)
	if allowed < 1 {
		if e.n == blockSize || e.frames >= blockFrames {
			e.credit = allowed
			e.Clear()
		}
		return 0
	}
	count := min(int(allowed), e.n)
	e.credit = min(allowed-float64(count), 1)
	return count
}

// Repair writes the payload of repair packet i of count into payload, which takes at least [MaxSize] and 12 bytes, and returns its length. Of
// two packets that follow one another, no repair packet protects both, if there are two or more.
func (e *Encoder) Repair(payload []byte, i, count int) int {
	h := repairHeader{ssrc: e.ssrc, base: e.base(), size: shortHeader}
	longest := 0
	for j := i; j < e.n; j += count {
		h.mask.set(e.block[j].offset)
		longest = max(longest, e.block[j].size-rtpHeader)
	}
	if h.mask.last() >= shortMask {
		h.size = mediumHeader
	}
	var parity [8]byte
	body := payload[h.size : h.size+longest]
	clear(body)
	for j := i; j < e.n; j += count {
		fold(&parity, body, e.block[j].raw[:e.block[j].size])
	}
	parity[0] &= 0x3f // the version is not protected: two bits of the format's own
	copy(payload, parity[:])
	h.write(payload)
	return h.size + longest
}

// Clear begins a new block with the next packet.
func (e *Encoder) Clear() { e.n, e.frames = 0, 0 }
