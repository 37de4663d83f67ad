package main

import (
	"time"

	"parley/call/impair"
)

const (
	wide, narrow = 3_000_000, 300_000 // bit/s
	wideFirst    = 12 * time.Second
	narrowFor    = 15 * time.Second
	wideAgain    = 20 * time.Second

	longQueue = 150.0 // ms: more is not settled
	enough    = 0.8   // of the bit rate before the fall: that is settled after the rise
)

// change is a call whose path becomes narrow and wide again.
func change(c *call) []flow {
	path := impair.Conditions{Delay: 50 * time.Millisecond, Rate: wide}
	c.begin(&path, small)
	before := c.watch(wideFirst)
	lines := c.both()
	path.Rate = narrow
	c.relay.Set(path)
	during := c.watch(narrowFor)
	after := c.both()
	path.Rate = wide
	c.relay.Set(path)
	again := c.watch(wideAgain)

	var flows []flow
	for receiver := range c.sides {
		sender := 1 - receiver
		level := rate(before[len(before)/2], before[len(before)-1], sender)
		s := sample{"fallConcealed": received(lines[receiver], after[receiver], false)["concealed"]}
		s["down"], s["fallQueue"] = fell(during, sender)
		s["up"] = rose(again, sender, enough*level)
		flows = append(flows, flow{c.direction(receiver), s})
	}
	return flows
}

// fell returns how many seconds after the fall the queue was last long, or lost something, and the longest it was in ms.
func fell(moments []moment, sender int) (settled, longest float64) {
	for i := range moments[1:] {
		from, to := moments[i], moments[i+1]
		q, _ := queue(from, to, sender)
		longest = max(longest, q)
		if q > longQueue || to.stats[sender].PacketsOverflowed > from.stats[sender].PacketsOverflowed {
			settled = to.at.Sub(moments[0].at).Seconds()
		}
	}
	return settled, longest
}

// rose returns how many seconds after the rise the bit rate of a second was at that level; all of them when it never was.
func rose(moments []moment, sender int, level float64) float64 {
	const second = 20 // moments
	for i := second; i < len(moments); i++ {
		if rate(moments[i-second], moments[i], sender) >= level {
			return moments[i].at.Sub(moments[0].at).Seconds()
		}
	}
	return moments[len(moments)-1].at.Sub(moments[0].at).Seconds()
}
