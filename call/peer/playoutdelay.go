package peer

import (
	"time"

	"github.com/pion/rtp"
)

// playoutDelayURI names the header extension in which a sender says for how long its pictures are to be held at the least
// (https://webrtc.googlesource.com/src/+/main/docs/native-code/rtp-hdrext/playout-delay/README.md). A browser holds them for as long as most packets are late,
// which is shorter than what the last of the repairs take where much is lost: then the picture stumbles several times in ten seconds. So it is asked to
// wait for those too, as a Parley does by itself, while packets are copied twice (see copies.go). Where nothing is said the last word holds,
// so that it goes with each packet from the first time on.
const playoutDelayURI = "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay"

const (
	delayRounds = 2                     // of asking and answering, that are waited for
	delayBeyond = 80 * time.Millisecond // until it is noticed that something is missing, and until a browser asks again
	delayMost   = 400 * time.Millisecond
	delayKeeps  = 10 * time.Second // that it is waited for after the last need
	delayUnit   = 10 * time.Millisecond
	// delayNoMore is what a browser may add, which is what it would by itself. Less than half a second of it, and no least, would tell it to hold nothing
	// at all, as for a game.
	delayNoMore = 10 * time.Second
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

// put adds the header extension to a packet.
func (p *playoutDelay) put(h *rtp.Header, now time.Time) {
	if !p.told {
		return
	}
	if !now.Before(p.until) {
		p.least = 0
	}
	// 12 bits each
	least, most := uint16(p.least/delayUnit), uint16(delayNoMore/delayUnit)
	p.bytes = [3]byte{byte(least >> 4), byte(least<<4 | most>>8), byte(most)}
	_ = h.SetExtension(p.number, p.bytes[:]) // none fails with a number that was negotiated
}
