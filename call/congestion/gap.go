package congestion

import (
	"math"
	"time"
)

// Gap is a moment in which nothing that was sent arrived though the path is what it was, as when a radio is silent. The zero value is none.
type Gap struct {
	First   uint16 // number of the first packet that was lost in it
	Packets int    // that were, one after the other
}

// Holds says whether the packet with that number was lost in it.
func (g Gap) Holds(number uint16) bool { return int(number-g.First) < g.Packets }

// gap follows packets that are lost one after the other. A radio that is silent for a moment loses all of them, and bears before and after it what it ever did. A
// path that is too narrow keeps some waiting first, or, where it has no queue, lets one through whenever its rate has saved up enough for it.
type gap struct {
	next  int64   // number after the last that was told of
	clear bool    // the last that arrived had not waited
	run   stretch // that was lost since then
	rate  float64 // bit/s; with more than that, one of those would have come through
}

const (
	gapLeast = 50 * time.Millisecond // what is shorter counts as loss, against which repair packets help
	gapRate  = 0.5                   // of what is delivered: a path that drops what is too much does not deliver twice its rate
)

// add notes a packet whose fate is told, in the order in which they were sent. Of one that arrives, waited says whether that was later than without a queue. It
// returns those that were lost just before it, and whether that may have been in a gap: it was, on a path that delivers more than its rate.
func (g *gap) add(a arrival, waited bool) (run stretch, gone bool) {
	if a.number != g.next { // a report was lost too: those in between are not known to be
		run, g.run = g.run, stretch{}
	}
	g.next = a.number + 1
	if !a.ok {
		g.lose(a.record)
		return run, false
	}
	if g.run.packets > 0 {
		run, g.run = g.run, stretch{}
		gone = g.clear && !waited && run.to-run.from >= gapLeast
	}
	g.clear = !waited
	return run, gone
}

func (g *gap) lose(r *record) {
	if g.run.packets == 0 {
		g.rate = math.Inf(1)
	}
	g.run.add(r, false)
	if saved := g.run.to - g.run.from; saved > 0 {
		g.rate = min(g.rate, float64(8*r.size)/saved.Seconds())
	}
}

// fates notes what became of a packet.
func (c *Controller) fates(a arrival) {
	waited := c.queue.n == 0 || a.ok && c.queue.over(a.at-a.record.real()) > queueTolerated
	run, gone := c.gap.add(a, waited)
	switch {
	case gone && c.gap.rate < gapRate*c.in.recent(c.arrived, lossRate):
		c.loss.gap(run.packets)
		c.gone = Gap{First: uint16(a.number - int64(run.packets)), Packets: run.packets}
	case run.packets > 0:
		c.loss.tell(run)
	}
	if a.ok {
		var one stretch
		one.add(a.record, true)
		c.loss.tell(one)
	}
}
