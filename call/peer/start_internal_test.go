package peer

import (
	"strings"
	"testing"

	"github.com/pion/webrtc/v4"
)

// twoSections is a description of which one section is sound. The VP9 has parameters, and one payload type is nothing that this side has.
const twoSections = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n" +
	"m=audio 9 UDP/TLS/RTP/SAVPF 96\r\na=rtpmap:96 opus/48000/2\r\na=fmtp:96 useinbandfec=1\r\n" +
	"m=video 9 UDP/TLS/RTP/SAVPF 97 98 99 100\r\na=rtpmap:97 VP8/90000\r\na=rtcp-fb:97 nack\r\na=rtpmap:98 rtx/90000\r\na=fmtp:98 apt=97\r\n" +
	"a=rtpmap:99 VP9/90000\r\na=fmtp:99 profile-id=0\r\na=rtpmap:100 AV1/90000\r\n"

func TestABrowserIsToldTheRateToStartAt(t *testing.T) {
	d := webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: twoSections}
	got := forBrowsers(d, 900_000, 2_000_000)
	if got.Type != d.Type {
		t.Errorf("the %v became a %v", d.Type, got.Type)
	}
	if n := strings.Count(got.SDP, startRate); n != 2 {
		t.Errorf("%d codecs have a rate, want VP8 and VP9 alone:\n%s", n, got.SDP)
	}
	for _, line := range []string{"a=fmtp:97 x-google-start-bitrate=900\r\n", "a=fmtp:99 profile-id=0;x-google-start-bitrate=900\r\n"} {
		if !strings.Contains(got.SDP, line) {
			t.Errorf("no %q in\n%s", line, got.SDP)
		}
	}
	if strings.Count(got.SDP, "b=TIAS:") != 1 || !strings.Contains(got.SDP, "m=video 9 UDP/TLS/RTP/SAVPF 97 98 99 100\r\nb=TIAS:2000000\r\n") {
		t.Errorf("the pictures have no bandwidth, or the sound has:\n%s", got.SDP)
	}
	if _, err := understand(got); err != nil {
		t.Errorf("this side would not understand it: %v", err)
	}
	if again := forBrowsers(got, 900_000, 2_000_000); again.SDP != got.SDP {
		t.Errorf("told twice:\n%s", again.SDP)
	}
}

func TestADescriptionThatCannotBeReadGoesOutAsItIs(t *testing.T) {
	d := webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: "nonsense"}
	if got := forBrowsers(d, 900_000, 2_000_000); got.SDP != d.SDP || got.Type != d.Type {
		t.Errorf("it became %+v", got)
	}
}
