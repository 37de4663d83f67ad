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

// Transport returns the path in use, and false when there is none.
func (c *Conn) Transport() (TransportStats, bool) {
	c.mu.Lock()
	l := c.current
	c.mu.Unlock()
	if l == nil || !l.transport.isUp() {
		return TransportStats{}, false
	}
	pair, ok := l.pair()
	if !ok {
		return TransportStats{}, false
	}
	t := TransportStats{
		State: string(pair.State), CurrentRoundTripTime: pair.CurrentRoundTripTime,
		BytesSent: pair.BytesSent, BytesReceived: pair.BytesReceived,
		SelectedCandidatePairChanges: int(c.pairs.Load()),
	}
	if state := l.transport.state(); state.Reported {
		t.AvailableOutgoing = float64(state.Target)
	}
	ends := l.endsOf(pair)
	if local := ends.local; local.ID != "" {
		t.LocalCandidateType, t.LocalCandidateProtocol, t.LocalCandidateAddress = local.CandidateType.String(), local.Protocol, local.IP
		t.RelayProtocol = local.RelayProtocol
	}
	if remote := ends.remote; remote.ID != "" {
		t.RemoteCandidateType, t.RemoteCandidateAddress = remote.CandidateType.String(), remote.IP
	}
	return t, true
}

// pairEnds are the candidates of a pair, without an ID where they are not known.
type pairEnds struct{ local, remote webrtc.ICECandidateStats }

// endsOf returns the ends of a pair. They stay what they are, so pion is asked only where the pair is another: it reports on everything, and to ask
// once a second takes 2 % of what a call costs.
func (l *link) endsOf(pair webrtc.ICECandidatePairStats) pairEnds {
	l.asking.Lock()
	defer l.asking.Unlock()
	if l.ends.local.ID != pair.LocalCandidateID || l.ends.remote.ID != pair.RemoteCandidateID {
		report := l.report()
		l.ends.local, _ = report[pair.LocalCandidateID].(webrtc.ICECandidateStats)
		l.ends.remote, _ = report[pair.RemoteCandidateID].(webrtc.ICECandidateStats)
	}
	return l.ends
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
