package video_test

import (
	"sync"
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"

	"parley/call/video"
	"parley/devices/frame"
	"parley/devices/pattern"
)

// liveCamera draws the machine's clock, so that the age of a picture can be read from it.
type liveCamera struct{ *camera }

func newLiveCamera(width, height int) liveCamera {
	c := newCamera(width, height)
	c.base = time.Now().Add(-pattern.Now())
	return liveCamera{c}
}

// connect makes two peer connections talk to each other, without a server.
func connect(t *testing.T, from, to *webrtc.PeerConnection) {
	t.Helper()
	offer, err := from.CreateOffer(nil)
	must(t, err)
	gathered := webrtc.GatheringCompletePromise(from)
	must(t, from.SetLocalDescription(offer))
	<-gathered
	must(t, to.SetRemoteDescription(*from.LocalDescription()))
	answer, err := to.CreateAnswer(nil)
	must(t, err)
	gathered = webrtc.GatheringCompletePromise(to)
	must(t, to.SetLocalDescription(answer))
	<-gathered
	must(t, from.SetRemoteDescription(*to.LocalDescription()))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestTwoPeersOverTheLoopbackSeeEachOthersPattern(t *testing.T) {
	var settings webrtc.SettingEngine
	settings.SetIncludeLoopbackCandidate(true)
	media := &webrtc.MediaEngine{}
	must(t, media.RegisterDefaultCodecs())
	api := webrtc.NewAPI(webrtc.WithSettingEngine(settings), webrtc.WithMediaEngine(media))
	newPeer := func() *webrtc.PeerConnection {
		pc, err := api.NewPeerConnection(webrtc.Configuration{})
		must(t, err)
		return pc
	}
	near, far := newPeer(), newPeer()

	var running sync.WaitGroup
	var slots [2]frame.Slot
	first := make(chan int, 2)
	receivers := make(chan *video.Receiver, 2)
	receive := func(i int, pc *webrtc.PeerConnection) {
		pc.OnTrack(func(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
			r := video.NewReceiver(video.ReceiverConfig{
				Track: track, Out: &slots[i], Measure: true,
				RequestKeyFrame: func() {
					_ = pc.WriteRTCP([]rtcp.Packet{&rtcp.PictureLossIndication{MediaSSRC: uint32(track.SSRC())}})
				},
				OnFirstFrame: func() { first <- i },
			})
			receivers <- r
			running.Go(func() {
				if err := r.Run(); err != nil {
					t.Errorf("receiver %d: %v", i, err)
				}
			})
		})
	}
	senders := []*video.Sender{video.NewSender(video.SenderConfig{}), video.NewSender(video.SenderConfig{})}
	for i, pc := range []*webrtc.PeerConnection{near, far} {
		receive(i, pc)
		rtpSender, err := pc.AddTrack(senders[i].NewOutlet())
		must(t, err)
		senders[i].SetSource(newLiveCamera(320, 180))
		running.Go(func() { forwardRequests(rtpSender, senders[i]) })
	}
	connect(t, near, far)

	seen := map[int]bool{<-first: true, <-first: true}
	if !seen[0] || !seen[1] {
		t.Errorf("first pictures were shown at %v", seen)
	}
	for i := range slots {
		last := uint64(0)
		for range 20 {
			f, err := slots[i].Next(t.Context())
			must(t, err)
			reading, ok := pattern.Read(f.YCbCr)
			if !ok || reading.Counter <= last {
				t.Fatalf("peer %d sees %d after %d, %v", i, reading.Counter, last, ok)
			}
			if age := time.Since(f.Captured); age <= 0 || (age-reading.Age()).Abs() > 100*time.Millisecond {
				t.Errorf("a picture of %v ago says that it was captured %v ago", reading.Age(), age)
			}
			last = reading.Counter
			f.Release()
		}
	}
	for range 2 {
		if s := (<-receivers).Stats(); s.DecodedAge <= 0 || s.FramesDecoded < 20 || s.PacketsReceived == 0 {
			t.Errorf("%+v", s)
		}
	}
	must(t, near.Close())
	must(t, far.Close())
	for _, s := range senders {
		must(t, s.Close())
	}
	running.Wait()
}

// forwardRequests reads what the other side asks for until the connection is closed.
func forwardRequests(from *webrtc.RTPSender, to *video.Sender) {
	for {
		packets, _, err := from.ReadRTCP()
		if err != nil {
			return
		}
		for _, p := range packets {
			if _, ok := p.(*rtcp.PictureLossIndication); ok {
				to.RequestKeyFrame()
			}
		}
	}
}
