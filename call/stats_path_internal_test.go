package call

import (
	"math"
	"testing"
	"time"

	"parley/call/impair"
	"parley/call/peer"
)

// What one side is told to have sent is what the other is told to have got, and neither takes one for the other: here one of them sends no picture.
func TestEachSideIsToldOfThePathAsItIs(t *testing.T) {
	overPaths(t, 1, impair.Conditions{Delay: 40 * time.Millisecond}, func(p *pathed) {
		time.Sleep(5 * time.Second)
		p.sides[1].ShowPicture("Ann", 0, 0)
		time.Sleep(2 * time.Second)
		paths := func() (ann, ben peer.TransportStats) { return *p.seen(0).Transport, *p.seen(1).Transport }
		annBefore, benBefore := paths()
		time.Sleep(5 * time.Second)
		ann, ben := paths()
		for name, way := range map[string]struct{ sent, received, least uint64 }{
			"Ann to Ben": {ann.BytesSent - annBefore.BytesSent, ben.BytesReceived - benBefore.BytesReceived, 20_000},
			"Ben to Ann": {ben.BytesSent - benBefore.BytesSent, ann.BytesReceived - annBefore.BytesReceived, 300_000},
		} {
			if share := float64(way.received) / float64(way.sent); math.Abs(share-1) > 0.05 || way.sent < way.least {
				t.Errorf("from %s, %d bytes are told as sent, and %d as received", name, way.sent, way.received)
			}
		}
		for _, path := range []*peer.TransportStats{&ann, &ben} {
			if math.Abs(path.CurrentRoundTripTime-0.08) > 0.01 || path.AvailableOutgoing < 100_000 {
				t.Errorf("it is told to take %v s, and to bear %.0f bit/s", path.CurrentRoundTripTime, path.AvailableOutgoing)
			}
			path.CurrentRoundTripTime, path.AvailableOutgoing, path.BytesSent, path.BytesReceived = 0, 0, 0, 0
		}
		want := peer.TransportStats{
			State: "succeeded", LocalCandidateType: "host", RemoteCandidateType: "host", LocalCandidateProtocol: "udp",
			LocalCandidateAddress: "10.0.0.1", RemoteCandidateAddress: "10.0.0.2", SelectedCandidatePairChanges: 1,
		}
		if ann != want {
			t.Errorf("Ann is told of %+v, want %+v", ann, want)
		}
		want.LocalCandidateAddress, want.RemoteCandidateAddress = want.RemoteCandidateAddress, want.LocalCandidateAddress
		if ben != want {
			t.Errorf("Ben is told of %+v, want %+v", ben, want)
		}
	})
}

// Where a round trip is too long for a repair to be in time, repair packets go out unasked as well.
func TestRepairsOfEachKindAreToldByBothSides(t *testing.T) {
	overPaths(t, 1, impair.Conditions{Delay: 150 * time.Millisecond, Loss: 0.05}, func(p *pathed) {
		time.Sleep(20 * time.Second)
		out, in, sound := p.seen(0).OutVideo, p.seen(1).InVideo, p.seen(0).OutAudio
		switch {
		case out.ProtectionStats == nil || in.Stats == nil || out.RemoteInbound == nil || sound.RemoteInbound == nil:
			t.Fatalf("something is not told: %+v, %+v, %+v", out, in, sound)
		case in.FECPacketsReceived == 0 || in.FECPacketsReceived > out.FECPacketsSent || in.FECBytesReceived > out.FECBytesSent:
			t.Errorf("%d bytes in %d repair packets are told as sent, %d in %d as received", out.FECBytesSent, out.FECPacketsSent, in.FECBytesReceived, in.FECPacketsReceived)
		case in.Recovered == 0 || in.Recovered+in.FECPacketsDiscarded > in.FECPacketsReceived:
			t.Errorf("of %d repair packets %d recovered something, and %d came for nothing", in.FECPacketsReceived, in.Recovered, in.FECPacketsDiscarded)
		case in.RetransmittedPacketsReceived == 0 || uint64(in.RetransmittedPacketsReceived) > out.RetransmittedPacketsSent || out.RetransmittedBytesSent < out.RetransmittedPacketsSent:
			t.Errorf("%d bytes in %d packets are told as sent again, %d in %d as received", out.RetransmittedBytesSent, out.RetransmittedPacketsSent, in.RetransmittedBytesReceived, in.RetransmittedPacketsReceived)
		}
		if sound.Redundancy == 0 || sound.TargetBitrate < 6000 {
			t.Errorf("sound goes at %d bit/s with %d earlier frames", sound.TargetBitrate, sound.Redundancy)
		}
		for name, r := range map[string]peer.RemoteInboundStats{"pictures": *out.RemoteInbound, "sound": *sound.RemoteInbound} {
			if r.PacketsLost == 0 || r.FractionLost > 0.3 || math.Abs(r.RoundTripTime-0.3) > 0.02 {
				t.Errorf("of %s is reported %+v", name, r)
			}
		}
	})
}
