package video

import "fmt"

// Payload is what one RTP packet carries of a VP8 frame.
type Payload struct {
	Start     bool   // the frame begins with this packet
	PictureID int    // counts frames, modulo 2^15 or 2^7; -1 where the sender does not say
	Data      []byte // a part of the frame, at least a byte, within the bytes that were parsed
}

// Bits of the VP8 payload descriptor, which precedes the data in every packet.
// https://www.rfc-editor.org/rfc/rfc7741#section-4.2
const (
	descriptorExtended   = 0x80 // X, first byte: a second byte follows
	descriptorStart      = 0x10 // S: a partition begins here
	descriptorPartition  = 0x07 // PID: which one; 0 is the frame's first
	descriptorPictureID  = 0x80 // I, second byte
	descriptorTL0        = 0x40 // L
	descriptorLayer      = 0x20 // T
	descriptorKeyIndex   = 0x10 // K
	descriptorLongNumber = 0x80 // M, first byte of the picture ID: it has 15 bits
)

// ParsePayload takes the payload of one RTP packet apart. It returns [ErrPayload] where that is malformed.
func ParsePayload(payload []byte) (Payload, error) {
	p := Payload{PictureID: -1}
	r := descriptorReader{rest: payload}
	first := r.byte()
	p.Start = first&descriptorStart != 0 && first&descriptorPartition == 0
	if first&descriptorExtended != 0 {
		extensions := r.byte()
		if extensions&descriptorPictureID != 0 {
			p.PictureID = int(r.byte())
			if p.PictureID&descriptorLongNumber != 0 {
				p.PictureID = p.PictureID&^descriptorLongNumber<<8 | int(r.byte())
			}
		}
		if extensions&descriptorTL0 != 0 {
			r.byte()
		}
		if extensions&(descriptorLayer|descriptorKeyIndex) != 0 {
			r.byte()
		}
	}
	if r.short || len(r.rest) == 0 {
		return Payload{}, fmt.Errorf("%w: it ends after %d bytes", ErrPayload, len(payload))
	}
	p.Data = r.rest
	return p, nil
}

// startsKeyFrame says whether the data that a frame begins with is that of a key frame.
// https://www.rfc-editor.org/rfc/rfc6386#section-9.1
func startsKeyFrame(data []byte) bool { return data[0]&1 == 0 }

// descriptorReader hands out bytes and remembers whether it ran out of them.
type descriptorReader struct {
	rest  []byte
	short bool
}

func (r *descriptorReader) byte() byte {
	if len(r.rest) == 0 {
		r.short = true
		return 0
	}
	b := r.rest[0]
	r.rest = r.rest[1:]
	return b
}

// The descriptor that this package writes: always extended and with a picture ID of 15 bits.
const descriptorSize = 4

// putDescriptor writes a payload descriptor into the first bytes of payload.
func putDescriptor(payload []byte, start bool, pictureID uint16) {
	payload[0] = descriptorExtended
	if start {
		payload[0] |= descriptorStart
	}
	payload[1] = descriptorPictureID
	payload[2] = descriptorLongNumber | byte(pictureID>>8)
	payload[3] = byte(pictureID)
}
