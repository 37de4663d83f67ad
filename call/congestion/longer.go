package congestion

import "time"

// hush follows the sound that is sent while pictures are held. A queue of this side's own making becomes shorter meanwhile, by nearly as much time as passes.
// Where the delay stays what it is, there is none: it is the path that has become longer, as when its route changes.
type hush struct {
	hold        time.Duration // since when pictures are held
	over        bool          // something else was sent since, or it is known what became of it
	first, last time.Duration // when it was sent
	early, late delays        // in the first hushEarly, and after
}

// delays is how many packets there were, and the smallest of their delays: jitter only adds.
type delays struct {
	n     int
	least time.Duration
}

const (
	hushLeftover = 60 * time.Millisecond // in which what was about to go out still does
	hushEarly    = 60 * time.Millisecond
	hushLeast    = 120 * time.Millisecond // in which a queue becomes shorter by more
	hushSame     = 10 * time.Millisecond  // than that, unless the path bears hardly more than the sound
	hushPackets  = 3                      // early, and late

	// Where it bears no more, the queue is one of the longest, and most of what was sent just before found no room in it.
	longerMost = 280 * time.Millisecond
	longerLost = 0.1 // more than usual, and
	longerSeen = 300 * time.Millisecond

	calmFor = 3 * time.Second // that what was known before is good for
)

// calm is what was known when nothing was queued.
type calm struct {
	at, deep, next time.Duration
	loss           float64 // of the path
	rate           rateControl
}

// hear takes a packet that arrived, where it was sent since pictures are held.
func (u *hush) hear(hold time.Duration, a arrival) {
	sent, delay := a.record.at, a.at-a.record.real()
	if hold == 0 || sent < hold || u.over && u.hold == hold {
		return
	}
	if u.hold != hold || a.kind != Audio {
		*u = hush{hold: hold, over: a.kind != Audio && sent-hold > hushLeftover}
	}
	if a.kind != Audio {
		return
	}
	if u.early.n == 0 {
		u.first = sent
	}
	d := &u.early
	if u.last = sent; sent-u.first >= hushEarly {
		d = &u.late
	}
	if d.n == 0 || delay < d.least {
		d.least = delay
	}
	d.n++
}

// steady says whether all of it took the same time, as far as is known.
func (u *hush) steady() bool {
	return !u.over && u.last-u.first >= hushLeast && min(u.early.n, u.late.n) >= hushPackets && (u.early.least-u.late.least).Abs() <= hushSame
}

// lengthen takes up that the path has become longer, once that is known: the delay that there is now is that without a queue, and what was known of the rate
// before holds again. age is that of the newest packet that a report told of.
func (c *Controller) lengthen(at, age time.Duration) {
	u := &c.hush
	if u.hold == 0 || u.hold != c.holding.since || c.rival.on || !u.steady() {
		return
	}
	u.over = true
	longer := c.queue.over(u.late.least)
	if longer <= queueTolerated || longer > longerMost || c.lostSince(u.hold-longerSeen) > c.calm.loss+longerLost {
		return
	}
	c.queue.rebase(at, u.late.least)
	c.holding, c.surge = hold{}, surge{}
	if !c.loss.testing && u.hold-c.calm.at <= calmFor {
		c.rate, c.deep, c.probe.next = c.calm.rate, c.calm.deep, c.calm.next
		c.rate.grown = at
	}
	more := age - c.news.mean
	c.age.mean += more
	c.news.mean = age
	c.roundTrip, c.tripWindow = min(max(c.roundTrip+more, 0), 2*time.Second), at
}

// lostSince returns which part was lost of what was sent since, and told of.
func (c *Controller) lostSince(since time.Duration) float64 {
	var fates [received + 1]int
	for n := c.reported - 1; ; n-- {
		r := c.sent.find(n)
		if r == nil || r.at < since {
			return float64(fates[lost]) / float64(max(fates[lost]+fates[received], 1))
		}
		fates[r.fate]++
	}
}
