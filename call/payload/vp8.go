package payload

import "fmt"

// VP8 is the format of RFC 7741: a descriptor of a few bytes before a stretch of the frame.
type VP8 struct{}

// MIMEType returns "video/VP8".
func (VP8) MIMEType() string { return "video/VP8" }

// Bits of the descriptor. https://www.rfc-editor.org/rfc/rfc7741#section-4.2
const (
	vp8Extended  = 0x80 // X, first byte: a second byte follows
	vp8Start     = 0x10 // S: a partition begins here
	vp8Partition = 0x07 // PID: which one; 0 is the frame's first
	vp8PictureID = 0x80 // I, second byte
	vp8TL0       = 0x40 // L
	vp8Layer     = 0x20 // T
	vp8KeyIndex  = 0x10 // K
)

// Parse takes a payload apart. Temporal layers are taken as they come.
func (VP8) Parse(payload []byte) (Part, error) {
	var p Part
	r := reader{rest: payload}
	first := r.byte()
	if first&vp8Extended != 0 {
		extensions := r.byte()
		if extensions&vp8PictureID != 0 {
			r.pictureID(&p)
		}
		if extensions&vp8TL0 != 0 {
			r.byte()
		}
		if extensions&(vp8Layer|vp8KeyIndex) != 0 {
			r.byte()
		}
	}
	var err error
	if p.Data, err = r.data(payload); err != nil {
		return Part{}, err
	}
	p.Start = first&vp8Start != 0 && first&vp8Partition == 0
	p.KeyFrame = p.Start && p.Data[0]&1 == 0 // https://www.rfc-editor.org/rfc/rfc6386#section-9.1
	return p, nil
}

// NewSplitter returns a splitter of VP8.
func (VP8) NewSplitter(pictureID uint16) Splitter { return &vp8Splitter{next: pictureID & 0x7fff} }

// vp8Splitter writes a descriptor that is always extended and has a picture ID of 15 bits.
type vp8Splitter struct {
	rest     []byte
	started  bool
	id, next uint16
}

const vp8DescriptorSize = 4

func (s *vp8Splitter) Start(frame []byte, _ bool) error {
	if len(frame) == 0 {
		return fmt.Errorf("%w: it is empty", ErrFrame)
	}
	s.rest, s.started = frame, false
	s.id, s.next = s.next, (s.next+1)&0x7fff
	return nil
}

func (s *vp8Splitter) Next(buf []byte) (n int, last bool) {
	if len(s.rest) == 0 {
		return 0, true
	}
	buf[0] = vp8Extended
	if !s.started {
		buf[0] |= vp8Start
	}
	s.started = true
	buf[1] = vp8PictureID
	putPictureID(buf[2:], s.id)
	n = copy(buf[vp8DescriptorSize:], s.rest)
	s.rest = s.rest[n:]
	return vp8DescriptorSize + n, len(s.rest) == 0
}
