package audio_test

import (
	"errors"
	"testing"
	"time"

	"github.com/pion/webrtc/v4"

	"parley/call/audio"
	"parley/devices/tone"
)

// TestTwoPeerConnectionsHearEachOther is the only test here in real time and over real sockets.
func TestTwoPeerConnectionsHearEachOther(t *testing.T) {
	var rooms [2]room
	var engines [2]*audio.Engine
	var peers [2]*webrtc.PeerConnection
	var receivers [2]chan *audio.Receiver
	for i := range peers {
		engines[i] = rooms[i].listener(t)
		pc := newPeerConnection(t)
		feed := engines[i].NewFeed()
		if _, err := pc.AddTrack(feed); err != nil {
			t.Fatal(err)
		}
		for range 5 {
			feed.SetLoss(0.1) // so that copies go along, if that is agreed on
		}
		receivers[i] = make(chan *audio.Receiver, 1)
		pc.OnTrack(func(track *webrtc.TrackRemote, receiver *webrtc.RTPReceiver) {
			receivers[i] <- engines[i].Receive(track, levelOf(t, receiver))
		})
		peers[i] = pc
	}
	connect(t, peers[0], peers[1])
	for i, voice := range []string{"1", "2"} {
		if err := engines[i].SetMicrophone(voice); err != nil {
			t.Fatal(err)
		}
	}
	for i, voice := range []int{2, 1} {
		receiver := <-receivers[i]
		var heard []int16
		for tone.InOrder(tone.Detect(heard), voice) < tone.Tones {
			time.Sleep(500 * time.Millisecond)
			heard = append(heard, rooms[i].heard()...)
			if len(heard) > 60*audio.SampleRate {
				t.Fatalf("side %d does not hear the other: %+v", i, receiver.Stats())
			}
		}
		if stats := receiver.Stats(); stats.FECPacketsReceived < stats.PacketsReceived {
			t.Errorf("side %d got %d copies in %d packets, want two in nearly each", i, stats.FECPacketsReceived, stats.PacketsReceived)
		}
		receiver.Close()
		<-receiver.Done()
	}
}

// levelOf returns the number of the header extension that says how loud a packet is.
func levelOf(t *testing.T, receiver *webrtc.RTPReceiver) uint8 {
	for _, h := range receiver.GetParameters().HeaderExtensions {
		if h.URI == audio.LevelURI {
			return uint8(h.ID)
		}
	}
	t.Error("no header extension for the level was agreed on")
	return 0
}

func newPeerConnection(t *testing.T) *webrtc.PeerConnection {
	t.Helper()
	var settings webrtc.SettingEngine
	settings.SetIncludeLoopbackCandidate(true)
	settings.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	settings.SetInterfaceFilter(func(name string) bool { return name == "lo" || name == "lo0" })
	var media webrtc.MediaEngine
	level := webrtc.RTPHeaderExtensionCapability{URI: audio.LevelURI}
	if err := errors.Join(
		media.RegisterDefaultCodecs(),
		media.RegisterCodec(redCodec, webrtc.RTPCodecTypeAudio),
		media.RegisterHeaderExtension(level, webrtc.RTPCodecTypeAudio),
	); err != nil {
		t.Fatal(err)
	}
	pc, err := webrtc.NewAPI(webrtc.WithSettingEngine(settings), webrtc.WithMediaEngine(&media)).NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := pc.GracefulClose(); err != nil {
			t.Error(err)
		}
	})
	return pc
}

func connect(t *testing.T, a, b *webrtc.PeerConnection) {
	t.Helper()
	describe := func(from, to *webrtc.PeerConnection, make func() (webrtc.SessionDescription, error)) {
		description, err := make()
		if err != nil {
			t.Fatal(err)
		}
		gathered := webrtc.GatheringCompletePromise(from)
		if err := from.SetLocalDescription(description); err != nil {
			t.Fatal(err)
		}
		<-gathered
		if err := to.SetRemoteDescription(*from.LocalDescription()); err != nil {
			t.Fatal(err)
		}
	}
	describe(a, b, func() (webrtc.SessionDescription, error) { return a.CreateOffer(nil) })
	describe(b, a, func() (webrtc.SessionDescription, error) { return b.CreateAnswer(nil) })
}
