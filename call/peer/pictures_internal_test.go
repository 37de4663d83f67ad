package peer

import (
	"testing"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"parley/call/codec"
)

func TestARepairGoesOutInTheTypeOfItsOwnCodec(t *testing.T) {
	api, err := NewAPI(nil)
	if err != nil {
		t.Fatal(err)
	}
	pc, transport, err := api.connect(webrtc.Configuration{}, false, newGuard())
	if err != nil {
		t.Fatal(err)
	}
	defer transport.Close()
	defer pc.GracefulClose()
	if _, err := pc.AddTransceiverFromKind(webrtc.RTPCodecTypeVideo); err != nil {
		t.Fatal(err)
	}
	offer, err := pc.CreateOffer(nil)
	if err != nil {
		t.Fatal(err)
	}
	transport.repairBy(readRepairTypes(offer))
	s, now := &outgoing{rtxType: 1}, transport.looked
	for i, c := range codec.Available() {
		p := s.store.put(&rtp.Header{SequenceNumber: uint16(i), PayloadType: c.PayloadType}, []byte{1}, now)
		if got := transport.repairType(s, p); got != c.RTXPayloadType {
			t.Errorf("%s is sent again in payload type %d, want %d", c.Name, got, c.RTXPayloadType)
		}
	}
	unknown := s.store.put(&rtp.Header{SequenceNumber: 9, PayloadType: 127}, []byte{1}, now)
	if got := transport.repairType(s, unknown); got != s.rtxType {
		t.Errorf("what the other side did not say is sent again in payload type %d", got)
	}
}

func TestRepairTypesOfAStrangeDescription(t *testing.T) {
	for _, sdp := range []string{
		"", "v=0", "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=fmtp:300 apt=96\r\na=fmtp:97 apt=300\r\na=fmtp:-1 apt=\r\na=fmtp\r\n",
	} {
		if got := readRepairTypes(webrtc.SessionDescription{SDP: sdp}); got != (repairTypes{}) {
			t.Errorf("%q: %v", sdp, got)
		}
	}
}
