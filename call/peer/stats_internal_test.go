package peer

import (
	"math"
	"testing"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"
)

func TestWhatTheOtherSideReportsIsReadAsTheRFCHasIt(t *testing.T) {
	track, err := webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8}, "a", "b")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Unix(1_800_000_000, 750_000_000)
	for name, c := range map[string]struct {
		block rtcp.ReceptionReport
		want  RemoteInboundStats
	}{
		"a loss of an eighth, and a jitter of 10 ms": {
			rtcp.ReceptionReport{SSRC: 7, FractionLost: 32, TotalLost: 1000, Jitter: 900}, RemoteInboundStats{PacketsLost: 1000, FractionLost: 0.125, Jitter: 0.01},
		},
		"more came than was sent": {rtcp.ReceptionReport{SSRC: 7, TotalLost: 1<<24 - 5}, RemoteInboundStats{PacketsLost: -5}},
		"a sender report of 0.3 s ago, kept for 0.2": {
			rtcp.ReceptionReport{SSRC: 7, LastSenderReport: middleNTP(now.Add(-300 * time.Millisecond)), Delay: 65536 / 5}, RemoteInboundStats{RoundTripTime: 0.1},
		},
		"one that was kept for longer than it is old": {
			rtcp.ReceptionReport{SSRC: 7, LastSenderReport: middleNTP(now.Add(-100 * time.Millisecond)), Delay: 65536}, RemoteInboundStats{},
		},
	} {
		var all reports
		all.note(track, 7, 90_000, []rtcp.ReceptionReport{{SSRC: 8, TotalLost: 9}, c.block}, now)
		got, ok := all.get(track)
		trip := got.RoundTripTime - c.want.RoundTripTime
		got.RoundTripTime = c.want.RoundTripTime
		if !ok || got != c.want || math.Abs(trip) > 0.001 {
			t.Errorf("%s: %+v, %v s off, want %+v", name, got, trip, c.want)
		}
	}
	var all reports
	all.note(track, 7, 90_000, []rtcp.ReceptionReport{{SSRC: 8, TotalLost: 9}}, now)
	if got, ok := all.get(track); ok {
		t.Errorf("a report on another stream is taken for one: %+v", got)
	}
}

func TestEachStreamHasItsOwnSenderReportToTheFractionOfASecond(t *testing.T) {
	var all senderReports
	for ssrc := range uint32(3) {
		at := time.Unix(int64(1_800_000_000+ssrc), 250_000_000)
		all.note(&rtcp.SenderReport{SSRC: ssrc, NTPTime: uint64(at.Unix()+ntpEpoch)<<32 | 1<<30, RTPTime: 100 * ssrc})
	}
	for ssrc := range uint32(3) {
		at, stamp, ok := all.get(ssrc)
		if want := time.Unix(int64(1_800_000_000+ssrc), 250_000_000); !ok || !at.Equal(want) || stamp != 100*ssrc {
			t.Errorf("stream %d was at %d at %v, want %d at %v", ssrc, stamp, at, 100*ssrc, want)
		}
	}
}

func TestHowARelayIsReachedIsToldByThePriorityOfItsAddress(t *testing.T) {
	for _, protocol := range []string{"udp", "tcp", "tls", "dtls"} {
		relayed, err := ice.NewCandidateRelay(&ice.CandidateRelayConfig{
			Network: "udp", Address: "192.0.2.1", Port: 4000, Component: ice.ComponentRTP, RelayProtocol: protocol,
		})
		if err != nil {
			t.Fatal(err)
		}
		local := &webrtc.ICECandidate{Typ: webrtc.ICECandidateTypeRelay, Priority: relayed.Priority()}
		if got := relayProtocol(local); got != protocol {
			t.Errorf("a relay that is reached by %s is said to be by %q", protocol, got)
		}
		local.Typ = webrtc.ICECandidateTypeHost
		if got := relayProtocol(local); got != "" {
			t.Errorf("this side's own address is said to be of a relay by %s", got)
		}
	}
}
