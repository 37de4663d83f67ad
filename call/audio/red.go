package audio

import "encoding/binary"

// Redundant audio data (RED, RFC 2198): a packet carries copies of the frames before, so that one that is lost comes a little later in
// another's company.
//
//	 0                   1                    2                   3
//	 0 1 2 3 4 5 6 7 8 9 0 1 2 3  4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//	|1|   block PT  |  timestamp offset         |   block length    |  for each copy, oldest first
//	|0|   block PT  |                                                  for the frame itself
//
// and then the copies and the frame, in that order.
const (
	redMore      = 0x80      // there is another block
	redMaxOffset = 1<<14 - 1 // samples that a copy may be older
	redMaxLength = 1<<10 - 1 // bytes of a copy

	redMaxPacket = 1200 // bytes that are sent at once; see RFC 8831 section 5 on what passes everywhere
	redMaxBlocks = 16   // in a packet that is received; more is nonsense
)

// mostCopies is how many frames before are sent once more at the most. With the copy that Opus keeps in each of them (in-band FEC), as
// many packets and one more may be lost in a row.
const mostCopies = 3

// redBlock is a frame in a packet.
type redBlock struct {
	payloadType uint8
	offset      uint32 // samples that its timestamp is before that of the packet; 0 for the frame itself
	payload     []byte // of the packet
}

// parseRED puts the blocks of a packet into blocks, the frame itself last, and returns how many there are; 0 if the packet is not as RFC 2198
// says, or has more than fit.
func parseRED(packet []byte, blocks *[redMaxBlocks]redBlock) int {
	var sizes [redMaxBlocks]int
	n, rest := 0, packet
	for ; ; n++ {
		if len(rest) == 0 || n == redMaxBlocks {
			return 0
		}
		if rest[0]&redMore == 0 {
			break
		}
		if len(rest) < 4 {
			return 0
		}
		head := binary.BigEndian.Uint32(rest)
		blocks[n] = redBlock{payloadType: uint8(head >> 24 & 0x7f), offset: head >> 10 & redMaxOffset}
		sizes[n] = int(head & redMaxLength)
		rest = rest[4:]
	}
	blocks[n] = redBlock{payloadType: rest[0]}
	rest = rest[1:]
	for i := range n {
		if sizes[i] > len(rest) {
			return 0
		}
		blocks[i].payload, rest = rest[:sizes[i]], rest[sizes[i]:]
	}
	if len(rest) == 0 {
		return 0
	}
	blocks[n].payload = rest
	return n + 1
}

// sentFrame is a frame that was sent and may have to be sent again.
type sentFrame struct {
	stamp   uint32
	size    int
	payload [redMaxLength]byte
}

// sentFrames are the last frames that were sent: at(1) is the one before.
type sentFrames struct {
	frames [mostCopies]sentFrame
	count  int // ever kept
}

// keep remembers a frame. One that is too long to be a copy has no payload.
func (s *sentFrames) keep(stamp uint32, payload []byte) {
	f := &s.frames[s.count%mostCopies]
	f.stamp, f.size = stamp, 0
	if len(payload) <= redMaxLength {
		f.size = copy(f.payload[:], payload)
	}
	s.count++
}

// at returns the frame that was sent back frames ago, and false if it is none to send again.
func (s *sentFrames) at(back int) (*sentFrame, bool) {
	if back > min(s.count, mostCopies) {
		return nil, false
	}
	f := &s.frames[(s.count-back)%mostCopies]
	return f, f.size > 0
}

// appendRED appends to b the frame payload with copies of up to so many frames before it, and returns how many those are. The frames
// follow each other without a gap, so that the receiver knows their sequence numbers. What says that no sound follows goes again only with what says
// so too.
func (s *sentFrames) appendRED(b []byte, payloadType uint8, stamp uint32, payload []byte, copies int) ([]byte, int) {
	size, n, ends := 1+len(payload), 0, endsSpurt(payload)
	for ; n < min(copies, mostCopies); n++ {
		f, ok := s.at(n + 1)
		if !ok || stamp-f.stamp > redMaxOffset || endsSpurt(f.payload[:f.size]) && !ends || size+4+f.size > redMaxPacket {
			break
		}
		size += 4 + f.size
	}
	for back := n; back > 0; back-- {
		f, _ := s.at(back)
		b = binary.BigEndian.AppendUint32(b, redMore<<24|uint32(payloadType)<<24|(stamp-f.stamp)<<10|uint32(f.size))
	}
	b = append(b, payloadType)
	for back := n; back > 0; back-- {
		f, _ := s.at(back)
		b = append(b, f.payload[:f.size]...)
	}
	return append(b, payload...), n
}
