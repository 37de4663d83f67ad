package peer_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/pion/webrtc/v4"
	"go.uber.org/goleak"

	"parley/call/codec"
	"parley/call/peer"
)

// clocked is a track that knows when what it sends was captured: far from when its packets are written.
type clocked struct{ *webrtc.TrackLocalStaticRTP }

var clockedSince = time.Now().Add(-5 * time.Hour)

func (clocked) Timestamp(at time.Time) uint32 {
	return uint32(at.Sub(clockedSince).Seconds() * codec.ClockRate)
}

func TestAReportSaysWhenWasCapturedWhatATrackSendsThatKnows(t *testing.T) {
	defer goleak.VerifyNone(t)
	t.Run("call", func(t *testing.T) {
		tracks, local := newTracks(t)
		local[peer.Camera] = clocked{tracks[peer.Camera]}
		from, to := newSideOf(t, peer.Config{API: NewAPI(t), Polite: true, Tracks: local}), newSide(t, false)
		from.tracks = tracks
		join(t, from, to, rand.New(rand.NewPCG(31, 31)), 0)
		t.Cleanup(from.play())
		t.Cleanup(func() { _, _ = from.conn.Close(), to.conn.Close() })
		from.conn.Offer()
		to.hears(t)
		off := func(section peer.Section) time.Duration {
			var ntp time.Time
			var rtp uint32
			eventually(t, "a report comes", func() (ok bool) {
				ntp, rtp, ok = to.conn.SenderReport(to.remote[section].Load())
				return ok
			})
			return (time.Duration(int32(rtp-clocked{}.Timestamp(ntp))) * time.Second / codec.ClockRate).Abs()
		}
		if off := off(peer.Camera); off > time.Second {
			t.Errorf("the camera's report is %v off its clock", off)
		}
		if off := off(peer.Screen); off < time.Second {
			t.Errorf("that of the screen, which has no clock, is %v off another one's", off)
		}
	})
}
