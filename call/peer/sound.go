package peer

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"
)

// The payload types of sound as this side offers it, the same as Chromium's; an answerer takes the offerer's.
const (
	payloadOpus = 111
	payloadRED  = 63 // of Opus with copies of earlier frames
)

// mimeTypeRED is missing among pion's.
const mimeTypeRED = "audio/red"

// registerSound offers Opus, and what goes with it. RED (RFC 2198) comes before it: a browser sends in the first format of the other side's and in no
// other, as Chromium does, and what it sends is to outlive losses. What Parley itself sends goes by the losses. The level of each
// packet (RFC 6464) goes both ways.
func registerSound(media *webrtc.MediaEngine) error {
	for _, codec := range []webrtc.RTPCodecParameters{
		{PayloadType: payloadRED, RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: mimeTypeRED, ClockRate: 48000, Channels: 2, SDPFmtpLine: fmt.Sprintf("%d/%d", payloadOpus, payloadOpus),
		}},
		{PayloadType: payloadOpus, RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2,
			SDPFmtpLine: "minptime=10;useinbandfec=1;usedtx=1;stereo=1;sprop-stereo=1", // RFC 7587
		}},
	} {
		if err := media.RegisterCodec(codec, webrtc.RTPCodecTypeAudio); err != nil {
			return fmt.Errorf("offering %s: %w", codec.MimeType, err)
		}
	}
	level := webrtc.RTPHeaderExtensionCapability{URI: sdp.AudioLevelURI}
	if err := media.RegisterHeaderExtension(level, webrtc.RTPCodecTypeAudio); err != nil {
		return fmt.Errorf("offering audio levels: %w", err)
	}
	return nil
}

// preferRED puts RED first in an answer too, whose order is otherwise the offer's.
func preferRED(pc *webrtc.PeerConnection) error {
	for _, t := range pc.GetTransceivers() {
		if t.Kind() != webrtc.RTPCodecTypeAudio {
			continue
		}
		codecs := slices.Clone(t.Receiver().GetParameters().Codecs)
		slices.SortStableFunc(codecs, func(a, b webrtc.RTPCodecParameters) int {
			return cmp.Compare(rank(a), rank(b))
		})
		if err := t.SetCodecPreferences(codecs); err != nil {
			return fmt.Errorf("preferring RED: %w", err)
		}
	}
	return nil
}

func rank(c webrtc.RTPCodecParameters) int {
	if strings.EqualFold(c.MimeType, mimeTypeRED) {
		return 0
	}
	return 1
}

// HeaderExtension returns the number under which the packets of a track carry a header extension, and 0 if none was agreed on.
func (c *Conn) HeaderExtension(track *webrtc.TrackRemote, uri string) uint8 {
	l := c.linkOf(track)
	if l == nil {
		return 0
	}
	for _, r := range l.pc.GetReceivers() {
		if r.Track() != track {
			continue
		}
		for _, h := range r.GetParameters().HeaderExtensions {
			if h.URI == uri && 0 < h.ID && h.ID < 256 {
				return uint8(h.ID)
			}
		}
	}
	return 0
}
