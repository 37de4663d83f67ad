package peer_test

import (
	"strings"
	"testing"

	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"
	"go.uber.org/goleak"

	"parley/call/peer"
	"parley/call/signal/wire"
)

// browser is a program that sends sound and a picture, and knows nothing of Parley's, but what browsers know too.
func browser(t *testing.T) (*webrtc.PeerConnection, *side) {
	t.Helper()
	media := &webrtc.MediaEngine{}
	if err := media.RegisterDefaultCodecs(); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []webrtc.RTPCodecType{webrtc.RTPCodecTypeAudio, webrtc.RTPCodecTypeVideo} {
		media.RegisterFeedback(webrtc.RTCPFeedback{Type: webrtc.TypeRTCPFBTransportCC}, kind)
		if err := media.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{URI: sdp.TransportCCURI}, kind); err != nil {
			t.Fatal(err)
		}
	}
	api := webrtc.NewAPI(webrtc.WithMediaEngine(media), webrtc.WithInterceptorRegistry(&interceptor.Registry{}))
	pc, err := api.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	return pc, sendingBoth(t, pc)
}

// asks says whether the last description that a program got asks for that bandwidth.
func asks(pc *webrtc.PeerConnection, bandwidth string) bool {
	d := pc.CurrentRemoteDescription()
	return d != nil && strings.Contains(d.SDP, "b=TIAS:"+bandwidth+"\r\n")
}

func TestABrowserLearnsOfTheUsersLimitByAnOfferOfTheSameConnection(t *testing.T) {
	defer goleak.VerifyNone(t)
	for name, theyOffer := range map[string]bool{"they offered": true, "they answered": false} {
		t.Run(name, func(t *testing.T) {
			s := newSide(t, true)
			pc, theirs := browser(t)
			converse(t, s, pc, theyOffer)
			t.Cleanup(theirs.play())
			s.await(t, peer.Connected)
			s.hears(t, peer.Sound, peer.Camera)
			if !asks(pc, "1700000") {
				t.Error("it is told no bandwidth at first")
			}
			links, session := s.conn.Links()
			s.conn.SetView(wire.View{BitRate: 300_000})
			eventually(t, "the browser is told of the limit", func() bool { return asks(pc, "236000") })
			before := s.came[peer.Camera].count()
			eventually(t, "pictures go on", func() bool { return s.came[peer.Camera].count() > before+20 })
			if n, is := s.conn.Links(); n != links || is != session {
				t.Errorf("%d connections, the one in use %q, of %d, %q before", n, is, links, session)
			}
			s.conn.SetView(wire.View{Camera: &wire.Size{Width: 1280, Height: 720}})
			eventually(t, "a large picture is worth more", func() bool { return asks(pc, "2500000") })
			s.conn.SetView(wire.View{})
			eventually(t, "the limit is taken back", func() bool { return asks(pc, "1700000") })
			restarts := int32(1) // with the path,
			if theyOffer {
				restarts++ // and with the first offer of this side
			}
			if n := s.restarts.Load(); n != restarts {
				t.Errorf("pictures began anew %d times, want %d", n, restarts)
			}
		})
	}
}

// A program that leaves such an offer unanswered must be able to make one of its own, also to the side that does not give way.
func TestAnOfferThatIsNotAnsweredIsTakenBack(t *testing.T) {
	defer goleak.VerifyNone(t)
	t.Run("call", func(t *testing.T) {
		s := newSide(t, false)
		pc, theirs := browser(t)
		ignored := make(chan string, 8)
		converseBut(t, s, pc, false, func(m wire.Signal) bool {
			again := m.Description != nil && m.Description.Type == "offer" && pc.CurrentRemoteDescription() != nil
			if again {
				ignored <- m.Session
			}
			return again
		})
		t.Cleanup(theirs.play())
		s.await(t, peer.Connected)
		s.conn.SetView(wire.View{BitRate: 300_000})
		session := <-ignored
		offer := complete(t, pc, pc.CreateOffer)
		eventually(t, "its own offer is answered", func() bool {
			s.tell(t, session, offer)
			return pc.SignalingState() == webrtc.SignalingStateStable
		})
		if !asks(pc, "236000") {
			t.Error("the answer does not tell of the limit")
		}
	})
}

// besideBrowser returns a side and a browser that called it, once both send pictures.
func besideBrowser(t *testing.T) (*side, *webrtc.PeerConnection) {
	t.Helper()
	s := newSide(t, true)
	pc, theirs := browser(t)
	converse(t, s, pc, true)
	t.Cleanup(theirs.play())
	t.Cleanup(s.play())
	s.await(t, peer.Connected)
	s.hears(t, peer.Camera)
	return s, pc
}

// A browser names the stream of the packet that came last, which may be one of repairs.
func TestReportsInTheNameOfAStreamOfRepairsAreHeard(t *testing.T) {
	defer goleak.VerifyNone(t)
	t.Run("call", func(t *testing.T) {
		s, pc := besideBrowser(t)
		repairs := pc.GetReceivers()[1].Track().RtxSSRC()
		if repairs == 0 {
			t.Fatal("this side offers no repairs")
		}
		if known := s.path(t); known.AvailableOutgoing != 0 {
			t.Fatalf("before anything was reported %+v is known of the path", known)
		}
		report := &rtcp.TransportLayerCC{
			Header:    rtcp.Header{Padding: true, Count: rtcp.FormatTCC, Type: rtcp.TypeTransportSpecificFeedback, Length: 5},
			MediaSSRC: uint32(repairs), PacketStatusCount: 1,
			PacketChunks: []rtcp.PacketStatusChunk{&rtcp.RunLengthChunk{
				Type: rtcp.TypeTCCRunLengthChunk, PacketStatusSymbol: rtcp.TypeTCCPacketReceivedSmallDelta, RunLength: 1,
			}},
			RecvDeltas: []*rtcp.RecvDelta{{Type: rtcp.TypeTCCPacketReceivedSmallDelta, Delta: 250}},
		}
		eventually(t, "the report is heard", func() bool {
			if err := pc.WriteRTCP([]rtcp.Packet{report}); err != nil {
				t.Fatal(err)
			}
			known, _ := s.conn.Transport()
			return known.AvailableOutgoing > 0
		})
	})
}
