package peer

import (
	"fmt"
	"strings"

	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"
)

// startRate is the parameter of a codec by which Chromium is told at what bit rate to start, in kbit/s. By itself it starts at 300, and where much is
// lost it never comes up from there, since it takes loss for a reason for less: the picture becomes one of 320x180. Others know no such parameter, and leave it aside.
const startRate = "x-google-start-bitrate"

// forBrowsers returns a description that tells a browser to start as a Parley does, and what bandwidth is asked for, in bit/s. What cannot
// be read is returned as it is.
func forBrowsers(d webrtc.SessionDescription, bitRate, bandwidth int) webrtc.SessionDescription {
	var parsed sdp.SessionDescription
	if parsed.UnmarshalString(d.SDP) != nil {
		return d
	}
	for _, section := range parsed.MediaDescriptions {
		if webrtc.NewRTPCodecType(section.MediaName.Media) == webrtc.RTPCodecTypeVideo {
			section.Attributes = startAt(section.Attributes, fmt.Sprintf("%s=%d", startRate, bitRate/1000), formats(section))
		}
	}
	withBandwidth(parsed.MediaDescriptions, bandwidth)
	text, err := parsed.Marshal()
	if err != nil {
		return d
	}
	d.SDP = string(text)
	return d
}

// startAt adds a parameter to each of this side's codecs in a section, whose parameters of each payload type are given.
func startAt(all []sdp.Attribute, parameter string, fmtp map[string]string) (with []sdp.Attribute) {
	ours := map[string]bool{}
	for _, a := range all {
		if payloadType, encoding, _ := strings.Cut(a.Value, " "); a.Key == "rtpmap" && isOurs(encoding, fmtp[payloadType]) {
			ours[payloadType] = !strings.Contains(fmtp[payloadType], startRate)
		}
	}
	for _, a := range all {
		payloadType, _, _ := strings.Cut(a.Value, " ")
		_, has := fmtp[payloadType]
		if a.Key == "fmtp" && ours[payloadType] {
			a.Value += ";" + parameter
		}
		with = append(with, a)
		if a.Key == "rtpmap" && ours[payloadType] && !has {
			with = append(with, sdp.NewAttribute("fmtp", payloadType+" "+parameter))
		}
	}
	return with
}
