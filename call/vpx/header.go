package vpx

import (
	"encoding/binary"
	"fmt"
)

// The largest picture that is encoded or decoded: 4K lying or standing. VP8 could say 16383x16383, for which a decoder
// takes more than a gigabyte; a peer must not be able to ask for that with a few bytes.
const (
	MaxSide   = 4096        // pixels
	MaxPixels = 4096 * 2304 // width times height
)

// Header is what the uncompressed first bytes of a VP8 frame say.
// https://www.rfc-editor.org/rfc/rfc6386#section-9.1
type Header struct {
	KeyFrame      bool
	Shown         bool // false for a frame that only later frames refer to
	Width, Height int  // pixels; zero unless KeyFrame, since only a key frame says
}

const (
	frameTagSize       = 3
	keyFrameHeaderSize = frameTagSize + 7
)

// ParseHeader reads the header of the VP8 frame that data begins with. It returns [ErrCorrupt] where there is none, and
// [ErrTooLarge], with the header, for a picture that a [Decoder] would refuse.
func ParseHeader(data []byte) (Header, error) {
	if len(data) < frameTagSize {
		return Header{}, fmt.Errorf("%w: %d bytes", ErrCorrupt, len(data))
	}
	h := Header{KeyFrame: data[0]&1 == 0, Shown: data[0]>>4&1 == 1}
	if !h.KeyFrame {
		return h, nil
	}
	if len(data) < keyFrameHeaderSize || data[3] != 0x9d || data[4] != 0x01 || data[5] != 0x2a {
		return Header{}, fmt.Errorf("%w: a key frame without its start code", ErrCorrupt)
	}
	// The upper two bits of each ask for scaling when shown, which nobody does.
	h.Width = int(binary.LittleEndian.Uint16(data[6:]) & 0x3fff)
	h.Height = int(binary.LittleEndian.Uint16(data[8:]) & 0x3fff)
	if h.Width == 0 || h.Height == 0 {
		return Header{}, fmt.Errorf("%w: a picture of %dx%d", ErrCorrupt, h.Width, h.Height)
	}
	if !fits(h.Width, h.Height) {
		return h, fmt.Errorf("%w: %dx%d", ErrTooLarge, h.Width, h.Height)
	}
	return h, nil
}

func fits(width, height int) bool {
	return width <= MaxSide && height <= MaxSide && width*height <= MaxPixels
}
