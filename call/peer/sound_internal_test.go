package peer

import (
	"slices"
	"strings"
	"testing"

	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"
)

// answerTo returns the section of sound of this side's answer to a program that offers these formats of sound.
func answerTo(t *testing.T, offered ...webrtc.RTPCodecParameters) *sdp.MediaDescription {
	t.Helper()
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	media := &webrtc.MediaEngine{}
	for _, c := range offered {
		check(media.RegisterCodec(c, webrtc.RTPCodecTypeAudio))
	}
	other, err := webrtc.NewAPI(webrtc.WithMediaEngine(media)).NewPeerConnection(webrtc.Configuration{})
	check(err)
	defer other.Close()
	_, err = other.AddTransceiverFromKind(webrtc.RTPCodecTypeAudio)
	check(err)
	offer, err := other.CreateOffer(nil)
	check(err)
	api, err := NewAPI(nil)
	check(err)
	pc, transport, err := api.connect(webrtc.Configuration{}, false, newGuard())
	check(err)
	defer transport.Close()
	defer pc.Close()
	_, err = pc.AddTransceiverFromKind(webrtc.RTPCodecTypeAudio)
	check(err)
	check(pc.SetRemoteDescription(offer))
	check(preferRED(pc))
	answer, err := pc.CreateAnswer(nil)
	check(err)
	var parsed sdp.SessionDescription
	check(parsed.UnmarshalString(answer.SDP))
	return parsed.MediaDescriptions[0]
}

func soundCodec(payloadType uint8, mimeType, fmtp string) webrtc.RTPCodecParameters {
	return webrtc.RTPCodecParameters{PayloadType: webrtc.PayloadType(payloadType), RTPCodecCapability: webrtc.RTPCodecCapability{
		MimeType: mimeType, ClockRate: 48000, Channels: 2, SDPFmtpLine: fmtp,
	}}
}

func TestAnAnswerPrefersRedundantSoundWhateverTheOfferDoes(t *testing.T) {
	opus := soundCodec(109, webrtc.MimeTypeOpus, "minptime=10;useinbandfec=1")
	red := soundCodec(121, mimeTypeRED, "109/109")
	for name, c := range map[string]struct {
		offered []webrtc.RTPCodecParameters
		want    []string
	}{
		"RED behind":  {[]webrtc.RTPCodecParameters{opus, red}, []string{"121", "109"}},
		"RED before":  {[]webrtc.RTPCodecParameters{red, opus}, []string{"121", "109"}},
		"without RED": {[]webrtc.RTPCodecParameters{opus}, []string{"109"}},
	} {
		t.Run(name, func(t *testing.T) {
			section := answerTo(t, c.offered...)
			if got := section.MediaName.Formats; !slices.Equal(got, c.want) {
				t.Errorf("the formats are %v, want %v", got, c.want)
			}
			fmtp := formats(section)["121"]
			if len(c.want) == 2 && !strings.HasPrefix(fmtp, "109/109") {
				t.Errorf("RED is said to hold %q, want 109", fmtp)
			}
		})
	}
}
