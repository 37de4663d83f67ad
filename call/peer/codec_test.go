package peer_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/pion/webrtc/v4"
	"go.uber.org/goleak"

	"parley/call/peer"
	"parley/call/signal/wire"
)

// stranger is a WebRTC program of another make, with the codecs given and nothing else, in a call with one side.
func stranger(t *testing.T, s *side, offers bool, codecs ...webrtc.RTPCodecCapability) {
	t.Helper()
	media := &webrtc.MediaEngine{}
	for n, c := range codecs {
		parameters := webrtc.RTPCodecParameters{RTPCodecCapability: c, PayloadType: webrtc.PayloadType(100 + n)}
		if err := media.RegisterCodec(parameters, kindOf(c)); err != nil {
			t.Fatal(err)
		}
	}
	pc, err := webrtc.NewAPI(webrtc.WithMediaEngine(media)).NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	receive := webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}
	for _, c := range codecs {
		if _, err := pc.AddTransceiverFromKind(kindOf(c), receive); err != nil {
			t.Fatal(err)
		}
	}
	converse(t, s, pc, offers)
}

// converse lets a program of another make talk with one side, until the test ends.
func converse(t *testing.T, s *side, pc *webrtc.PeerConnection, offers bool) {
	t.Helper()
	converseBut(t, s, pc, offers, func(wire.Signal) bool { return false })
}

// converseBut is like converse, for a program that leaves some messages aside.
func converseBut(t *testing.T, s *side, pc *webrtc.PeerConnection, offers bool, aside func(wire.Signal) bool) {
	t.Helper()
	if offers {
		s.tell(t, "strange", complete(t, pc, pc.CreateOffer))
	} else {
		s.conn.Offer()
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for m := range s.wire.queue {
			switch {
			case aside(m):
			case m.Description != nil && m.Description.Type == "offer":
				_ = pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: m.Description.SDP})
				s.tell(t, m.Session, complete(t, pc, pc.CreateAnswer))
			case m.Description != nil:
				_ = pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: m.Description.SDP})
			case m.Candidate != nil && pc.RemoteDescription() != nil:
				_ = pc.AddICECandidate(webrtc.ICECandidateInit{Candidate: m.Candidate.Candidate, SDPMid: m.Candidate.SDPMid})
			}
		}
	}()
	t.Cleanup(func() {
		_ = s.conn.Close()
		close(s.wire.queue)
		<-ended
		_ = pc.GracefulClose()
	})
}

// complete makes an offer or an answer, and returns it with every candidate. The connection may have been closed by the other side meanwhile.
func complete[O any](t *testing.T, pc *webrtc.PeerConnection, describe func(*O) (webrtc.SessionDescription, error)) webrtc.SessionDescription {
	t.Helper()
	d, err := describe(nil)
	gathered := webrtc.GatheringCompletePromise(pc)
	if err == nil {
		err = pc.SetLocalDescription(d)
	}
	if err != nil {
		if !errors.Is(err, webrtc.ErrConnectionClosed) {
			t.Error(err)
		}
		return d
	}
	<-gathered
	return *pc.LocalDescription()
}

// tell hands a description to a side, which may have been closed meanwhile: a test may end while something is still to be answered.
func (s *side) tell(t *testing.T, session string, d webrtc.SessionDescription) {
	t.Helper()
	err := s.conn.Handle(wire.Signal{Session: session, Description: &wire.Description{Type: d.Type.String(), SDP: d.SDP}})
	if err != nil && !errors.Is(err, peer.ErrClosed) {
		t.Error(err)
	}
}

func kindOf(c webrtc.RTPCodecCapability) webrtc.RTPCodecType {
	if c.ClockRate == 90000 {
		return webrtc.RTPCodecTypeVideo
	}
	return webrtc.RTPCodecTypeAudio
}

var (
	opus = webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2}
	g722 = webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeG722, ClockRate: 8000}
	vp8  = webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8, ClockRate: 90000}
	av1  = webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeAV1, ClockRate: 90000}
)

func TestWithoutAnySharedCodecTheConnectionFailsWithThatReason(t *testing.T) {
	defer goleak.VerifyNone(t)
	for name, theyOffer := range map[string]bool{"they offer": true, "they answer": false} {
		t.Run(name, func(t *testing.T) {
			s := newSide(t, true)
			stranger(t, s, theyOffer, g722, av1)
			s.await(t, peer.Failed)
			if err := <-s.why; !errors.Is(err, peer.ErrNoSharedCodec) {
				t.Errorf("failed with %v, want ErrNoSharedCodec", err)
			}
		})
	}
}

func TestWhereOnlySoundIsSharedSoundIsEnough(t *testing.T) {
	defer goleak.VerifyNone(t)
	for name, theyOffer := range map[string]bool{"they offer": true, "they answer": false} {
		t.Run(name, func(t *testing.T) {
			s := newSide(t, true)
			stranger(t, s, theyOffer, opus, av1)
			s.await(t, peer.Connected)
		})
	}
}

// older is a program that has one section for sound and one for a picture, and none for a screen, in a call with one side.
func older(t *testing.T, s *side, offers bool) (heard <-chan webrtc.RTPCodecType) {
	t.Helper()
	pc, err := webrtc.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	kinds := make(chan webrtc.RTPCodecType, 64)
	pc.OnTrack(func(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		kinds <- track.Kind()
		for {
			if _, _, err := track.ReadRTP(); err != nil {
				return
			}
		}
	})
	theirs := sendingBoth(t, pc)
	converse(t, s, pc, offers)
	t.Cleanup(theirs.play())
	t.Cleanup(s.play())
	return kinds
}

// sendingBoth lets a program send sound and a picture.
func sendingBoth(t *testing.T, pc *webrtc.PeerConnection) *side {
	t.Helper()
	theirs := &side{}
	for n, c := range []webrtc.RTPCodecCapability{opus, vp8} {
		track, err := webrtc.NewTrackLocalStaticRTP(c, fmt.Sprint(n), "they")
		if err == nil {
			_, err = pc.AddTrack(track)
		}
		if err != nil {
			t.Fatal(err)
		}
		theirs.tracks = append(theirs.tracks, track)
	}
	return theirs
}

func TestAProgramWithoutASectionForTheScreenIsSeenAndHeard(t *testing.T) {
	defer goleak.VerifyNone(t)
	for name, theyOffer := range map[string]bool{"they offer": true, "they answer": false} {
		t.Run(name, func(t *testing.T) {
			s := newSide(t, true)
			theirs := older(t, s, theyOffer)
			s.await(t, peer.Connected)
			s.hears(t, peer.Sound, peer.Camera)
			missing := map[webrtc.RTPCodecType]bool{webrtc.RTPCodecTypeAudio: true, webrtc.RTPCodecTypeVideo: true}
			for late := time.After(patience); len(missing) > 0; {
				select {
				case kind := <-theirs:
					delete(missing, kind)
				case <-late:
					t.Fatalf("they get no %v", missing)
				}
			}
		})
	}
}
