package payload

import (
	"encoding/binary"
	"fmt"

	"github.com/pion/rtp/codecs/vp9"
)

// VP9 is the format of RFC 9628 with one spatial layer: received in the flexible mode and in the other one, sent in the other one.
type VP9 struct{}

// MIMEType returns "video/VP9".
func (VP9) MIMEType() string { return "video/VP9" }

// Bits of the descriptor's first byte. https://www.rfc-editor.org/rfc/rfc9628#section-4.2
const (
	vp9PictureID  = 0x80 // I
	vp9Predicted  = 0x40 // P: the frame refers to earlier ones
	vp9Layers     = 0x20 // L: layer indices follow
	vp9Flexible   = 0x10 // F: with P, references follow
	vp9Start      = 0x08 // B
	vp9End        = 0x04 // E
	vp9Structure  = 0x02 // V: a scalability structure follows
	vp9NoUpperRef = 0x01 // Z: no higher spatial layer refers to it
)

const vp9MaxReferences = 3

// Parse takes a payload apart. Temporal layers are taken as they come; a spatial layer above the first is [ErrLayers].
func (VP9) Parse(payload []byte) (Part, error) {
	var p Part
	r := reader{rest: payload}
	first := r.byte()
	if first&vp9PictureID != 0 {
		r.pictureID(&p)
	}
	layered := false
	if first&vp9Layers != 0 {
		layered = r.byte()>>1&7 != 0 // SID
		if first&vp9Flexible == 0 {
			r.byte() // TL0PICIDX
		}
	}
	if first&vp9Flexible != 0 && first&vp9Predicted != 0 {
		r.vp9References()
	}
	if first&vp9Structure != 0 && r.vp9Structure() > 1 {
		layered = true
	}
	var err error
	if p.Data, err = r.data(payload); err != nil {
		return Part{}, err
	}
	if layered {
		return Part{}, fmt.Errorf("VP9: %w", ErrLayers)
	}
	p.Start, p.End = first&vp9Start != 0, first&vp9End != 0
	p.KeyFrame = p.Start && first&vp9Predicted == 0
	return p, nil
}

// vp9References skips P_DIFF bytes, the last bit of each says whether there is another.
func (r *reader) vp9References() {
	for range vp9MaxReferences {
		if r.byte()&1 == 0 {
			return
		}
	}
	r.short = true // more than there can be
}

// vp9Structure skips a scalability structure and returns how many spatial layers it has.
// https://www.rfc-editor.org/rfc/rfc9628#section-4.2.1
func (r *reader) vp9Structure() (layers int) {
	first := r.byte()
	layers = int(first>>5) + 1
	if first&0x10 != 0 { // Y: a width and a height for each
		r.skip(4 * layers)
	}
	if first&0x08 != 0 { // G: a group of pictures
		for range r.byte() {
			r.skip(int(r.byte() >> 2 & 3)) // R references
		}
	}
	return layers
}

// NewSplitter returns a splitter of VP9.
func (VP9) NewSplitter(pictureID uint16) Splitter { return &vp9Splitter{next: pictureID & 0x7fff} }

type vp9Splitter struct {
	rest          []byte
	started, key  bool
	width, height uint16 // of the key frame
	id, next      uint16
}

const (
	vp9DescriptorSize = 3
	vp9StructureSize  = 8
)

func (s *vp9Splitter) Start(frame []byte, keyFrame bool) error {
	if len(frame) == 0 {
		return fmt.Errorf("%w: it is empty", ErrFrame)
	}
	if keyFrame {
		var header vp9.Header
		if err := header.Unmarshal(frame); err != nil {
			return fmt.Errorf("%w: no header of VP9: %w", ErrFrame, err)
		}
		if header.NonKeyFrame {
			return fmt.Errorf("%w: no key frame of VP9", ErrFrame)
		}
		s.width, s.height = header.Width(), header.Height()
	}
	s.rest, s.started, s.key = frame, false, keyFrame
	s.id, s.next = s.next, (s.next+1)&0x7fff
	return nil
}

func (s *vp9Splitter) Next(buf []byte) (n int, last bool) {
	if len(s.rest) == 0 {
		return 0, true
	}
	buf[0] = vp9PictureID | vp9NoUpperRef
	if !s.key {
		buf[0] |= vp9Predicted
	}
	putPictureID(buf[1:], s.id)
	at := vp9DescriptorSize
	if !s.started {
		buf[0] |= vp9Start
		if s.key {
			buf[0] |= vp9Structure
			at += s.putStructure(buf[at:])
		}
		s.started = true
	}
	n = copy(buf[at:], s.rest)
	s.rest = s.rest[n:]
	if len(s.rest) == 0 {
		buf[0] |= vp9End
	}
	return at + n, len(s.rest) == 0
}

// putStructure says that there is one layer, its size, and that each picture refers to the one before it.
func (s *vp9Splitter) putStructure(buf []byte) int {
	buf[0] = 0x10 | 0x08 // N_S=0, Y, G
	binary.BigEndian.PutUint16(buf[1:], s.width)
	binary.BigEndian.PutUint16(buf[3:], s.height)
	buf[5] = 1      // N_G
	buf[6] = 1 << 2 // T=0, U=0, R=1
	buf[7] = 1      // P_DIFF
	return vp9StructureSize
}
