package video

import (
	"fmt"
	"strings"

	"github.com/pion/webrtc/v4"

	"parley/call/codec"
)

// codecs are those of this program, in order of preference. Where a codec is a number, it is an index of it.
var codecs = codec.Available()

// codecOf returns the number of a codec that was negotiated.
func codecOf(negotiated webrtc.RTPCodecParameters) (int, bool) {
	for i := range codecs {
		if codecs[i].Matches(codec.Offered{MIMEType: negotiated.MimeType, Fmtp: negotiated.SDPFmtpLine}) {
			return i, true
		}
	}
	return 0, false
}

// payloadTypes says of which codec the packets of a payload type are, and those that are sent again in one (RFC 4588); nil is not known.
type payloadTypes [128]*codec.Codec

// usualTypes are those that this program offers.
var usualTypes = func() (types payloadTypes) {
	for i := range codecs {
		c := &codecs[i]
		types[c.PayloadType], types[c.RTXPayloadType] = c, c
	}
	return types
}()

// newPayloadTypes is for what was negotiated.
func newPayloadTypes(negotiated []webrtc.RTPCodecParameters) *payloadTypes {
	if negotiated == nil {
		return &usualTypes
	}
	types := new(payloadTypes)
	for _, n := range negotiated {
		if i, ok := codecOf(n); ok {
			types[n.PayloadType&0x7f] = &codecs[i]
		}
	}
	for _, n := range negotiated {
		var of uint8
		if !strings.EqualFold(n.MimeType, webrtc.MimeTypeRTX) {
			continue
		}
		if _, err := fmt.Sscanf(n.SDPFmtpLine, "apt=%d", &of); err == nil {
			types[n.PayloadType&0x7f] = types[of&0x7f]
		}
	}
	return types
}
