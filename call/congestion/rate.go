package congestion

import "time"

const (
	growth      = 1.10 // a second, where the path's limit is not known
	growthNear  = 1.03 // a second, near the rate at which a queue was seen last
	near        = 0.20 // how near
	growthBack  = 1.50 // a second, after the queue has emptied for which the rate was lowered further than the path's limit,
	back        = 0.88 // up to so much of that
	outrun      = 1.5  // how far beyond what is really sent the rate may grow without a probe
	outrunBytes = 60_000
	outrunNear  = 1.25 // likewise near that rate: what was not sent has not been borne, and a larger picture makes use of all of it at once
	shrinkMost  = 0.92 // of what is delivered, with hardly a queue
	shrinkLeast = 0.50
	shrinkAgain = 0.7                    // of a target that is still being settled
	settleFor   = 250 * time.Millisecond // beyond the round trip, until a lower rate shows in the queue
	rateWindow  = 250 * time.Millisecond
	shortWindow = 125 * time.Millisecond
	shortLeast  = 320_000                // bit/s; with less, that is a few packets, and chance
	mostLag     = 600 * time.Millisecond // that the meter of what was sent reaches back
	// A queue that has not moved for so long, though the rate is well below what was delivered, is none: the path has become longer.
	stuckFor  = 2 * time.Second
	stuckBand = 10 * time.Millisecond
)

// rateControl is the rate itself: down to what is delivered when there is a queue, and up again slowly.
type rateControl struct {
	target  float64       // bit/s
	limit   float64       // delivered when a queue was seen last, smoothed; 0 is not known
	grown   time.Duration // when it grew last
	shrunk  time.Duration // when it shrank last
	shrinks int           // since the queue was empty
	stuck   time.Duration // since when the queue has not moved
	stuckAt time.Duration // where it stands
	capped  bool
}

// grow raises the rate by what the time since the last call allows; sent is what is really sent.
func (r *rateControl) grow(now time.Duration, sent float64) {
	elapsed := min(now-r.grown, time.Second).Seconds()
	r.grown = now
	factor := growth
	r.capped = r.target > outrun*sent+outrunBytes
	if r.target < r.limit*back {
		factor = growthBack
	} else if r.limit > 0 && r.target > r.limit*(1-near) && r.target < r.limit*(1+near) {
		factor = growthNear
		r.capped = r.capped || r.target > outrunNear*sent
	}
	if !r.capped {
		r.target *= 1 + (factor-1)*elapsed
	}
	r.shrinks = 0
}

// shrink lowers the rate so that the queue empties within a second, when the last lowering has had its time to work.
func (r *rateControl) shrink(now, roundTrip, queue time.Duration, delivered float64) bool {
	r.grown = now
	lower := delivered * max(shrinkLeast, shrinkMost-queue.Seconds())
	// What is measured while a path becomes narrow is partly what it was: what is much lower than that does not wait.
	if r.shrunk > 0 && now-r.shrunk < roundTrip+settleFor && lower > shrinkAgain*r.target {
		return false
	}
	r.shrunk = now
	r.shrinks++
	// The limit is smoothed, unless it is far off what was known.
	if r.limit == 0 || delivered < r.limit*0.7 || delivered > r.limit*1.3 {
		r.limit = delivered
	} else {
		r.limit += 0.3 * (delivered - r.limit)
	}
	r.target = min(r.target, lower)
	return true
}

// moves notes the queue, and says false when it stands still though the rate was lowered more than once for it.
func (r *rateControl) moves(now, queue time.Duration) bool {
	if queue <= queueTolerated || (queue-r.stuckAt).Abs() > stuckBand {
		r.stuck, r.stuckAt = now, queue
		return true
	}
	return now-r.stuck < stuckFor || r.shrinks < 2
}
