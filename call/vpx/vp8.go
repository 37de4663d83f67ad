package vpx

import (
	"encoding/binary"
	"fmt"

	"parley/call/coded"
)

const (
	frameTagSize       = 3
	keyFrameHeaderSize = frameTagSize + 7
)

// parseVP8 reads the uncompressed first bytes of a VP8 frame. https://www.rfc-editor.org/rfc/rfc6386#section-9.1
func parseVP8(data []byte) (Header, error) {
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
	if !coded.Fits(h.Width, h.Height) {
		return h, fmt.Errorf("%w: %dx%d", ErrTooLarge, h.Width, h.Height)
	}
	return h, nil
}
