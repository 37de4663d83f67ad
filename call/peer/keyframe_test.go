package peer_test

import (
	"testing"

	"github.com/pion/rtcp"
	"go.uber.org/goleak"

	"parley/call/peer"
)

// There are two ways to ask for a key frame: PLI (RFC 4585 6.3.1) and FIR (RFC 5104 4.3.1).
func TestAKeyFrameIsAskedForByEitherKindOfRequest(t *testing.T) {
	defer goleak.VerifyNone(t)
	for name, request := range map[string]func(ssrc uint32) rtcp.Packet{
		"PLI": func(ssrc uint32) rtcp.Packet { return &rtcp.PictureLossIndication{MediaSSRC: ssrc} },
		"FIR": func(ssrc uint32) rtcp.Packet {
			return &rtcp.FullIntraRequest{FIR: []rtcp.FIREntry{{SSRC: ssrc, SequenceNumber: 1}}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, pc := besideBrowser(t)
			camera := pc.GetReceivers()[1].Track()
			eventually(t, "a key frame is asked for", func() bool {
				if err := pc.WriteRTCP([]rtcp.Packet{request(uint32(camera.SSRC()))}); err != nil {
					t.Fatal(err)
				}
				return len(s.asked) > 0
			})
			if asked := <-s.asked; asked != s.tracks[peer.Camera] {
				t.Errorf("a key frame is asked of track %s, want that of the camera", asked.ID())
			}
		})
	}
}
