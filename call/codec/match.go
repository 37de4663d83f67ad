package codec

import "strings"

// Offered is a codec that somebody else has, as their SDP says it.
type Offered struct {
	MIMEType string
	Fmtp     string // "key=value" with semicolons between
}

// Matches says whether that is this codec, in a form that both sides can send and receive: of VP9 profile 0; of H.264 constrained baseline
// or baseline in packetization-mode 1, whatever the level.
func (c Codec) Matches(o Offered) bool {
	if !strings.EqualFold(c.MIMEType, o.MIMEType) {
		return false
	}
	switch strings.ToLower(c.MIMEType) {
	case "video/vp9":
		// https://www.rfc-editor.org/rfc/rfc9628#section-6
		profile := parameter(o.Fmtp, "profile-id")
		return profile == "" || profile == "0"
	case "video/h264":
		// https://www.rfc-editor.org/rfc/rfc6184#section-8.1
		profile := parameter(o.Fmtp, "profile-level-id")
		baseline := profile == "" || len(profile) == 6 && strings.HasPrefix(profile, "42")
		return baseline && parameter(o.Fmtp, "packetization-mode") == "1"
	}
	return true
}

// parameter finds one parameter of an fmtp line; empty where there is none.
func parameter(fmtp, name string) string {
	for part := range strings.SplitSeq(fmtp, ";") {
		if key, value, ok := strings.Cut(strings.TrimSpace(part), "="); ok && strings.EqualFold(key, name) {
			return value
		}
	}
	return ""
}
