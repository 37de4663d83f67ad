package peer

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"

	"parley/call/codec"
)

// payloadFEC is that of repair packets, beside those of package codec.
const payloadFEC = 118

// registerPictures offers all codecs of this program, in its order, each with its retransmissions (RFC 4588). What both sides have may be
// sent at any time: a sender goes from one to another without negotiating.
func registerPictures(media *webrtc.MediaEngine) error {
	feedback := []webrtc.RTCPFeedback{{Type: "ccm", Parameter: "fir"}, {Type: "nack"}, {Type: "nack", Parameter: "pli"}}
	var all []webrtc.RTPCodecParameters
	add := func(payloadType uint8, mimeType, fmtp string, feedback []webrtc.RTCPFeedback) {
		all = append(all, webrtc.RTPCodecParameters{PayloadType: webrtc.PayloadType(payloadType), RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: mimeType, ClockRate: codec.ClockRate, SDPFmtpLine: fmtp, RTCPFeedback: feedback,
		}})
	}
	for _, c := range codec.Available() {
		add(c.PayloadType, c.MIMEType, c.Fmtp, feedback)
		add(c.RTXPayloadType, webrtc.MimeTypeRTX, fmt.Sprintf("apt=%d", c.PayloadType), nil)
	}
	add(payloadFEC, webrtc.MimeTypeFlexFEC03, "repair-window=10000000", nil) // µs; see call/flexfec
	for _, c := range all {
		if err := media.RegisterCodec(c, webrtc.RTPCodecTypeVideo); err != nil {
			return fmt.Errorf("offering %s: %w", c.MimeType, err)
		}
	}
	return nil
}

// Codecs returns what the packets of a track may carry: what both sides have, each in the payload type that they agreed on. It is nil for a track
// that has ended.
func (c *Conn) Codecs(track *webrtc.TrackRemote) []webrtc.RTPCodecParameters {
	l := c.linkOf(track)
	if l == nil {
		return nil
	}
	for _, r := range l.pc.GetReceivers() {
		if r.Track() == track {
			return r.GetParameters().Codecs
		}
	}
	return nil
}

// repairTypes says in which payload type the packets of another one are sent again; 0 is unknown.
type repairTypes [128]uint8

// readRepairTypes finds them in a description (RFC 4588 8.6). All sections mean the same by a payload type, since they are bundled.
func readRepairTypes(d webrtc.SessionDescription) (types repairTypes) {
	var parsed sdp.SessionDescription
	if parsed.UnmarshalString(d.SDP) != nil {
		return types
	}
	for _, section := range parsed.MediaDescriptions {
		for _, a := range section.Attributes {
			repair, parameters, _ := strings.Cut(a.Value, " ")
			of, isRepair := strings.CutPrefix(parameters, "apt=")
			if a.Key != "fmtp" || !isRepair {
				continue
			}
			of, _, _ = strings.Cut(of, ";")
			r, repairErr := strconv.ParseUint(repair, 10, 7)
			o, ofErr := strconv.ParseUint(of, 10, 7)
			if repairErr == nil && ofErr == nil {
				types[o] = uint8(r)
			}
		}
	}
	return types
}

// repairBy makes the payload types of repairs known.
func (t *transport) repairBy(types repairTypes) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.repairs = types
}

// repairType returns the payload type of a packet that is sent again. It is called with mu held.
func (t *transport) repairType(s *outgoing, p *stored) uint8 {
	if known := t.repairs[p.payloadType&0x7f]; known != 0 {
		return known
	}
	return s.rtxType
}
