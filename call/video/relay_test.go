package video_test

import (
	"testing"
	"time"

	"github.com/pion/webrtc/v4"

	"parley/call/impair"
	"parley/call/peer"
	signals "parley/call/signal/wire"
	"parley/call/video"
)

// end is one end of a real connection: a camera's sender, and a viewer of the other's picture once it comes.
type end struct {
	conn    *peer.Conn
	sender  *video.Sender
	out     chan signals.Signal
	viewers chan *viewer
}

func newEnd(t *testing.T, relay *impair.Relay, polite bool) *end {
	t.Helper()
	api, err := peer.NewAPI(nil)
	must(t, err)
	sound, err := webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus}, "sound", "camera")
	must(t, err)
	e := &end{sender: video.NewSender(video.SenderConfig{}), out: make(chan signals.Signal, 256), viewers: make(chan *viewer, 1)}
	e.conn = peer.New(peer.Config{
		API: api, Polite: polite, Tracks: []webrtc.TrackLocal{sound, e.sender.NewOutlet()}, RelayOnly: true,
		ICE:               []webrtc.ICEServer{{URLs: []string{relay.URL()}, Username: relay.Username(), Credential: relay.Password()}},
		Send:              func(s signals.Signal) error { e.out <- s; return nil },
		Reachable:         func() bool { return true },
		OnState:           func(peer.State, error) {},
		OnKeyFrameRequest: func(webrtc.TrackLocal) { e.sender.RequestKeyFrame() },
		OnBye:             func() {},
		OnTrack: func(_ peer.Section, track *webrtc.TrackRemote) {
			e.viewers <- watchWith(video.ReceiverConfig{
				Track: track, RequestKeyFrame: func() { e.conn.RequestKeyFrame(track) },
				RequestRepair: func(missing []uint16) { e.conn.RequestRepair(track, missing) },
				RoundTripTime: e.conn.RoundTripTime,
			})
		},
	})
	return e
}

// await waits for what must happen; a minute ends a test that hangs, and judges nothing.
func await(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !is(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it did not come to pass that " + what)
		}
	}
}

func TestALossyRelayIsRepairedThroughRealConnections(t *testing.T) {
	relay, err := impair.Listen(impair.Config{Seed: 1})
	must(t, err)
	defer relay.Close()
	near, far := newEnd(t, relay, true), newEnd(t, relay, false)
	for from, to := range map[*end]*end{near: far, far: near} {
		go func() {
			for s := range from.out {
				_ = to.conn.Handle(s)
			}
		}()
		defer close(from.out)
	}
	near.conn.Offer()
	near.sender.SetSource(newCamera(320, 180))
	viewer := <-far.viewers
	await(t, "a picture comes", func() bool { return len(viewer.pictures(t)) > 0 })
	before := viewer.Stats()
	relay.Set(impair.Conditions{Delay: 30 * time.Millisecond, Loss: 0.1})
	await(t, "200 packets come", func() bool { return viewer.Stats().PacketsReceived >= before.PacketsReceived+200 })
	relay.Set(impair.Conditions{})
	decoded := viewer.Stats().FramesDecoded
	await(t, "60 pictures more are decoded", func() bool { return viewer.Stats().FramesDecoded >= decoded+60 })
	in := viewer.Stats()
	t.Logf("%+v", in)
	if in.NACKCount == 0 || in.RetransmittedPacketsReceived < 8 {
		t.Errorf("%d packets came again after %d requests; some 20 were lost", in.RetransmittedPacketsReceived, in.NACKCount)
	}
	if in.RetransmittedPacketsReceived > 60 || in.PacketsLost > 20 {
		t.Errorf("%d packets came again, %d never", in.RetransmittedPacketsReceived, in.PacketsLost)
	}
	viewer.pictures(t)
	must(t, near.conn.Close())
	must(t, far.conn.Close())
	must(t, near.sender.Close())
	must(t, far.sender.Close())
	<-viewer.done
}
