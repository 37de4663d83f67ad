package vpx

import "parley/call/coded"

// What all codecs share, under the names that it has had here.
type (
	Frame  = coded.Frame
	Header = coded.Header
)

// The largest picture; see [coded.Fits].
const (
	MaxSide   = coded.MaxSide
	MaxPixels = coded.MaxPixels
)

// The errors of all codecs.
var (
	ErrClosed   = coded.ErrClosed
	ErrPicture  = coded.ErrPicture
	ErrCorrupt  = coded.ErrCorrupt
	ErrTooLarge = coded.ErrTooLarge
)

// Codec is one of libvpx's codecs.
type Codec int

const (
	VP8 Codec = iota
	VP9
)

func (c Codec) String() string {
	if c == VP9 {
		return "VP9"
	}
	return "VP8"
}

// ParseHeader reads the header of the frame that data begins with. It returns [ErrCorrupt] where there is none, and
// [ErrTooLarge], with the header, for a picture that a [Decoder] would refuse. It reads a few bytes and does not allocate.
func (c Codec) ParseHeader(data []byte) (Header, error) {
	if c == VP9 {
		return parseSuperframe(data)
	}
	return parseVP8(data)
}

// parseFrame reads the header of one frame.
func (c Codec) parseFrame(data []byte) (Header, error) {
	if c == VP9 {
		return parseVP9(data)
	}
	return parseVP8(data)
}

var (
	_ coded.Encoder = (*Encoder)(nil)
	_ coded.Decoder = (*Decoder)(nil)
)
