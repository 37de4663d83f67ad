package audio

import (
	"math"
	"strconv"
	"strings"

	"github.com/pion/webrtc/v4"
)

// mimeTypeRED is missing among pion's.
const mimeTypeRED = "audio/red"

// format is what the packets of a payload type are.
type format struct {
	known       bool
	payloadType uint8
	red         bool
	opus        uint8 // the payload type of the frames in RED
}

// follow finds out what packets of a payload type are, if that is not the one of before.
func (f *format) follow(track Track, payloadType uint8) {
	if f.known && f.payloadType == payloadType {
		return
	}
	*f = format{known: true, payloadType: payloadType}
	t, ok := track.(interface {
		Codec() webrtc.RTPCodecParameters
	})
	if !ok {
		return
	}
	if codec := t.Codec(); strings.EqualFold(codec.MimeType, mimeTypeRED) {
		f.red, f.opus = true, redFrames(codec)
	}
}

// redFrames returns the payload type of the frames in RED, from its parameters: "111/111" is that of the frame, and of its copies.
func redFrames(red webrtc.RTPCodecParameters) uint8 {
	first, _, _ := strings.Cut(red.SDPFmtpLine, "/")
	opus, err := strconv.ParseUint(strings.TrimSpace(first), 10, 7)
	if err != nil {
		return math.MaxUint8 // which none is
	}
	return uint8(opus)
}

// copies leaves out what comes before a block that is not Opus: the order of the blocks tells their sequence numbers.
func (f *format) copies(blocks []redBlock) []redBlock {
	for i := len(blocks) - 1; i >= 0; i-- {
		if blocks[i].payloadType != f.opus {
			return blocks[i+1:]
		}
	}
	return blocks
}
