package congestion

import "time"

// longer tells a path that has become longer at once, as when its route changes, from one on which a queue grows. What waits in a queue of its own making
// comes further apart than it was sent, at the rate of the path; on a longer path all that is sent from one moment on takes that much longer, as far apart as before.
type longer struct {
	usual, lately peak
	prior         passed        // the last that was not late
	open          bool          // something came all of a sudden much later than all before it
	before        time.Duration // the longest delay until then
	first         passed        // that came so late
	queued        int           // bytes that were sent after the prior one, up to the first
	least         time.Duration // the smallest delay from the first on
	bytes         int           // after it
	sent          float64       // bit/s that were sent before it
	borne         bool          // as much came since, just as late
}

// passed is a packet that arrived.
type passed struct {
	number          int64
	sent, at, delay time.Duration // by this side's clock, by the peer's, and between the two
}

// peak is the longest delay of some time.
type peak struct {
	since time.Duration // by when packets were sent
	most  time.Duration
	n     int
}

const (
	longerStep   = 20 * time.Millisecond  // beyond the longest delay of just before
	longerPeak   = 150 * time.Millisecond // which is that of the last one to two times this,
	longerKnown  = 8                      // and of that many packets
	longerFalls  = 12 * time.Millisecond  // by which others may be earlier than the first, or else what stands there goes,
	longerRises  = 25 * time.Millisecond  // or later: packets of one picture wait for each other, and once as much came, for none
	longerLeast  = 18 * time.Millisecond  // over which, and
	longerBytes  = 2500                   // over how many, that is seen
	longerBears  = 0.7                    // of what was sent must have come
	longerFull   = 250 * time.Millisecond // likewise on a path that is used for much of what it carries
	longerOthers = 400                    // bytes that may have been sent in between without a number, such as reports
	longerFor    = time.Second            // from the first on; later it says nothing of the step
	calmFor      = 3 * time.Second        // that what was known before the step is good for
)

// add notes a packet that arrived, and says whether it may be the first on a longer path.
func (l *longer) add(p passed, size int) (begins bool) {
	if l.open && (p.delay < l.before+longerStep || p.sent-l.first.sent > longerFor) {
		l.open = false
	}
	longest := max(l.usual.most, l.lately.most)
	switch {
	case !l.open && l.usual.n+l.lately.n >= longerKnown && p.delay >= longest+longerStep:
		l.open, l.before = true, longest
		fallthrough
	case l.open && p.delay < l.first.delay-longerFalls && !(l.borne && p.delay >= l.first.delay-longerRises):
		l.first, l.least, l.bytes, l.borne = p, p.delay, 0, false
		return true
	case !l.open:
		l.note(p)
		return false
	}
	l.bytes += size
	l.least = min(l.least, p.delay)
	known := p.sent-l.first.sent >= longerLeast && l.bytes >= longerBytes
	l.borne = p.delay <= l.first.delay+longerRises && (l.borne || known && l.bears(p.at))
	return false
}

// bears says whether what came until then came about as fast as was sent before, and could not have come that late for what was sent just before it.
func (l *longer) bears(at time.Duration) bool {
	took := max(at-l.first.at, time.Millisecond).Seconds()
	rate := float64(8*l.bytes) / took
	wait := time.Duration(float64(8*l.queued)/rate*float64(time.Second)) - (l.first.sent - l.prior.sent)
	return rate >= longerBears*l.sent && l.first.delay-l.prior.delay >= longerStep+max(0, wait)
}

func (l *longer) note(p passed) {
	if l.lately.n == 0 || p.sent-l.lately.since > longerPeak && l.lately.n >= longerKnown {
		l.usual, l.lately = l.lately, peak{since: p.sent, most: p.delay}
	}
	l.lately.n++
	l.lately.most = max(l.lately.most, p.delay)
	l.prior = p
}

// lags looks at a packet that arrived.
func (c *Controller) lags(at time.Duration, a arrival) {
	l, p := &c.longer, passed{a.number, a.record.real(), a.at, a.at - a.record.real()}
	c.late.most = max(c.late.most, p.delay)
	if !l.add(p, a.size) {
		return
	}
	l.sent, l.queued = c.sentAround(at, a.record), longerOthers
	for n := max(l.prior.number+1, a.number-historySize/2); n <= a.number; n++ {
		if r := c.sent.find(n); r != nil {
			l.queued += r.size
		}
	}
}

// lengthen takes up that the path has become longer, once that is known: the delay that there is now is that without a queue, and what was known of the rate
// before holds again. age is that of the newest that a report told of.
func (c *Controller) lengthen(at, age time.Duration) {
	l := &c.longer
	if !l.open || !l.borne || c.queue.latest <= queueTolerated {
		return
	}
	if c.limited() && l.sent >= fullFrom*c.rate.limit && c.queue.latest < fullDeep && c.arrived-l.first.at < longerFull {
		return // what others send all at once may stand there for a while
	}
	c.queue.rebase(at, l.least)
	c.usual(at, age)
	c.holding, c.surge, c.longer = hold{}, surge{}, longer{}
	if !c.loss.testing && at-c.calm.at <= calmFor {
		c.rate, c.deep, c.probe.next = c.calm.rate, c.calm.deep, c.calm.next
		c.rate.grown = at
	}
}

// calm is what was known when nothing was queued.
type calm struct {
	at, deep, next time.Duration
	rate           rateControl
}

// usual takes the age of the news that a report brings for what it is from now on.
func (c *Controller) usual(at, age time.Duration) {
	more := age - c.news.mean
	c.age.mean += more
	c.news.mean = age
	c.roundTrip, c.tripWindow = min(max(c.roundTrip+more, 0), 2*time.Second), at
}
