package main

import (
	"time"

	"parley/call/impair"
)

const (
	dark     = 10 * time.Second
	patience = 40 * time.Second // for the picture after it
)

// blackout is a call whose path is black for a while, both ways.
func blackout(c *call) []flow {
	path := impair.Conditions{Delay: 50 * time.Millisecond}
	s := small
	s.every = reportOften
	c.begin(&path, s)
	time.Sleep(settle)
	path.Black = true
	c.relay.Set(path)
	time.Sleep(dark)
	before := c.both()
	path.Black = false
	c.relay.Set(path)
	light := time.Now()

	back := [2]float64{-1, -1}
	for time.Since(light) < patience && min(back[0], back[1]) < 0 {
		for i, l := range c.both() {
			// A connection that was built anew counts from 0.
			if frames := l.video().FramesDecoded; back[i] < 0 && frames > 0 && frames != before[i].video().FramesDecoded {
				back[i] = l.T - float64(light.UnixMicro())/1e6
			}
		}
	}
	var flows []flow
	for i, seconds := range back {
		if seconds < 0 {
			seconds = patience.Seconds() // it never came, which is at the least as bad
		}
		flows = append(flows, flow{c.direction(i), sample{"back": seconds}})
	}
	return flows
}
