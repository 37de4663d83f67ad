package peer

import (
	"sync"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"
)

// TransportStats tells of the path in use, under the names of https://www.w3.org/TR/webrtc-stats/#candidatepair-dict*. A name that is
// missing was not measured.
type TransportStats struct {
	State                  string  `json:"state"`                              // of the candidate pair
	CurrentRoundTripTime   float64 `json:"currentRoundTripTime,omitempty"`     // s
	AvailableOutgoing      float64 `json:"availableOutgoingBitrate,omitempty"` // bit/s
	BytesSent              uint64  `json:"bytesSent"`
	BytesReceived          uint64  `json:"bytesReceived"`
	LocalCandidateType     string  `json:"localCandidateType,omitempty"` // host, srflx, prflx or relay
	RemoteCandidateType    string  `json:"remoteCandidateType,omitempty"`
	LocalCandidateProtocol string  `json:"localCandidateProtocol,omitempty"` // udp or tcp; between the relay and the other side for relay
	RelayProtocol          string  `json:"relayProtocol,omitempty"`          // of the local candidate to its relay: udp, tcp, tls or dtls
	LocalCandidateAddress  string  `json:"localCandidateAddress,omitempty"`
	RemoteCandidateAddress string  `json:"remoteCandidateAddress,omitempty"`
	// SelectedCandidatePairChanges counts from the first path on, over all connections that were built to this person.
	SelectedCandidatePairChanges int `json:"selectedCandidatePairChanges"`
}

// RemoteInboundStats tells how this side's stream arrives, as the other side reports it (RTCP receiver reports, RFC 3550 6.4.2), under
// the names of https://www.w3.org/TR/webrtc-stats/#remoteinboundrtpstats-dict*.
type RemoteInboundStats struct {
	PacketsLost   int64   `json:"packetsLost"`
	FractionLost  float64 `json:"fractionLost"`            // 0 to 1, since the report before
	Jitter        float64 `json:"jitter"`                  // s
	RoundTripTime float64 `json:"roundTripTime,omitempty"` // s
}

// Transport returns the path in use, and false when there is none, or it is not known yet: which one it is may be told a moment after [Connected].
func (c *Conn) Transport() (TransportStats, bool) {
	c.mu.Lock()
	l := c.current
	c.mu.Unlock()
	if l == nil || !l.transport.isUp() {
		return TransportStats{}, false
	}
	pair, ok := l.pair()
	path := l.path.Load()
	if !ok || path == nil {
		return TransportStats{}, false
	}
	local, remote := path.Local, path.Remote
	t := TransportStats{
		State: string(pair.State), CurrentRoundTripTime: pair.CurrentRoundTripTime,
		BytesSent: pair.BytesSent, BytesReceived: pair.BytesReceived,
		LocalCandidateType: local.Typ.String(), LocalCandidateProtocol: local.Protocol.String(), LocalCandidateAddress: local.Address,
		RemoteCandidateType: remote.Typ.String(), RemoteCandidateAddress: remote.Address, RelayProtocol: relayProtocol(local),
		SelectedCandidatePairChanges: int(c.pairs.Load()),
	}
	if state := l.transport.control.State(time.Now()); state.Reported { // whatever the limit
		t.AvailableOutgoing = float64(state.Target)
	}
	return t, true
}

// relayProtocols are the ways to a relay, by the local preference (RFC 8445 5.1.2.1) of the address that it gives: pion's, which are libwebrtc's.
var relayProtocols = [...]string{"tls", "tcp", "dtls", "udp"}

// relayProtocol returns how a relay is reached that gave this side that address, and nothing for an address of another type. The priority alone tells it.
func relayProtocol(local *webrtc.ICECandidate) string {
	preference := int(local.Priority >> 8 & 0xffff)
	if local.Typ != webrtc.ICECandidateTypeRelay || preference >= len(relayProtocols) {
		return ""
	}
	return relayProtocols[preference]
}

// RemoteInbound returns the other side's last report on that track of this side's, and false when none came.
func (c *Conn) RemoteInbound(track webrtc.TrackLocal) (RemoteInboundStats, bool) {
	c.mu.Lock()
	l := c.current
	c.mu.Unlock()
	if l == nil {
		return RemoteInboundStats{}, false
	}
	return l.reports.get(track)
}

// reports keeps the last receiver report of each track.
type reports struct {
	mu   sync.Mutex
	last map[webrtc.TrackLocal]RemoteInboundStats
}

func (r *reports) get(track webrtc.TrackLocal) (RemoteInboundStats, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s, ok := r.last[track]
	return s, ok
}

// note takes the report on a track that goes out as the stream ssrc, whose clock runs at rate.
func (r *reports) note(track webrtc.TrackLocal, ssrc, rate uint32, blocks []rtcp.ReceptionReport, now time.Time) {
	for _, b := range blocks {
		if b.SSRC != ssrc || rate == 0 {
			continue
		}
		s := RemoteInboundStats{
			PacketsLost:  int64(int32(b.TotalLost<<8) >> 8), // 24 bits, signed
			FractionLost: float64(b.FractionLost) / 256,
			Jitter:       float64(b.Jitter) / float64(rate),
		}
		// RFC 3550 6.4.1: the middle 32 bits of NTP time, in 1/65536 s; a zero says that no sender report had arrived.
		if b.LastSenderReport != 0 {
			if trip := int32(middleNTP(now) - b.LastSenderReport - b.Delay); trip > 0 {
				s.RoundTripTime = float64(trip) / 65536
			}
		}
		r.mu.Lock()
		if r.last == nil {
			r.last = map[webrtc.TrackLocal]RemoteInboundStats{}
		}
		r.last[track] = s
		r.mu.Unlock()
	}
}

// middleNTP returns the middle 32 bits of t's NTP timestamp.
func middleNTP(t time.Time) uint32 {
	seconds := uint64(t.Unix()) + ntpEpoch
	fraction := uint64(t.Nanosecond()) << 32 / 1e9
	return uint32((seconds<<32 | fraction) >> 16)
}
