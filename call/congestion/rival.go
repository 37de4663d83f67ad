package congestion

import "time"

// rival tells a queue that others fill, as a download does that goes on until something is lost, from one of this side's own. That one empties while hardly
// anything is sent; theirs stays. Who gives way to it has nothing as long as it lasts. So beside a rival the queue does not count, and loss alone
// decides, as it does with them (RFC 8836, 2, is about those who share a queue; https://arxiv.org/abs/1802.08730, 2.2, has the same two modes).
type rival struct {
	on     bool
	full   float64       // bit/s that were sent before the queue
	since  time.Duration // when there was last no queue, or much was sent
	depth  time.Duration // of the queue since then
	least  time.Duration // of it, since it would have become empty if it were one's own
	most   time.Duration
	empty  time.Duration // since when there is none
	tested time.Duration // when it was last looked whether it is one's own
	before float64       // the rate before that; 0 is that it is not looked at now
}

const (
	rivalLow     = 0.25                   // of what was sent before is hardly anything; so is
	rivalSound   = 80_000                 // bit/s
	rivalShows   = 400 * time.Millisecond // after the time in which the queue would have become empty that shows
	rivalAtLeast = time.Second            // and so long it does not,
	rivalMoves   = 15 * time.Millisecond  // and it becomes longer or shorter: else it is the path that has become longer,
	rivalLost    = 0.2                    // while no more than that is lost: else the path bears not even that
	rivalYields  = 0.85                   // of the rate left where so much more than usual is, but no less than was begun with,
	rivalMuch    = 0.05
	rivalNarrow  = 4                      // unless it is far more so many times in a row:
	rivalFar     = 0.25                   // then it is the path that bears no more
	rivalShare   = 0.25                   // of what was sent before is begun with,
	rivalLoss    = 0.02                   // and grows while no more than that is lost
	rivalGone    = 2 * time.Second        // without a queue, and there is no rival
	rivalTest    = 10 * time.Second       // after which the rate goes down
	rivalTestFor = 800 * time.Millisecond // for so long, to see whether the queue does as well,
	rivalTestTo  = 0.6                    // to so much of it
	rivalFades   = 0.1                    // a second of what was sent before, once it is no more
)

// watchRival says whether there is a rival, by the queue that a report showed.
func (c *Controller) watchRival(at time.Duration, sent float64) bool {
	r := &c.rival
	if c.queue.empty() {
		if !r.on || r.before > 0 || at-r.empty >= rivalGone {
			c.leaveRival(at, sent)
		}
		return r.on
	}
	r.empty = at
	r.depth = max(r.depth, c.queue.latest)
	switch {
	case r.on:
		c.testRival(at)
	case sent > max(rivalLow*r.full, rivalSound) || !c.queue.tooLong():
		r.since, r.depth, r.least, r.most = at, 0, time.Hour, 0
	case at-r.since >= r.depth+rivalShows:
		r.least, r.most = min(r.least, c.queue.current), max(r.most, c.queue.current)
		if at-r.since < r.depth+rivalShows+rivalAtLeast || r.most-r.least < rivalMoves || c.lostSince(r.since) > rivalLost {
			break
		}
		r.on, r.tested, c.queue.kept = true, at, true
		c.rate.limit = r.full
		c.rate.target = max(c.rate.target, rivalShare*r.full)
		c.rate.grown = at
		c.holding.on = false
	}
	return r.on
}

// testRival lowers the rate for a moment: a queue of one's own becomes empty then.
func (c *Controller) testRival(at time.Duration) {
	r := &c.rival
	switch since := at - r.tested; {
	case since >= rivalTest: // no loss is put to the test beside a rival
		r.tested = at
		r.before = c.rate.target
		c.rate.target *= rivalTestTo
	case since >= rivalTestFor && r.before > 0:
		c.rate.target = max(c.rate.target, r.before)
		r.before = 0
	}
}

func (c *Controller) leaveRival(at time.Duration, sent float64) {
	r := &c.rival
	*r = rival{full: max(sent, r.full*(1-rivalFades*(at-r.since).Seconds())), since: at, least: time.Hour, empty: at}
	c.queue.kept, c.loss.crowded = false, 0
}

// grows says whether the rate may grow beside a rival, where that much more than usual is lost.
func (r *rival) grows(loss float64) bool { return r.on && r.before == 0 && loss <= rivalLoss }

// yield lowers the rate, because something was lost.
func (c *Controller) yield(at time.Duration) {
	r := &c.rival
	if c.loss.crowded >= rivalNarrow {
		c.rate.target *= rivalYields
		c.leaveRival(at, c.rate.target)
		return
	}
	c.rate.target = max(rivalYields*c.rate.target, min(c.rate.target, rivalShare*r.full))
}
