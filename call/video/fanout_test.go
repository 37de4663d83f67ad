package video_test

import (
	"sync"
	"testing"

	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"
	"go.uber.org/goleak"

	"parley/call/video"
	"parley/devices/frame"
	"parley/devices/pattern"
)

func TestSeveralConnectionsGetOnePictureInTheirOwnSizes(t *testing.T) {
	defer goleak.VerifyNone(t)
	var settings webrtc.SettingEngine
	settings.SetIncludeLoopbackCandidate(true)
	media := &webrtc.MediaEngine{}
	must(t, media.RegisterDefaultCodecs())
	api := webrtc.NewAPI(webrtc.WithSettingEngine(settings), webrtc.WithMediaEngine(media))
	sender := video.NewSender(video.SenderConfig{})
	var running sync.WaitGroup
	var connections []*webrtc.PeerConnection
	want := []int{640, 640, 320}
	slots := make([]frame.Slot, len(want))
	for i := range want {
		near, err := api.NewPeerConnection(webrtc.Configuration{})
		must(t, err)
		far, err := api.NewPeerConnection(webrtc.Configuration{})
		must(t, err)
		connections = append(connections, near, far)
		outlet := sender.NewOutlet()
		outlet.SetView(want[i], want[i]*9/16)
		rtpSender, err := near.AddTrack(outlet)
		must(t, err)
		running.Go(func() { forwardRequests(rtpSender, sender) })
		far.OnTrack(func(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
			r := video.NewReceiver(video.ReceiverConfig{Track: track, Out: &slots[i], RequestKeyFrame: func() {
				_ = far.WriteRTCP([]rtcp.Packet{&rtcp.PictureLossIndication{MediaSSRC: uint32(track.SSRC())}})
			}})
			running.Go(func() { _ = r.Run() })
		})
		connect(t, near, far)
	}
	sender.SetSource(newLiveCamera(640, 360))
	for i := range slots {
		last := uint64(0)
		for range 20 {
			f, err := slots[i].Next(t.Context())
			must(t, err)
			reading, ok := pattern.Read(f.YCbCr)
			if width, _ := f.Size(); !ok || reading.Counter <= last || width != want[i] {
				t.Errorf("peer %d sees %d after %d, %v, %d columns wide", i, reading.Counter, last, ok, width)
			}
			last = reading.Counter
			f.Release()
		}
	}
	if n := sender.Stats().Encoders; n != 2 {
		t.Errorf("%d encoders for two sizes", n)
	}
	for _, pc := range connections {
		must(t, pc.GracefulClose())
	}
	must(t, sender.Close())
	running.Wait()
}
