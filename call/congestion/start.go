package congestion

import "time"

// start is the time in which nothing is known of the path. All that is sent until the first reports have come stands in its queue, if it is narrow, and holds
// up the reports on the way back too, where the peer does the same. So no more than the first picture is sent at once, what follows it goes at a pace that
// nearly any path bears, and how fast those packets arrived says what the path is (opening). Where it is wide, the first probe says what follows.
type start struct {
	began, over bool
	at          time.Duration // when the first packet was sent
	clear       time.Duration // when it was first told that nothing is queued; 0 is not yet
	pictures    int           // bytes of them that were sent
	narrowed    time.Duration // when the path was seen to be narrow; 0 is not
	opening     opening
}

const (
	startUnheard = 0.6                    // of the start
	startMost    = time.Second            // for so long without any report,
	startClear   = 500 * time.Millisecond // or without an outcome of the first probe, where nothing is queued
	startAtOnce  = 3000                   // bytes of pictures: one of 640x360, and 120 ms of 200 kbit/s; then
	startPace    = 180_000                // bit/s, until it is known how fast those arrived
)

// opening is what was told of the first packets, from the first picture on: sent close upon each other, they arrive at the rate of the path.
type opening struct {
	known, uneven   bool
	since           time.Duration // when the first was told of
	bytes, first    int           // of all, and of the first
	sent, lastSent  time.Duration // the first, and the last to arrive
	arrived, latest time.Duration // likewise, by the peer's clock
	slowest         float64       // bit/s at which one arrived after the one before
	fastest         float64
}

const (
	openingLeast = 2500                  // bytes that tell
	openingGrown = 10 * time.Millisecond // by so much longer than the first the last one took, where the path is narrower
	openingLarge = 400                   // bytes of a packet that tells by itself,
	openingEven  = 2.0                   // and so much faster than another where the path is uneven, not narrow
	openingEmpty = 15 * time.Millisecond // up to here there is no queue, where it is not
	openingUsed  = 0.75                  // of a narrow path, so that what stands there already goes
)

// arrive notes a packet that arrived.
func (o *opening) arrive(now, sent time.Duration, a arrival) {
	if o.bytes == 0 {
		if a.kind != Video {
			return
		}
		*o = opening{since: now, first: a.size, sent: sent, lastSent: sent, arrived: a.at, latest: a.at}
	}
	o.bytes += a.size
	// A queue is left in the order in which it was entered, and at one rate.
	if o.uneven = o.uneven || a.at < o.latest; o.uneven {
		return
	}
	if gap := (a.at - o.latest).Seconds(); a.size >= openingLarge && gap > 0 && a.at-o.arrived > 0 {
		rate := float64(8*a.size) / gap
		if o.slowest == 0 {
			o.slowest, o.fastest = rate, rate
		}
		o.slowest, o.fastest = min(o.slowest, rate), max(o.fastest, rate)
		o.uneven = o.fastest > openingEven*o.slowest
	}
	o.lastSent, o.latest = sent, a.at
}

// rate returns how fast the packets arrived, in bit/s, and false where that is no slower than they were sent.
func (o *opening) rate() (float64, bool) {
	in, out := o.latest-o.arrived, o.lastSent-o.sent
	if in-out < openingGrown || o.uneven {
		return 0, false
	}
	return float64(8*(o.bytes-o.first)) / in.Seconds(), true
}

// unheard says whether it is not known yet how fast the first packets arrive.
func (s *start) unheard() bool { return !s.over && !s.opening.known }

// shows says whether what was sent while nothing was known still shows in what is told.
func (s *start) shows(at, roundTrip time.Duration) bool {
	return s.unheard() || s.narrowed > 0 && at-s.narrowed < roundTrip+settleFor
}

// begins notes that a packet is sent.
func (s *start) begins(at time.Duration, size int, kind Kind) {
	if !s.began {
		s.began, s.at = true, at
	}
	if kind == Video && !s.over {
		s.pictures += size
	}
}

// opens takes up how fast the first packets arrived, once enough of them were told of.
func (c *Controller) opens(at time.Duration) {
	s, o := &c.start, &c.start.opening
	if !s.unheard() || o.bytes < openingLeast {
		return
	}
	rate, narrow := o.rate()
	narrow = narrow && openingUsed*rate < c.rate.target
	o.known = narrow || o.uneven || c.queue.latest <= openingEmpty || at-o.since >= startMost
	if narrow {
		s.narrowed = at
		c.started(false)
		c.rate.limit, c.rate.target, c.rate.shrunk, c.rate.grown = rate, openingUsed*rate, at, at
		c.probe.next = at + probeWait
	}
}

// starting goes on with the start; empty says that the peer has just told of no queue.
func (c *Controller) starting(at time.Duration, empty bool) {
	s := &c.start
	if s.clear == 0 && empty && (s.opening.known || s.opening.bytes == 0) {
		s.clear = at
	}
	if s.began && c.reported == 0 && at-s.at >= startMost || s.clear > 0 && at-s.clear >= startClear {
		c.started(true)
	}
}

// started ends the start, with all of its rate unless it is known already what the path bears.
func (c *Controller) started(all bool) {
	if all && !c.start.over {
		c.rate.target = max(c.rate.target, float64(c.cfg.Start))
	}
	c.start.over = true
}
