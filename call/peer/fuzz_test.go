package peer_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/pion/webrtc/v4"

	"parley/call/peer"
	"parley/call/signal/wire"
)

// FuzzDescription sends descriptions of any shape to a connection, as an offer and as an answer to its own. Whatever they are, the
// connection still closes, and the program goes on.
func FuzzDescription(f *testing.F) {
	for _, offer := range []string{honestOffer(f), "", "v=0\r\n"} {
		f.Add(offer)
		f.Add(strings.ReplaceAll(offer, "VP8", "XX9"))
		f.Add(strings.ReplaceAll(offer, "a=mid:", "a=dim:"))
		f.Add(strings.ReplaceAll(offer, "UDP/TLS/RTP/SAVPF", "RTP/AVP"))
		f.Add(strings.ReplaceAll(offer, "sendrecv", "inactive"))
		f.Add(strings.ReplaceAll(offer, "a=setup:actpass", "a=setup:holdconn"))
		f.Add(strings.ReplaceAll(offer, "sha-256", "md5"))
	}
	f.Fuzz(func(t *testing.T, sdp string) {
		polite, impolite := pair(t, rand.New(rand.NewPCG(0, 0)), 0)
		_ = polite.conn.Handle(wire.Signal{Session: "fuzz", Description: &wire.Description{Type: "offer", SDP: sdp}})
		impolite.conn.Offer()
		_ = impolite.conn.Handle(wire.Signal{Session: "fuzz", Description: &wire.Description{Type: "answer", SDP: sdp}})
		_ = polite.conn.Close()
		_ = impolite.conn.Close()
	})
}

// honestOffer is what this program itself sends.
func honestOffer(f *testing.F) string {
	f.Helper()
	api, err := peer.NewAPI(nil)
	if err != nil {
		f.Fatal(err)
	}
	pc, err := api.NewPeerConnection()
	if err != nil {
		f.Fatal(err)
	}
	defer pc.Close()
	for _, kind := range []webrtc.RTPCodecType{webrtc.RTPCodecTypeAudio, webrtc.RTPCodecTypeVideo} {
		if _, err := pc.AddTransceiverFromKind(kind); err != nil {
			f.Fatal(err)
		}
	}
	offer, err := pc.CreateOffer(nil)
	if err != nil {
		f.Fatal(err)
	}
	if err := pc.SetLocalDescription(offer); err != nil {
		f.Fatal(err)
	}
	return pc.LocalDescription().SDP
}
