package peer

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/logging"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/transport/v5/vnet"
	"github.com/pion/webrtc/v4"
)

// atOnce is told, by pion's log, when a connection has its keys, and takes a while to write that down: meanwhile something comes in.
type atOnce struct {
	slog.Handler
	do func()
}

func (a atOnce) Enabled(context.Context, slog.Level) bool { return true }
func (a atOnce) WithAttrs([]slog.Attr) slog.Handler       { return a }

func (a atOnce) Handle(_ context.Context, r slog.Record) error {
	if strings.HasSuffix(r.Message, "peer connection state changed: connected") {
		a.do()
		time.Sleep(20 * time.Millisecond)
	}
	return nil
}

// Where closing waits for ever, so does this test: it holds a lock, for which the clock of the test stands still.
func TestALinkCanBeClosedAtTheMomentThatItIsConnected(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		router, err := vnet.NewRouter(&vnet.RouterConfig{CIDR: "10.0.0.0/24", MinDelay: 5 * time.Millisecond, LoggerFactory: logging.NewDefaultLoggerFactory()})
		if err != nil {
			t.Fatal(err)
		}
		router.AddChunkFilter(func(c vnet.Chunk) bool { return len(c.UserData()) == 0 || c.UserData()[0] != 21 }) // nobody is told that the other closed
		var links [2]*link
		closed := make(chan struct{})
		var tracks [2]*webrtc.TrackLocalStaticRTP
		for i, address := range []string{"10.0.0.1", "10.0.0.2"} {
			card, err := vnet.NewNet(&vnet.NetConfig{StaticIPs: []string{address}})
			if err != nil {
				t.Fatal(err)
			}
			if err := router.AddNet(card); err != nil {
				t.Fatal(err)
			}
			log := slog.DiscardHandler
			if i == 1 {
				log = atOnce{log, func() {
					go func() {
						time.Sleep(10 * time.Millisecond)
						links[1].close()
						close(closed)
					}()
				}}
			}
			api, err := NewAPI(slog.New(log), func(s *webrtc.SettingEngine) {
				s.SetNet(card)
				s.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
				s.SetIncludeLoopbackCandidate(false)
			})
			if err != nil {
				t.Fatal(err)
			}
			l := &link{guard: newGuard(), endListening: func() {}}
			if l.pc, l.transport, err = api.connect(webrtc.Configuration{}, false, l.guard); err != nil {
				t.Fatal(err)
			}
			if tracks[i], err = webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus}, "sound", "me"); err != nil {
				t.Fatal(err)
			}
			sender, err := l.pc.AddTrack(tracks[i])
			if err != nil {
				t.Fatal(err)
			}
			l.readers.Go(func() { readRTCP(sender, func([]rtcp.Packet) {}) }) // it has pion begin with the keys
			links[i] = l
		}
		if err := router.Start(); err != nil {
			t.Fatal(err)
		}
		defer router.Stop()
		links[0].pc.OnConnectionStateChange(func(s webrtc.PeerConnectionState) {
			if s == webrtc.PeerConnectionStateConnected {
				links[0].transport.setUp()
			}
		})
		agree(t, links[0].pc, links[1].pc)
		for n, done := uint16(0), false; !done; n++ {
			_ = tracks[0].WriteRTP(&rtp.Packet{Header: rtp.Header{Version: 2, SequenceNumber: n}, Payload: []byte{1}})
			select {
			case <-closed:
				done = true
			case <-time.After(time.Millisecond):
			}
		}
		links[0].close()
	})
}

// agree has one connection offer and another answer.
func agree(t *testing.T, offers, answers *webrtc.PeerConnection) {
	t.Helper()
	for _, step := range []struct {
		from, to *webrtc.PeerConnection
		make     func() (webrtc.SessionDescription, error)
	}{
		{offers, answers, func() (webrtc.SessionDescription, error) { return offers.CreateOffer(nil) }},
		{answers, offers, func() (webrtc.SessionDescription, error) { return answers.CreateAnswer(nil) }},
	} {
		d, err := step.make()
		if err != nil {
			t.Fatal(err)
		}
		gathered := webrtc.GatheringCompletePromise(step.from)
		if err := step.from.SetLocalDescription(d); err != nil {
			t.Fatal(err)
		}
		<-gathered
		if err := step.to.SetRemoteDescription(*step.from.LocalDescription()); err != nil {
			t.Fatal(err)
		}
	}
}
