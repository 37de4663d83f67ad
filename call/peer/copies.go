package peer

import (
	"math"
	"time"

	"parley/call/congestion"
)

// Copies are for a peer who knows no repair packets that are computed, as browsers do not, on a path where [Conn.SetProtection] asks for some: a
// packet that is lost there is asked for and comes a round trip later, or two when that gets lost in its turn, and then the picture stands.
// So each packet of video goes out again unasked, as if it had been asked for (RFC 4588), soon after its frame. Whoever got the first one drops the
// second. That costs more than a parity does for the same use, and is done only where the path has room beside the pictures themselves. Where very much
// is lost, pictures make room for them, and what is asked for is sent twice as well.
const (
	copiesTwice = 0.07 // of the packets lost, from which on there are two copies,
	copiesMost  = 2
	copyRoom    = 0.9 // of the target that is filled with them
	copyFor     = 100 * time.Millisecond

	veryMuch          = 0.15    // of the packets lost, from which on copies have
	roomForCopies     = 0.6     // of the target,
	leastBesideCopies = 300_000 // unless that leaves the pictures less than this many bit/s
)

// copying says whether a stream's packets are sent again unasked. It is called with mu held.
func (t *transport) copying(s *outgoing) bool {
	return s.protector == nil && s.rtx != 0 && t.share != nil && math.Float64frombits(t.share.Load()) != 0
}

// copyingTwice says whether that is done twice. It is called with mu held.
func (t *transport) copyingTwice(s *outgoing) bool {
	return t.cached.PathLoss >= copiesTwice && t.copying(s)
}

// copiesOf returns how many copies by packet are sent, 0 to copiesMost: on average, as there is room. It is called with mu held.
func (t *transport) copiesOf(s *outgoing) float64 {
	if !t.copying(s) {
		return 0
	}
	wanted := 1.0
	if t.copyingTwice(s) {
		wanted = copiesMost
	}
	fresh := float64(max(t.cached.Sent-t.cached.Repairs, 1))
	return min(wanted, max(0, copyRoom*float64(t.cached.Target)/fresh-1))
}

// copyLater queues the copies of a packet that was just written for the first time. It is called with mu held.
func (t *transport) copyLater(s *outgoing, p *stored) {
	share := t.copiesOf(s)
	if share == 0 {
		s.copied = 0
		return
	}
	waits := &t.pace.copies
	for s.copied += share; s.copied >= 1; s.copied-- {
		if float64(8*waits.bytes) < copyFor.Seconds()*t.pace.target {
			waits.push(waiting{s: s, sequence: p.sequence, size: len(p.payload)})
		}
	}
	if p.marker {
		t.poke()
	}
}

// sendCopies sends copies while the pace allows it and nothing else waits. It is called with mu held.
func (t *transport) sendCopies() {
	p := &t.pace
	for p.credit > 0 && p.copies.n > 0 && p.empty() {
		w := p.copies.pop()
		if packet := w.s.store.find(w.sequence); packet != nil && (packet.resent.IsZero() || w.asked) {
			p.credit -= float64(w.size + headers)
			t.again(w.s, packet)
		}
	}
}

// allowance returns what is allowed now.
func (t *transport) allowance() Allowance {
	state := t.state()
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, s := range t.streams {
		if s.kind == congestion.Video && t.copying(s) {
			return besideCopies(state)
		}
	}
	return allowanceOf(state)
}

// besideCopies is what is allowed where packets are copied.
func besideCopies(s congestion.State) Allowance {
	a := allowanceOf(s)
	if s.PathLoss >= veryMuch {
		a.BitRate = min(a.BitRate, max(leastBesideCopies, int((1-roomForCopies)*float64(s.Target))))
	}
	return a
}
