package peer

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"

	"parley/call/codec"
)

// Section is what a media section of a description carries: it is told by its kind, and by its place among those of its kind.
type Section int

// The sections of a connection, in the order of [Config.Tracks]. All are there from the start, so that nothing is negotiated when a screen is
// shared. Some programs have no section for the screen.
const (
	Sound Section = iota
	Camera
	Screen
	Unknown // nothing that Parley has a use for
)

// room says how many tracks of each kind the other side takes.
type room map[webrtc.RTPCodecType]int

// allRoom is for an offer: the answer tells.
var allRoom = room{webrtc.RTPCodecTypeAudio: 1, webrtc.RTPCodecTypeVideo: 2}

// fill returns the tracks that there is room for.
func (r room) fill(tracks []webrtc.TrackLocal) []webrtc.TrackLocal {
	left := maps.Clone(r)
	var fit []webrtc.TrackLocal
	for _, t := range tracks {
		if left[t.Kind()]--; left[t.Kind()] >= 0 {
			fit = append(fit, t)
		}
	}
	return fit
}

// understand looks through a description for what this side can do something with. It refuses what no honest program sends, before
// more than its text has been looked at, and returns ErrNoSharedCodec when neither sound nor pictures could go between the two.
func understand(d webrtc.SessionDescription) (room, error) {
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
	if n := candidates(&parsed); n > maxCandidates {
		return nil, fmt.Errorf("%w: %d candidates", ErrBadDescription, n)
	}
	takes := room{}
	for _, section := range parsed.MediaDescriptions {
		if _, bundled := section.Attribute("bundle-only"); section.MediaName.Port.Value == 0 && !bundled {
			continue // refused: RFC 3264 6
		}
		if kind, ok := sharedKind(section); ok {
			takes[kind]++
		}
	}
	if len(takes) == 0 {
		return nil, ErrNoSharedCodec
	}
	return takes, nil
}

// candidates counts the addresses that a description names, beside those that are told one by one.
func candidates(d *sdp.SessionDescription) (n int) {
	count := func(all []sdp.Attribute) {
		for _, a := range all {
			if a.IsICECandidate() {
				n++
			}
		}
	}
	count(d.Attributes)
	for _, section := range d.MediaDescriptions {
		count(section.Attributes)
	}
	return n
}

// sharedKind returns the kind of a section in which one of this side's codecs is named, in a form that both can send and receive.
func sharedKind(section *sdp.MediaDescription) (webrtc.RTPCodecType, bool) {
	kind, fmtp := webrtc.NewRTPCodecType(section.MediaName.Media), formats(section)
	for _, a := range section.Attributes {
		payloadType, encoding, _ := strings.Cut(a.Value, " ") // RFC 8866 6.6
		switch {
		case a.Key != "rtpmap":
		case kind == webrtc.RTPCodecTypeAudio && strings.EqualFold(encoding, "opus/48000/2"):
			return kind, true
		case kind == webrtc.RTPCodecTypeVideo && isOurs(encoding, fmtp[payloadType]):
			return kind, true
		}
	}
	return 0, false
}

// formats returns the parameters of each payload type of a section.
func formats(section *sdp.MediaDescription) map[string]string {
	all := map[string]string{}
	for _, a := range section.Attributes {
		if payloadType, parameters, _ := strings.Cut(a.Value, " "); a.Key == "fmtp" {
			all[payloadType] = parameters
		}
	}
	return all
}

// isOurs says whether this side has that codec of pictures.
func isOurs(encoding, fmtp string) bool {
	name, rate, _ := strings.Cut(encoding, "/")
	offered := codec.Offered{MIMEType: "video/" + name, Fmtp: fmtp}
	return rate == strconv.Itoa(codec.ClockRate) && slices.ContainsFunc(codec.Available(), func(c codec.Codec) bool { return c.Matches(offered) })
}

// narrow takes off a connection, which was offered with all of this side's tracks, those that the other side has no room for: pion
// refuses an answer that refuses one of its tracks.
func (l *link) narrow(takes room) error {
	left := maps.Clone(takes)
	for _, sender := range l.sent {
		track := sender.Track()
		if track == nil {
			continue
		}
		if left[track.Kind()]--; left[track.Kind()] >= 0 {
			continue
		}
		if err := l.pc.RemoveTrack(sender); err != nil {
			return fmt.Errorf("taking back the %s track: %w", track.Kind(), err)
		}
	}
	return nil
}

// section says what comes in by a receiver, from the place of its section (mid, RFC 8843 9) in the other side's description.
func (l *link) section(receiver *webrtc.RTPReceiver) Section {
	at := slices.IndexFunc(l.pc.GetTransceivers(), func(t *webrtc.RTPTransceiver) bool { return t.Receiver() == receiver })
	remote := l.pc.RemoteDescription()
	if at < 0 || remote == nil {
		return Unknown
	}
	var parsed sdp.SessionDescription
	if parsed.UnmarshalString(remote.SDP) != nil {
		return Unknown
	}
	mid, before := l.pc.GetTransceivers()[at].Mid(), room{}
	for _, section := range parsed.MediaDescriptions {
		kind := webrtc.NewRTPCodecType(section.MediaName.Media)
		if is, _ := section.Attribute("mid"); is == mid {
			return place(kind, before[kind])
		}
		before[kind]++
	}
	return Unknown
}

// place returns what the nth section of a kind carries, from 0 on.
func place(kind webrtc.RTPCodecType, n int) Section {
	switch {
	case kind == webrtc.RTPCodecTypeAudio && n == 0:
		return Sound
	case kind == webrtc.RTPCodecTypeVideo && n == 0:
		return Camera
	case kind == webrtc.RTPCodecTypeVideo && n == 1:
		return Screen
	}
	return Unknown
}
