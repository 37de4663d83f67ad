package congestion

import "time"

// decide moves the rate by what a report showed.
func (c *Controller) decide(at time.Duration) {
	sent := c.out.recent(at, 500*time.Millisecond)
	if sent == 0 {
		return
	}
	if c.surge.letGo(at) {
		c.rate.grown = at
		c.loss.forget()
		return // what a machine lost while it stood still says nothing of the path either
	}
	delivered := c.delivered(at, sent)
	if c.surge.fresh(at) {
		delivered = max(delivered, min(c.surge.rate(), 1.2*sent)) // nothing arrived before it
	}
	queue, tooLong := c.queue.current, c.queue.tooLong()
	if deep := c.deepQueue(at); deep > 0 {
		queue, tooLong, c.deep = deep, true, at
	}
	if c.watchRival(at, sent) {
		queue, tooLong = 0, false
	}
	c.decideByLoss(at, tooLong)
	c.decideByQueue(at, queue, tooLong, sent, delivered)
}

// delivered returns what arrived of late, in bit/s; where that is not known, what is sent.
func (c *Controller) delivered(at time.Duration, sent float64) float64 {
	delivered, known := c.in.rate(c.arrived, rateWindow)
	short, shortKnown := c.in.rate(c.arrived, shortWindow)
	switch {
	case !known && !shortKnown:
		return sent
	case !known:
		delivered = short
	case shortKnown && c.queue.jumped() && delivered >= shortLeast: // then much of the window was before
		delivered = min(delivered, short)
	}
	return min(delivered, 1.2*max(sent, c.sentThen(at))) // what arrives at once had waited
}

// sentThen returns what was sent when that was which now arrives, or before pictures waited.
func (c *Controller) sentThen(at time.Duration) (then float64) {
	if r := c.sent.find(c.reported - 1); r != nil {
		then = c.sentBefore(at, at-r.at)
	}
	if h := &c.holding; h.since > 0 && at-h.since < holdAgain {
		then = max(then, h.sent)
	}
	return then
}

// decideByLoss puts what is lost to the test, and lowers the rate where it comes of that.
func (c *Controller) decideByLoss(at time.Duration, queued bool) {
	switch c.loss.judge(at, queued, c.rival.on, c.rate.target) {
	case suspect:
		c.rate.target = min(c.rate.target, max(c.loss.testRate(), float64(c.cfg.Least)))
	case innocent:
		c.rate.target = max(c.rate.target, c.loss.rate*0.95)
	case slightly:
		if c.rival.on {
			c.yield(at)
			break
		}
		c.rate.target = max(lossEases*c.rate.target, min(c.rate.target, lossEasesTo*c.loss.borne))
	case guilty:
		c.started(false)
		c.rate.limit = c.loss.borne
		c.rate.target = c.rate.limit * shrinkMost
		c.probe.next = at + probePoliced<<min(c.loss.meetings-1, 2)
		if c.rate.target < policedLow {
			c.probe.next = at + probeLow
		}
	}
}

// decideByQueue lowers the rate where the queue is too long and does not become shorter by itself, and raises it where there is none.
func (c *Controller) decideByQueue(at, queue time.Duration, tooLong bool, sent, delivered float64) {
	moves := c.rate.moves(at, c.queue.current)
	switch {
	case tooLong && !moves:
		c.queue.rebase(at, c.queue.least(at, standing))
	case tooLong && c.queue.empties() && c.rate.target < delivered:
		c.rate.grown = at // the rate is low enough
	case tooLong && !c.loss.testing:
		c.started(false)
		if c.rate.shrink(at, c.roundTrip, queue, delivered) {
			c.probe.next = max(c.probe.next, at+probeWait)
		}
	case (c.queue.empty() || c.rival.grows(c.loss.path-c.loss.usual)) && !c.loss.testing && !c.loss.near(at):
		c.rate.grow(at, sent)
		if !c.holding.on && c.queue.latest <= queueTolerated {
			c.calm = calm{at, c.deep, c.probe.next, c.loss.path, c.rate}
		}
	default:
		c.rate.grown = at
	}
}

// sentBefore returns what was sent up to some time before.
func (c *Controller) sentBefore(at, before time.Duration) float64 {
	return c.out.recent(at-min(before, mostLag), 500*time.Millisecond)
}

// deepQueue returns the queue that there was all of a sudden, once it is known to be one: while pictures wait, it may be gone before another report tells of it.
func (c *Controller) deepQueue(at time.Duration) (queue time.Duration) {
	s := &c.surge
	jumped := c.queue.jumped() && c.queue.latest >= queueDeep
	if jumped {
		s.queue = max(s.queue, c.queue.latest)
	}
	switch {
	case s.fresh(at) && !s.known():
		return 0
	case jumped || s.known():
		queue = s.queue
	}
	s.queue = 0
	return queue
}
