package peer

import (
	"fmt"

	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"
)

// payloadRED is that of Opus with copies of earlier frames, the same number as Chromium's.
const payloadRED = 63

// registerSound offers what goes with Opus. RED (RFC 2198) comes behind it: a program that would use the first of the two always, as Chromium
// does, then sends it never; what it receives is its own matter. The level of each packet (RFC 6464) goes both ways.
func registerSound(media *webrtc.MediaEngine) error {
	red := webrtc.RTPCodecParameters{PayloadType: payloadRED, RTPCodecCapability: webrtc.RTPCodecCapability{
		MimeType: "audio/red", ClockRate: 48000, Channels: 2, SDPFmtpLine: fmt.Sprintf("%d/%d", payloadOpus, payloadOpus),
	}}
	if err := media.RegisterCodec(red, webrtc.RTPCodecTypeAudio); err != nil {
		return fmt.Errorf("offering RED: %w", err)
	}
	level := webrtc.RTPHeaderExtensionCapability{URI: sdp.AudioLevelURI}
	if err := media.RegisterHeaderExtension(level, webrtc.RTPCodecTypeAudio); err != nil {
		return fmt.Errorf("offering audio levels: %w", err)
	}
	return nil
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
