package peer

import (
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"

	"parley/call/codec"
)

// playoutDelayURI names the header extension in which a sender says for how long its pictures are to be held at the least
// (https://webrtc.googlesource.com/src/+/main/docs/native-code/rtp-hdrext/playout-delay/README.md). A browser holds them for as long as most packets are late,
// which is shorter than what the last of the repairs take where much is lost, or where one gap follows the other, as with a radio: then the picture stumbles
// several times in ten seconds. So it is asked to wait for those too, as a Parley does by itself: while packets are copied twice (see copies.go), and from
// the second gap within delayKeeps on. On an even path there is nothing to wait for, and a browser that is told so shows each picture some 10 ms sooner.
// Where nothing is said the last word holds, so that it goes with each packet from the first time on.
const playoutDelayURI = "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay"

const (
	delayRounds = 2                     // of asking and answering, that are waited for
	delayBeyond = 80 * time.Millisecond // until it is noticed that something is missing, and until a browser asks again
	delayMost   = 400 * time.Millisecond
	delayKeeps  = 10 * time.Second // that it is waited for after the last need
	delayUnit   = 10 * time.Millisecond
	// delayNoMore is what a browser may add, which is what it would by itself. With half a second, delayNone, and no least, it holds nothing at all, but for
	// the sake of the sound.
	delayNoMore = 10 * time.Second
	delayNone   = 500 * time.Millisecond

	// A path is even after evenFor without losses, without a queue longer than evenQueue, and without more jitter (RFC 3550 6.4.1) than evenJitter.
	evenFor    = 5 * time.Second
	evenQueue  = 20 * time.Millisecond
	evenJitter = 4 * time.Millisecond
)

// playoutDelay is what a stream asks its receiver for. It is used with the transport's mu held.
type playoutDelay struct {
	number uint8         // of the header extension; 0 where the peer does not know it
	least  time.Duration // that was asked for last
	until  time.Time     // for which that holds
	told   bool          // something was ever asked for
	bytes  [3]byte       // that are being written
}

// want notes that repairs are needed on a path with that round trip.
func (p *playoutDelay) want(roundTrip time.Duration, now time.Time) {
	if p.number == 0 || roundTrip <= 0 {
		return
	}
	p.least, p.until, p.told = min(delayRounds*roundTrip+delayBeyond, delayMost), now.Add(delayKeeps), true
}

// put adds the header extension to a packet. even says that nothing is to be held on that path.
func (p *playoutDelay) put(h *rtp.Header, now time.Time, even bool) {
	if p.number == 0 || !p.told && !even {
		return
	}
	p.told = true
	if !now.Before(p.until) {
		p.least = 0
	}
	bound := delayNoMore
	if even && p.least == 0 {
		bound = delayNone
	}
	// 12 bits each
	least, most := uint16(p.least/delayUnit), uint16(bound/delayUnit)
	p.bytes = [3]byte{byte(least >> 4), byte(least<<4 | most>>8), byte(most)}
	_ = h.SetExtension(p.number, p.bytes[:]) // none fails with a number that was negotiated
}

// evenTo says whether there is nothing for which the receiver of a stream would have to hold pictures. A Parley sees that by itself. It is called with mu held.
func (t *transport) evenTo(s *outgoing, now time.Time) bool {
	return s.protector == nil && t.cached.Reported && now.Sub(t.uneven) >= evenFor
}

// hearEvenness notes whether the pictures of a report arrived evenly.
func (t *transport) hearEvenness(b rtcp.ReceptionReport, now time.Time) {
	if b.FractionLost == 0 && time.Duration(b.Jitter)*time.Second/codec.ClockRate <= evenJitter {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.uneven = now
}
