package main

import (
	"fmt"
	"time"

	"parley/app/e2e"
)

// other lets one more join: Parley without a window, whatever kind the side is that is measured: they cost the machine least.
func (c *call) other(n int, s seat) side {
	s.name, s.silent, s.window = fmt.Sprintf("Other%d", n), true, false
	return c.sit(parley, s)
}

// mesh is what it costs to send to one, two and three, beside what the sender needs while nobody looks.
func mesh(c *call) []flow {
	_, server := e2e.StartServer(c, "0")
	s := small
	s.server, s.name, s.silent = server, names[0], true
	sender := c.sit(c.pair[0], s)
	e2e.Eventually(c, "the sender is in the room", func() bool { return sender.now().State == "joined" })
	alone := c.usedBy(sender)
	var flows []flow
	var first float64
	for n := 1; n <= 3; n++ {
		receiver := c.other(n, seat{server: server})
		e2e.Eventually(c, "another sees the sender", func() bool { return receiver.now().videoOf(names[0]).FramesDecoded > 0 })
		used := c.usedBy(sender)
		all := sample{"cpu": used}
		if n == 1 {
			first = used
		} else {
			all["further"] = (used - first) / float64(n-1) / (first - alone)
		}
		flows = append(flows, flow{fmt.Sprintf("%s to %d", c.pair[0], n), all})
	}
	return append([]flow{{string(c.pair[0]) + " alone", sample{"cpu": alone}}}, flows...)
}

// usedBy lets a call settle and returns the CPU that a side uses then, in s a second.
func (c *call) usedBy(s side) float64 {
	time.Sleep(settle)
	before := c.cost(s.pid())
	time.Sleep(c.seconds)
	after := c.cost(s.pid())
	return (after.program - before.program) / (after.at - before.at)
}

// crowd is what memory a side needs that shows four others.
func crowd(c *call) []flow {
	const people = 4
	_, server := e2e.StartServer(c, "0")
	s := large
	s.server, s.name, s.silent, s.window = server, names[0], true, true
	first := c.sit(c.pair[0], s)
	e2e.Eventually(c, "the first is in the room", func() bool { return first.now().State == "joined" })
	for n := 1; n <= people; n++ {
		c.other(n, s)
	}
	e2e.Eventually(c, "all others are seen", func() bool {
		seen := 0
		for _, peer := range first.now().Peers {
			if peer.InVideo.FramesDecoded > 0 {
				seen++
			}
		}
		return seen == people
	})
	time.Sleep(settle + c.seconds)
	memory := c.cost(first.pid())
	return []flow{{string(c.pair[0]), sample{"pss": memory.pss, "pssGL": memory.pssGL}}}
}
