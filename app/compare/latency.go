package main

import "time"

// latency is a call on this machine without a relay, in which each picture says when it was taken.
func latency(s seat) func(*call) []flow {
	return func(c *call) []flow {
		s.ages, s.window = true, true
		s.every = reportOften
		c.begin(nil, s)
		time.Sleep(settle)
		c.both()
		time.Sleep(c.seconds)
		var flows []flow
		for i, l := range c.both() {
			if len(l.Ages) == 0 {
				c.Fatalf("%s shows no picture that says when it was taken", names[i])
			}
			flows = append(flows, flow{c.direction(i), sample{
				"age": quantile(l.Ages, 0.5), "age95": quantile(l.Ages, 0.95), "ages": float64(len(l.Ages)),
			}})
		}
		return flows
	}
}

// join is how long it takes the second of a call to see the first.
func join(c *call) []flow {
	s := small
	s.window = true
	c.begin(nil, s)
	first := c.sides[1].now().JoinToFirstFrame
	if first == 0 {
		c.Fatal("nobody measured the first picture")
	}
	return []flow{{c.direction(1), sample{"join": first}}}
}
