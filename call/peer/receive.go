package peer

import (
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
	return l.told.get(track)
}

// pair returns the candidate pair in use, and false where there is none. Before ICE has begun pion must not be asked: it would read what
// it sets up then.
func (l *link) pair() (webrtc.ICECandidatePairStats, bool) {
	if l.pc.ICEConnectionState() == webrtc.ICEConnectionStateNew {
		return webrtc.ICECandidatePairStats{}, false
	}
	return l.pc.SCTP().Transport().ICETransport().GetSelectedCandidatePairStats()
}

// report returns pion's statistics, none of a connection that ends.
func (l *link) report() webrtc.StatsReport {
	l.reading.RLock()
	defer l.reading.RUnlock()
	if l.closed {
		return nil
	}
	return l.pc.GetStats()
}

// inUse returns the connection that is in use, nil where there is none.
func (c *Conn) inUse() *link {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.current
}

// senderReports keeps the last sender report of each incoming track.
type senderReports struct {
	mu   sync.Mutex
	last map[*webrtc.TrackRemote]senderReport
}

type senderReport struct {
	ntp time.Time
	rtp uint32
}

func (s *senderReports) get(track *webrtc.TrackRemote) (time.Time, uint32, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.last[track]
	return r.ntp, r.rtp, ok
}

func (s *senderReports) note(track *webrtc.TrackRemote, p *rtcp.SenderReport) {
	if webrtc.SSRC(p.SSRC) != track.SSRC() {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.last == nil {
		s.last = map[*webrtc.TrackRemote]senderReport{}
	}
	s.last[track] = senderReport{fromNTP(p.NTPTime), p.RTPTime}
}

// readSenderReports reads what the other side says of a track, which also lets pion's interceptors see it: from them the other side learns
// the round trip. It ends with the connection.
func (l *link) readSenderReports(track *webrtc.TrackRemote, receiver *webrtc.RTPReceiver) {
	for {
		packets, _, err := receiver.ReadRTCP()
		if err != nil {
			return
		}
		for _, p := range packets {
			if report, ok := p.(*rtcp.SenderReport); ok {
				l.told.note(track, report)
			}
		}
	}
}

const ntpEpoch = 2208988800 // s from 1900 to 1970

// fromNTP turns an NTP timestamp, which counts 1/2^32 s since 1900, into a time.
func fromNTP(t uint64) time.Time {
	return time.Unix(int64(t>>32)-ntpEpoch, int64(t&0xffffffff*1e9>>32))
}
