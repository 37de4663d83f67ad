package congestion

import "time"

// start is the time in which nothing is known of the path. All that is sent until the first reports have come stands in its queue, if it is narrow, and holds
// up the reports on the way back too, where the peer does the same. So it begins with part of the rate, and the first probe says what follows.
type start struct {
	began, over bool
	at          time.Duration // when the first packet was sent
	clear       time.Duration // when it was first told that nothing is queued; 0 is not yet
}

const (
	startUnheard = 0.6                    // of the start
	startMost    = time.Second            // for so long without any report,
	startClear   = 500 * time.Millisecond // or without an outcome of the first probe, where nothing is queued
)

// begins notes that a packet is sent.
func (s *start) begins(at time.Duration) {
	if !s.began {
		s.began, s.at = true, at
	}
}

// starting goes on with the start; empty says that the peer has just told of no queue.
func (c *Controller) starting(at time.Duration, empty bool) {
	s := &c.start
	if s.clear == 0 && empty {
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
