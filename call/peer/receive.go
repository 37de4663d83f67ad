package peer

import (
	"slices"
	"sync"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"
)

// RequestRepair asks the other side to send packets of the track again (NACK, RFC 4585 6.2.1). The sequence numbers are in order, and few
// enough for one packet: 4 bytes each at the worst. It does not block on the network, and does not keep the slice.
func (c *Conn) RequestRepair(track *webrtc.TrackRemote, sequences []uint16) {
	if l := c.linkOf(track); l != nil {
		_ = l.pc.WriteRTCP([]rtcp.Packet{&rtcp.TransportLayerNack{
			MediaSSRC: uint32(track.SSRC()), Nacks: rtcp.NackPairsFromSequenceNumbers(sequences),
		}})
	}
}

// Jammed says whether what comes by the track waits on its way for so long that whatever is asked for would only add to that, and come too late: the path has
// just become narrow. It is false for a peer who does not say when packets are sent, and for a Parley, who holds its pictures by itself then.
func (c *Conn) Jammed(track *webrtc.TrackRemote) bool {
	l := c.linkOf(track)
	return l != nil && l.transport.arrivals.jammed()
}

// RoundTripTime returns how long the path in use takes there and back, by the checks of ICE; 0 where that is not known.
func (c *Conn) RoundTripTime() time.Duration {
	l := c.inUse()
	if l == nil || !l.transport.isUp() {
		return 0
	}
	pair, ok := l.pair()
	if !ok {
		return 0
	}
	return time.Duration(pair.CurrentRoundTripTime * float64(time.Second))
}

// SenderReport returns what the other side said last about a track of theirs (RFC 3550 6.4.1): that at ntp, on their wall clock, the track's
// timestamp was rtp. It is false before the first report, and for a track that has ended.
func (c *Conn) SenderReport(track *webrtc.TrackRemote) (ntp time.Time, rtp uint32, ok bool) {
	l := c.linkOf(track)
	if l == nil {
		return time.Time{}, 0, false
	}
	return l.transport.told.get(uint32(track.SSRC()))
}

// pair returns the candidate pair in use, and false where there is none. Before ICE has begun pion must not be asked: it would read what
// it sets up then.
func (l *link) pair() (webrtc.ICECandidatePairStats, bool) {
	if l.pc.ICEConnectionState() == webrtc.ICEConnectionStateNew {
		return webrtc.ICECandidatePairStats{}, false
	}
	return l.pc.SCTP().Transport().ICETransport().GetSelectedCandidatePairStats()
}

// inUse returns the connection that is in use, nil where there is none.
func (c *Conn) inUse() *link {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.current
}

// mostTold bounds of how many streams the last sender report is kept. A peer has three at a time.
const mostTold = 16

// senderReports keeps the last sender report of each incoming stream.
type senderReports struct {
	mu   sync.Mutex
	last []senderReport
	next int // that gives way to another stream's, once there are as many as may be
}

type senderReport struct {
	ssrc uint32
	ntp  time.Time
	rtp  uint32
}

func (s *senderReports) get(ssrc uint32) (time.Time, uint32, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.last {
		if r.ssrc == ssrc {
			return r.ntp, r.rtp, true
		}
	}
	return time.Time{}, 0, false
}

func (s *senderReports) note(p *rtcp.SenderReport) {
	s.mu.Lock()
	defer s.mu.Unlock()
	told := senderReport{p.SSRC, fromNTP(p.NTPTime), p.RTPTime}
	at := slices.IndexFunc(s.last, func(r senderReport) bool { return r.ssrc == p.SSRC })
	switch {
	case at >= 0:
		s.last[at] = told
	case len(s.last) < mostTold:
		s.last = append(s.last, told)
	default:
		s.last[s.next] = told
		s.next = (s.next + 1) % mostTold
	}
}

// readReports reads what the other side says of a track, which lets the transport and pion's interceptors see it: from them the other side learns
// the round trip. It ends with the connection.
func readReports(receiver *webrtc.RTPReceiver) {
	readRTCP(receiver, func([]rtcp.Packet) {})
}

const ntpEpoch = 2208988800 // s from 1900 to 1970

// fromNTP turns an NTP timestamp, which counts 1/2^32 s since 1900, into a time.
func fromNTP(t uint64) time.Time {
	return time.Unix(int64(t>>32)-ntpEpoch, int64(t&0xffffffff*1e9>>32))
}
