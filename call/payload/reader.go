package payload

import "fmt"

// reader hands out the bytes of a payload and remembers whether it ran out of them.
type reader struct {
	rest  []byte
	short bool
}

func (r *reader) byte() byte {
	if len(r.rest) == 0 {
		r.short = true
		return 0
	}
	b := r.rest[0]
	r.rest = r.rest[1:]
	return b
}

func (r *reader) skip(n int) {
	if n > len(r.rest) {
		n, r.short = len(r.rest), true
	}
	r.rest = r.rest[n:]
}

// pictureID reads a picture ID, whose first bit says whether it has 7 bits or 15: VP8's and VP9's are alike.
func (r *reader) pictureID(p *Part) {
	first := r.byte()
	p.PictureID, p.PictureBits = uint16(first&0x7f), 7
	if first&0x80 != 0 {
		p.PictureID, p.PictureBits = p.PictureID<<8|uint16(r.byte()), 15
	}
}

// data returns what is left, at least a byte.
func (r *reader) data(all []byte) ([]byte, error) {
	if r.short || len(r.rest) == 0 {
		return nil, fmt.Errorf("%w: it ends after %d bytes", ErrPayload, len(all))
	}
	return r.rest, nil
}

// putPictureID writes a picture ID of 15 bits.
func putPictureID(buf []byte, id uint16) {
	buf[0], buf[1] = 0x80|byte(id>>8), byte(id)
}
