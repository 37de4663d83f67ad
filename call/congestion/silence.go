package congestion

import (
	"math"
	"time"
)

// watch halves the rate for each second without a report while something is sent: the path may be so full that none gets through.
func (c *Controller) watch(at time.Duration) {
	last := c.sent.find(c.sent.next - 1)
	if c.reported == 0 || c.sent.next <= c.reported || at-last.at > silence {
		return // nothing is waited for
	}
	for c.silenced < mostHalvings && at-c.latest > time.Duration(c.silenced+1)*silence {
		if c.silenced == 0 {
			c.before = c.rate.target
		}
		c.silenced++
		c.rate.target /= 2
		c.bound()
	}
}

// returned notes that a report came. After a silence the path is more likely to be what it was than to be full: half of the rate that there
// was is taken up again, and a probe tells of the rest. It says whether there was a silence.
func (c *Controller) returned(at time.Duration) bool {
	back := c.silenced > 0
	if back {
		c.silenced = 0
		c.rate.target = max(c.rate.target, c.before/2)
		c.queue = queueMeter{} // the path may be another one
		c.probe.over(at, true)
	}
	c.between += (min(at-c.latest, usuallyBetween) - c.between) / 8
	c.latest = at
	return back
}

// hold is the time in which pictures wait until it is known how the path stands.
type hold struct {
	on    bool
	since time.Duration
	sent  float64 // bit/s before it
}

const (
	holdWhole = 250 * time.Millisecond // of it, in which no picture goes out: what is under way already delays the sound enough
	holdMost  = 600 * time.Millisecond
	holdAgain = 2 * time.Second // from the beginning of one, until no picture goes out again for another

	fullFrom = 0.5                    // of what the path carries
	fullDeep = 150 * time.Millisecond // that no probe leaves there

	unluckyLeast   = 0.003                  // that so many reports in a row are lost as are not waited for,
	unluckyMost    = 0.3                    // where that many are lost at the most,
	usuallyBetween = 250 * time.Millisecond // and they are so far apart, at the most
)

// held says whether pictures are to wait. That begins when the last report tells of a long queue that was not there before: in the time that the rate
// takes to follow, it would overflow. And it does when a report is overdue, or told of nothing new when it came: one of a peer whose path has become narrow as
// well waits in a queue, or found that full. It ends with fresh news that there is no queue, or when the rate has had its time to follow.
func (c *Controller) held(at time.Duration) bool {
	h := &c.holding
	switch r := c.sent.find(c.reported); {
	case c.reported == 0 || c.start.shows(at, c.roundTrip):
		return false
	case c.jumped(at), c.stale, r != nil && c.overdue(&c.age, at, at-r.at-c.unlucky()):
		if h.on {
			break
		}
		if h.on = true; h.since == 0 || at-h.since > holdAgain {
			h.since = at
			h.sent = c.out.recent(at, 500*time.Millisecond)
		}
	case c.queue.latest <= queueTolerated, at-h.since > holdMost:
		h.on = false
	}
	return h.on
}

// unlucky is the time for which reports may be missing by chance: a path that loses pictures at any rate loses what is said of them as often.
func (c *Controller) unlucky() time.Duration {
	if c.loss.path <= unluckyLeast {
		return 0
	}
	inARow := math.Ceil(math.Log(unluckyLeast)/math.Log(min(c.loss.path, unluckyMost))) - 1
	return time.Duration(inARow * float64(c.between))
}

// full says whether the path is used for much of what it is known to carry. There each probe leaves a queue behind, as each of the peer's does on the
// way of the reports, for which pictures would wait for nothing every few seconds.
func (c *Controller) full(at time.Duration) bool {
	sent, _ := c.out.rate(at, 500*time.Millisecond)
	return c.limited() && sent >= fullFrom*c.rate.limit
}

// jumped says whether there is a queue that was not there before. On a path that is full only a deep one counts.
func (c *Controller) jumped(at time.Duration) bool {
	return !c.rival.on && c.queue.jumped() && (c.queue.latest >= fullDeep || !c.full(at))
}

// overdue says whether a report, or the news of one, is late. On a path that is full, only what is late by more than the queue of a probe is.
func (c *Controller) overdue(a *reportAge, at, age time.Duration) bool {
	if c.full(at) {
		age -= queueJump
	}
	return a.overdue(age)
}

// reportAge knows how long ago a packet was sent when a report tells of it, as in RFC 6298.
type reportAge struct{ mean, deviation time.Duration }

const (
	ageLeast = 50 * time.Millisecond // beyond the mean
	ageMost  = 4                     // times the deviation, beyond the mean
)

func (a *reportAge) add(age time.Duration) {
	if a.mean == 0 {
		a.mean, a.deviation = age, age/2
		return
	}
	age = min(age, a.limit()) // what is overdue does not make itself usual at once
	a.deviation += ((age - a.mean).Abs() - a.deviation) / 8
	a.mean += (age - a.mean) / 8
}

func (a *reportAge) limit() time.Duration { return a.mean + max(ageLeast, ageMost*a.deviation) }

func (a *reportAge) overdue(age time.Duration) bool { return a.mean > 0 && age > a.limit() }

// Reports takes the figures of a receiver report (RFC 3550 6.4.2): the share of packets that were lost since the last one, 0 to 1, and the round
// trip, 0 where it is not known. They decide only where the peer does not report arrivals, which old programs do not.
func (c *Controller) Reports(fraction float64, roundTrip time.Duration, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	at := c.at(now)
	if c.reported > 0 || !c.admit(at) || !(fraction >= 0 && fraction <= 1) {
		return
	}
	if roundTrip > 0 {
		c.queue.add(at, min(roundTrip, 10*time.Second), enough)
		c.roundTrip = min(roundTrip, 2*time.Second)
	}
	c.loss.all += (fraction - c.loss.all) / 4
	c.loss.path = c.loss.all // what is a queue cannot be told
	sent, known := c.out.rate(at, 500*time.Millisecond)
	switch {
	case !known:
	case c.queue.tooLong() && c.rate.moves(at, c.queue.current):
		c.rate.shrink(at, c.roundTrip, c.queue.current, sent*(1-fraction))
	case fraction > 0.1:
		c.rate.shrink(at, c.roundTrip, 0, min(c.rate.target, sent)*(1-fraction/2)/shrinkMost)
		c.rate.target = max(c.rate.target, min(300_000, float64(c.cfg.Start))) // loss alone is no reason for less
	case fraction < 0.03:
		c.rate.grow(at, sent)
	}
	c.bound()
}
