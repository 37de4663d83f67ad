package audio

import (
	"math"
	"time"

	"parley/call/opus"
)

const (
	usualLoss = 0.05 // that is reckoned with while none is reported: the first lost packets come without warning
	worstLoss = 0.25 // that in-band FEC can do anything about

	lossRises, lossFalls = 0.5, 0.1 // weight of a report that is worse, or better, than those before

	// Deep redundancy is for the bursts that are longer than copies reach. libopus gives it what it costs when it has to reckon with that much loss.
	deepSpan = 100 * time.Millisecond // described for each copy that the loss calls for
	deepLoss = 0.2
)

// rates are what a frame may be encoded with, in bit/s.
type rates struct {
	usual   int // when nobody says otherwise
	lowest  int // that sound is never cut below
	highest int
	copies  int // when frames would have to be poorer than that for copies to fit, there are fewer copies
	deep    int // that deep redundancy costs beside, which is not repeated in copies; 0 if there is never any
}

var (
	// voiceRates are for full-band voice with room for the copies of in-band FEC; the lowest is wide-band still.
	voiceRates = rates{usual: 40_000, lowest: 12_000, highest: 64_000, copies: 16_000, deep: 20_000}
	// musicRates are for stereo music; at the lowest, libopus makes it mono. Deep redundancy knows nothing but voices.
	musicRates = rates{usual: 128_000, lowest: 12_000, highest: 128_000, copies: 64_000}
)

// copiesFrom and copiesUntil say from which loss on how many copies are sent, and below which loss one less is.
var (
	copiesFrom  = [mostCopies]float64{0.015, 0.06, 0.12}
	copiesUntil = [mostCopies]float64{0.004, 0.03, 0.07}
)

// Before a peer has told of anything, copies are sent, and until this many reports in a row told of no loss, each of as many packets at the least.
const (
	firstCopies  = 2
	provenBy     = 3
	provenByEach = 25
)

// resilience decides from what a peer reports, about once a second, how much of the sound is sent to it again and how good it may be. Loss
// is believed quickly and forgotten slowly, since it comes in swarms, and a copy that was not needed costs little.
type resilience struct {
	loss   float64 // smoothed
	copies int     // that the loss calls for
	clean  int     // reports in a row that told of no loss, up to provenBy
	proven bool    // the path was clean at first, or was not: its loss decides
	limit  int     // bit/s for this peer, copies included; 0 if unknown
}

// note takes in a report: the share of packets that were lost since the one before, and how many were sent in that time.
func (r *resilience) note(loss float64, sent int) {
	if math.IsNaN(loss) {
		return
	}
	first := !r.proven
	if loss >= copiesUntil[0] {
		r.proven = true
	} else if sent >= provenByEach {
		r.clean++
		r.proven = r.proven || r.clean >= provenBy
	}
	weight := lossFalls
	switch {
	case loss > r.loss && first:
		weight = 1 // nothing speaks against it
	case loss > r.loss:
		weight = lossRises
	}
	r.loss += weight * (min(1, max(0, loss)) - r.loss)
	for r.copies < mostCopies && r.loss >= copiesFrom[r.copies] {
		r.copies++
	}
	for r.copies > 0 && r.loss < copiesUntil[r.copies-1] {
		r.copies--
	}
}

// wanted says how many copies the loss calls for, if the peer can take any.
func (r *resilience) wanted(takesCopies bool) int {
	switch {
	case !takesCopies:
		return 0
	case !r.proven:
		return max(r.copies, firstCopies)
	}
	return r.copies
}

// plan is what goes to a peer.
type plan struct {
	copies int           // that go with each frame
	rate   int           // that a frame may have, in bit/s
	deep   time.Duration // of the sound before it that a frame describes
}

// plan says what the peer gets. Where there is little room, frames give way to copies as far as they can, and deep redundancy to both.
func (r *resilience) plan(takesCopies bool, sound rates) plan {
	p := plan{copies: r.wanted(takesCopies), rate: sound.usual, deep: r.described(sound)}
	if r.limit == 0 {
		return p
	}
	for p.copies > 0 && r.limit/(1+p.copies) < sound.copies {
		p.copies--
	}
	if (r.limit-sound.deep)/(1+p.copies) < sound.copies {
		p.deep = 0
	}
	p.rate = min(sound.highest, max(sound.lowest, (r.limit-sound.costOf(p.deep))/(1+p.copies)))
	return p
}

// described says how much of the sound before it each frame is to describe: the more, the more copies the loss calls for.
func (r *resilience) described(sound rates) time.Duration {
	if sound.deep == 0 || !opus.HasDRED() {
		return 0
	}
	return time.Duration(r.copies) * deepSpan
}

// costOf is what it costs to describe that much, in bit/s.
func (s *rates) costOf(deep time.Duration) int {
	if deep == 0 {
		return 0
	}
	return s.deep
}
