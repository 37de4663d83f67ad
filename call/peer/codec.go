package peer

import (
	"fmt"
	"strings"

	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"
)

// kinds says which kinds of track both sides can send.
type kinds map[webrtc.RTPCodecType]bool

var everyKind = kinds{webrtc.RTPCodecTypeAudio: true, webrtc.RTPCodecTypeVideo: true}

// encodings are the names of this side's codecs in an a=rtpmap line (RFC 8866 6.6), in lower case.
var encodings = map[string]webrtc.RTPCodecType{
	"opus/48000/2": webrtc.RTPCodecTypeAudio,
	"vp8/90000":    webrtc.RTPCodecTypeVideo,
}

// understand looks through a description for what this side can do something with. It refuses what no honest program sends, before
// more than its text has been looked at, and returns ErrNoSharedCodec when neither sound nor pictures could go between the two.
func understand(d webrtc.SessionDescription) (kinds, error) {
	if len(d.SDP) > maxDescription {
		return nil, fmt.Errorf("%w: %d bytes long", ErrBadDescription, len(d.SDP))
	}
	var parsed sdp.SessionDescription
	if err := parsed.UnmarshalString(d.SDP); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBadDescription, err)
	}
	if n := len(parsed.MediaDescriptions); n == 0 || n > maxSections {
		return nil, fmt.Errorf("%w: %d media sections", ErrBadDescription, n)
	}
	shared := kinds{}
	for _, section := range parsed.MediaDescriptions {
		if _, bundled := section.Attribute("bundle-only"); section.MediaName.Port.Value == 0 && !bundled {
			continue // refused: RFC 3264 6
		}
		for _, a := range section.Attributes {
			_, encoding, _ := strings.Cut(a.Value, " ")
			if kind, ok := encodings[strings.ToLower(encoding)]; ok && a.Key == "rtpmap" && section.MediaName.Media == kind.String() {
				shared[kind] = true
			}
		}
	}
	if len(shared) == 0 {
		return nil, ErrNoSharedCodec
	}
	return shared, nil
}

// narrow takes this side's tracks of other kinds off a connection that was offered with all of them: pion refuses an answer that
// refuses one of its tracks.
func (l *link) narrow(shared kinds) error {
	for _, t := range l.pc.GetTransceivers() {
		if sender := t.Sender(); sender != nil && sender.Track() != nil && !shared[t.Kind()] {
			if err := l.pc.RemoveTrack(sender); err != nil {
				return fmt.Errorf("taking back the %s track: %w", t.Kind(), err)
			}
		}
	}
	return nil
}
