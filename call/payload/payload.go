// Package payload cuts coded video frames into the payloads of RTP packets and joins them again: VP8 by RFC 7741, VP9 by RFC 9628, H.264
// by RFC 6184. It knows bytes only, no codec's library and no network.
//
// A sender keeps a [Splitter] for each stream: [Splitter.Start] for each frame, then [Splitter.Next] into the packet until it says
// that it was the last. The RTP header is the caller's; its marker bit belongs on that last packet.
//
// A receiver calls [Format.Parse] for each packet when it comes, in whatever order, and learns whether a frame, or a key frame, begins
// with it. When all packets of a frame are there, by their sequence numbers and the marker, a [Joiner] puts them together for the decoder.
// What comes from the network is not trusted: nothing is read that is not there, and nothing is kept that grows.
//
// Pion has these formats too (github.com/pion/rtp/codecs). They are not used for packets here, because they allocate by the packet, and trust:
// its VP9Packet collects references from packet to packet until it refuses all, its H264Packet collects fragments without
// bound and without looking whether they belong together. Its reader of VP9's frame header is used, for what our own encoder wrote.
//
// AV1 would be a file av1.go here with a type that fulfils [Format], and a line in formats.
package payload

import (
	"errors"
	"strings"
)

var (
	// ErrPayload: what came in an RTP packet is not of the format, or its parts do not fit together.
	ErrPayload = errors.New("malformed RTP payload")
	// ErrLayers: the stream has several spatial layers, which are not received: each of its pictures is in several sizes.
	ErrLayers = errors.New("several spatial layers in one stream")
	// ErrFrame: what was to be sent is not a frame of that codec.
	ErrFrame = errors.New("not a frame that can be sent")
	// ErrTooLong: the parts of a frame amount to more than [MaxFrame].
	ErrTooLong = errors.New("video frame too long")
)

const (
	// MinSize is the least room for a payload that [Splitter.Next] takes, in bytes.
	MinSize = 64
	// MaxFrame is the largest frame that is joined, in bytes: twenty times a key frame at 1080p.
	MaxFrame = 4 << 20
)

// Format is how a codec's frames travel in RTP packets. Any goroutine may use it.
type Format interface {
	// MIMEType is the name of the codec in SDP, as in "video/VP8".
	MIMEType() string
	// Parse takes the payload of one RTP packet apart. It returns [ErrPayload] where that is malformed, and [ErrLayers]. It does not
	// allocate.
	Parse(payload []byte) (Part, error)
	// NewSplitter returns a splitter whose first frame gets that picture ID, of which the lower 15 bits count. RFCs 7741 and 9628 want it
	// to be random.
	NewSplitter(pictureID uint16) Splitter
}

// Part is what one RTP packet carries of a frame.
type Part struct {
	// Start: a frame begins with this packet. H.264 does not say so; there it means that a frame may begin here, and another one begins only
	// where the RTP timestamp changes.
	Start bool
	// End: the frame ends with this packet. Only VP9 says so; RTP's marker does for all.
	End bool
	// KeyFrame: a key frame begins with this packet. With H.264 it is the packet with the settings (SPS) that precede one.
	KeyFrame bool
	// PictureID counts frames modulo 2 to the power of PictureBits. That is 7 or 15, or 0 where the sender does not count.
	PictureID   uint16
	PictureBits uint8
	// Data is a part of the frame, within the bytes that were parsed.
	Data []byte

	form form
	unit byte // formFirst: the header of the NAL unit
}

// form is what a part's data are.
type form uint8

const (
	formBytes    form = iota // a stretch of the frame
	formUnit                 // H.264: a NAL unit
	formUnits                // H.264: several, each after its size in two bytes
	formFragment             // H.264: a stretch of a NAL unit
	formFirst                // H.264: the first such
	formLast                 // H.264: the last such
)

// Splitter cuts frames into payloads. It belongs to one goroutine.
type Splitter interface {
	// Start begins with a frame, whose data must stay as they are until the last payload was written. It returns [ErrFrame].
	Start(frame []byte, keyFrame bool) error
	// Next writes the next payload into buf, which must have at least [MinSize] bytes and is filled as far as the format allows. It
	// returns the payload's size and whether it is the frame's last. After the last it returns 0 and true.
	Next(buf []byte) (n int, last bool)
}

// formats are those that this program speaks.
var formats = [...]Format{VP8{}, VP9{}, H264{}}

// For returns the format of a codec by its MIME type, in capital letters or small ones.
func For(mimeType string) (Format, bool) {
	for _, f := range formats {
		if strings.EqualFold(f.MIMEType(), mimeType) {
			return f, true
		}
	}
	return nil, false
}
