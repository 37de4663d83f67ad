//go:build h264

package codec

import (
	"parley/call/coded"
	"parley/call/openh264"
	"parley/call/payload"
)

func init() {
	table = append(table, Codec{
		Name: "H.264", Library: "OpenH264", MIMEType: "video/H264", PayloadType: 102, RTXPayloadType: 103,
		// Constrained baseline of level 3.1 (RFC 6184, section 8.1).
		Fmtp: "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
		Cost: 1, Format: payload.H264{},
		NewEncoder: func(s coded.Settings) (coded.Encoder, error) {
			e, err := openh264.NewEncoder(s)
			if err != nil {
				return nil, err // not a nil pointer in an interface
			}
			return e, nil
		},
		NewDecoder: func() (coded.Decoder, error) {
			d, err := openh264.NewDecoder()
			if err != nil {
				return nil, err
			}
			return d, nil
		},
		ParseHeader: openh264.ParseHeader,
	})
	counters = append(counters, openh264.Encoders)
}
