package main

import (
	"time"

	"parley/call/impair"
)

// settle is how long a call may find its bit rate before it is measured.
const settle = 5 * time.Second

// network is a call on a path that stays as it is.
func network(conditions impair.Conditions, s seat) func(*call) []flow {
	return func(c *call) []flow {
		c.begin(&conditions, s)
		time.Sleep(settle)
		before := c.both()
		moments := c.watch(c.seconds)
		after := c.both()
		var flows []flow
		for receiver := range c.sides {
			all := c.watched(receiver, before[receiver], after[receiver], s.video)
			used(all, moments, 1-receiver, conditions.Rate)
			flows = append(flows, flow{c.direction(receiver), all})
		}
		return flows
	}
}

// watched is what a side received while the call was watched, a freeze that goes on with it.
func (c *call) watched(receiver int, from, to line, video bool) sample {
	all := received(from, to, video)
	if video {
		c.moved[receiver].see(to)
		frozenStill(all, to.T-c.moved[receiver].at)
		all["frozen"] = min(all["frozen"], to.T-from.T) // it may have begun before
	}
	return all
}

// received compares two lines of one side.
func received(from, to line, video bool) sample {
	s, seconds := sample{}, to.T-from.T
	if video {
		a, b := from.video(), to.video()
		s["fps"] = (b.FramesDecoded - a.FramesDecoded) / seconds
		s["frozen"], s["freezes"] = b.TotalFreezesDuration-a.TotalFreezesDuration, b.FreezeCount-a.FreezeCount
		s["width"], s["height"] = b.FrameWidth, b.FrameHeight
	}
	a, b := from.audio(), to.audio()
	if all := b.TotalSamplesReceived - a.TotalSamplesReceived; all > 0 {
		s["concealed"] = 100 * (b.ConcealedSamples - a.ConcealedSamples) / all
	}
	return s
}

// frozenStill adds a freeze that has not ended: the W3C counts one only then. The picture was looked at once a second.
func frozenStill(s sample, since float64) {
	const looked = 1.5 // s, between two looks, at the most
	if since > looked {
		s["frozen"] += since
		s["freezes"]++
	}
}

// used adds what a sender made of the path.
func used(s sample, moments []moment, sender, limit int) {
	first, last := moments[0], moments[len(moments)-1]
	s["rate"] = rate(first, last, sender) / 1000
	if limit == 0 {
		return
	}
	s["share"] = 100 * rate(first, last, sender) / float64(limit)
	var queues []float64
	for i := range moments[1:] {
		if q, ok := queue(moments[i], moments[i+1], sender); ok {
			queues = append(queues, q)
		}
	}
	if len(queues) > 0 {
		s["queue"], s["queue95"] = quantile(queues, 0.5), quantile(queues, 0.95)
	}
}
