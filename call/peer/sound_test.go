package peer_test

import (
	"strings"
	"testing"

	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"

	"parley/call/peer"
)

func TestRedundantSoundIsOfferedBeforeOpusAndItsLevelWithIt(t *testing.T) {
	api, err := peer.NewAPI(nil)
	if err != nil {
		t.Fatal(err)
	}
	pc, err := api.NewPeerConnection()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pc.Close() })
	if _, err := pc.AddTransceiverFromKind(webrtc.RTPCodecTypeAudio); err != nil {
		t.Fatal(err)
	}
	offer, err := pc.CreateOffer(nil)
	if err != nil {
		t.Fatal(err)
	}
	var parsed sdp.SessionDescription
	if err := parsed.UnmarshalString(offer.SDP); err != nil {
		t.Fatal(err)
	}
	section := parsed.MediaDescriptions[0]
	if formats := section.MediaName.Formats; len(formats) != 2 || formats[0] != "63" || formats[1] != "111" {
		t.Errorf("the formats are %q, want RED and then Opus", formats)
	}
	for _, line := range []string{"a=rtpmap:63 red/48000/2", "a=fmtp:63 111/111", sdp.AudioLevelURI} {
		if !strings.Contains(offer.SDP, line) {
			t.Errorf("the offer has no %s", line)
		}
	}
}
