// Package codec is the list of the video codecs that this program was built with, and the choice among them.
//
// How it plugs in, for one stream of pictures:
//
//	setting up   register MIMEType, Fmtp, PayloadType and RTXPayloadType of each of [Available] with the peer connection, in that order
//	sending      [Choose] by what all receivers have; NewEncoder; for each coded frame a Splitter of Format fills RTP packets
//	receiving    find the codec of a track with [ByMIMEType]; Format.Parse each packet, a payload.Joiner for each whole frame,
//	             ParseHeader for its size before it is decoded, Decode
//
// A codec is changed in a call without negotiating anew, since all that both sides have were negotiated at the start: the sender opens
// another encoder, whose first frame is a key frame, and puts the other payload type on its packets.
//
// VP8 is what everybody has and what costs least. VP9 takes up to twice the time of VP8, and a fifth less bit rate
// for a camera; for a screen it is far better. H.264 is there only with the build tag h264, for those who have nothing else.
//
// To add AV1: bind its library in a package of its own (see package parley/call/coded), give package parley/call/payload its format, and add
// a line to the table below. [Choose] takes it for narrow paths and screens by its Cost and Saves, as it does VP9.
package codec

import (
	"slices"
	"strings"

	"parley/call/coded"
	"parley/call/payload"
	"parley/call/vpx"
)

// ClockRate is that of RTP timestamps of video, in Hz.
const ClockRate = 90_000

// Codec is one video codec. It is not changed, and any goroutine may use it.
type Codec struct {
	Name     string // as people write it
	Library  string // that codes it
	MIMEType string // as in SDP
	Fmtp     string // its parameters in SDP, which both sides must agree on; see [Codec.Matches]
	// The RTP payload types that an offer proposes for it and for its retransmissions (RFC 4588): those of Chromium.
	PayloadType, RTXPayloadType uint8

	// Cost is the time that encoding takes, VP8's being 1. Measured with the test camera at 360p and 720p.
	Cost float64
	// Saves is the part of VP8's bit rate that it does without at the same quality. 0 and less: it is no reason to choose it.
	Saves float64

	Format      payload.Format
	NewEncoder  func(coded.Settings) (coded.Encoder, error)
	NewDecoder  func() (coded.Decoder, error)
	ParseHeader func(data []byte) (coded.Header, error)
}

// table has all codecs in order of preference. H.264 comes behind them when it was built in; see h264.go. AV1 would stand after VP9.
var table = []Codec{
	fromVPX(vpx.VP8, Codec{
		Name: "VP8", MIMEType: "video/VP8", PayloadType: 96, RTXPayloadType: 97,
		Cost: 1, Format: payload.VP8{},
	}),
	fromVPX(vpx.VP9, Codec{
		Name: "VP9", MIMEType: "video/VP9", Fmtp: "profile-id=0", PayloadType: 98, RTXPayloadType: 99,
		Cost: 2, Saves: 0.2, Format: payload.VP9{},
	}),
}

func fromVPX(c vpx.Codec, entry Codec) Codec {
	entry.Library = "libvpx"
	entry.NewEncoder = func(s coded.Settings) (coded.Encoder, error) {
		e, err := c.NewEncoder(s)
		if err != nil {
			return nil, err // not a nil pointer in an interface
		}
		return e, nil
	}
	entry.NewDecoder = func() (coded.Decoder, error) {
		d, err := c.NewDecoder()
		if err != nil {
			return nil, err
		}
		return d, nil
	}
	entry.ParseHeader = c.ParseHeader
	return entry
}

// counters say how many encoders are open, library by library.
var counters = []func() int{vpx.Encoders}

// Encoders returns how many encoders this process has open.
func Encoders() (n int) {
	for _, count := range counters {
		n += count()
	}
	return n
}

// Available returns the codecs of this program in the order in which an offer names them: what others send us first is the first that
// they have too.
func Available() []Codec { return slices.Clone(table) }

// ByMIMEType returns the codec of that name in SDP, in capital letters or small ones.
func ByMIMEType(mimeType string) (Codec, bool) {
	i := slices.IndexFunc(table, func(c Codec) bool { return strings.EqualFold(c.MIMEType, mimeType) })
	if i < 0 {
		return Codec{}, false
	}
	return table[i], true
}
