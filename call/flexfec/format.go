package flexfec

import (
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
)

// MaxSize is the largest packet that is protected or recovered, in bytes with its RTP header: more does not pass an Ethernet unbroken.
const MaxSize = 1500

// Sizes of a repair packet's own header, which has a mask of three lengths: with 15, with 46 and with 109 bits.
const (
	shortHeader  = 20
	mediumHeader = 24
	longHeader   = 32

	shortMask  = 15
	mediumMask = 46
	longMask   = 109
)

// rtpHeader is the size of an RTP header that has no extensions, in bytes: what a repair packet protects field by field.
const rtpHeader = 12

// ErrMalformed is returned for a repair packet that does not follow the format, or that protects something else than the stream in hand.
var ErrMalformed = errors.New("malformed FlexFEC packet")

// repairHeader is what a repair packet says of itself.
// https://datatracker.ietf.org/doc/html/draft-ietf-payload-flexible-fec-scheme-03#section-4.2
type repairHeader struct {
	ssrc uint32 // of the stream that is protected
	base uint16 // the sequence number that the mask begins at
	mask mask
	size int // of the header, in bytes; the parity follows
}

// parse reads the header of a repair packet's payload. It takes no more than one protected stream and no fixed masks, like browsers.
func parse(payload []byte) (repairHeader, error) {
	if len(payload) < shortHeader {
		return repairHeader{}, fmt.Errorf("%w: %d bytes long", ErrMalformed, len(payload))
	}
	if payload[0]&0xc0 != 0 {
		return repairHeader{}, fmt.Errorf("%w: a retransmission or a fixed mask", ErrMalformed)
	}
	if payload[8] != 1 {
		return repairHeader{}, fmt.Errorf("%w: %d protected streams", ErrMalformed, payload[8])
	}
	h := repairHeader{ssrc: binary.BigEndian.Uint32(payload[12:]), base: binary.BigEndian.Uint16(payload[16:]), size: shortHeader}
	short := binary.BigEndian.Uint16(payload[18:])
	h.mask[0] = uint64(bits.Reverse16(short&^(1<<15))) >> 1 // the first packet is the lowest bit
	if short>>15 == 0 {                                     // the bit k says that the mask ends here
		if len(payload) < mediumHeader {
			return repairHeader{}, fmt.Errorf("%w: cut off in its mask", ErrMalformed)
		}
		h.size = mediumHeader
		medium := binary.BigEndian.Uint32(payload[20:])
		h.mask[0] |= uint64(bits.Reverse32(medium&^(1<<31))) >> 1 << shortMask
		if medium>>31 == 0 {
			if len(payload) < longHeader {
				return repairHeader{}, fmt.Errorf("%w: cut off in its mask", ErrMalformed)
			}
			h.size = longHeader
			long := binary.BigEndian.Uint64(payload[24:])
			if long>>63 == 0 {
				return repairHeader{}, fmt.Errorf("%w: its mask does not end", ErrMalformed)
			}
			long = bits.Reverse64(long&^(1<<63)) >> 1
			h.mask[0] |= long << mediumMask
			h.mask[1] = long >> (64 - mediumMask)
		}
	}
	if h.mask.empty() {
		return repairHeader{}, fmt.Errorf("%w: it protects nothing", ErrMalformed)
	}
	return h, nil
}

// write writes the header, all but its first 8 bytes, which are parity. The mask must end within mediumMask.
func (h repairHeader) write(payload []byte) {
	binary.BigEndian.PutUint32(payload[8:], 1<<24) // one stream, and a reserved field
	binary.BigEndian.PutUint32(payload[12:], h.ssrc)
	binary.BigEndian.PutUint16(payload[16:], h.base)
	short := bits.Reverse16(uint16(h.mask[0])) >> 1
	if h.size == shortHeader {
		binary.BigEndian.PutUint16(payload[18:], short|1<<15)
		return
	}
	binary.BigEndian.PutUint16(payload[18:], short)
	binary.BigEndian.PutUint32(payload[20:], bits.Reverse32(uint32(h.mask[0]>>shortMask))>>1|1<<31)
}

// fold adds a packet to a parity, or takes it out again, which is the same. The first 8 bytes of the parity are those of the RTP header with
// the length in place of the sequence number; body is what follows the RTP header.
func fold(parity *[8]byte, body, packet []byte) {
	length := uint16(len(packet) - rtpHeader)
	parity[0] ^= packet[0]
	parity[1] ^= packet[1]
	parity[2] ^= byte(length >> 8)
	parity[3] ^= byte(length)
	subtle.XORBytes(parity[4:], parity[4:], packet[4:8])
	n := min(len(body), len(packet)-rtpHeader)
	subtle.XORBytes(body[:n], body[:n], packet[rtpHeader:rtpHeader+n])
}

// mask is a set of packets, by how far each is from the first.
type mask [2]uint64

func (m mask) has(offset uint16) bool {
	return offset < 128 && m[offset>>6]>>(offset&63)&1 != 0
}

func (m *mask) set(offset uint16)   { m[offset>>6] |= 1 << (offset & 63) }
func (m *mask) clear(offset uint16) { m[offset>>6] &^= 1 << (offset & 63) }
func (m mask) empty() bool          { return m[0]|m[1] == 0 }
func (m mask) count() int           { return bits.OnesCount64(m[0]) + bits.OnesCount64(m[1]) }

// first returns the smallest of the set, and 128 for the empty set.
func (m mask) first() uint16 {
	if m[0] != 0 {
		return uint16(bits.TrailingZeros64(m[0]))
	}
	return 64 + uint16(bits.TrailingZeros64(m[1]))
}

// last returns the largest of the set, which must not be empty.
func (m mask) last() uint16 {
	if m[1] != 0 {
		return 127 - uint16(bits.LeadingZeros64(m[1]))
	}
	return 63 - uint16(bits.LeadingZeros64(m[0]))
}
