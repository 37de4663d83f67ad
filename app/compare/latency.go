package main

import "time"

// shownAt is a window whose large tile is of 640x360, as the picture in Chromium's page is.
const shownAt = "680x508"

// heldAfter is more than it takes until a browser holds pictures for their sound as long as it will. In two calls each that began after 8 s where Parley sends,
// after 14 and 16 between two Chromiums, and came to its end in one or two steps, the last after 23 s. What is shown before is sooner by up to 25 ms, for a part
// of the time that says nothing of who sends better.
const heldAfter = 30 * time.Second

// latency is a call on this machine without a relay, in which each picture of the first side says when it was taken and the second one shows
// it. The first needs no window, as it is not looked at; both have a camera, as in any call.
func latency(s seat) func(*call) []flow {
	return func(c *call) []flow {
		s.counter = true
		sender, receiver := s, s
		receiver.window, receiver.windowSize, receiver.ages = true, shownAt, true
		c.begin(nil, sender, receiver)
		time.Sleep(heldAfter)
		c.sides[1].now()
		time.Sleep(c.seconds)
		l := c.sides[1].now()
		if len(l.Ages) == 0 {
			c.Fatalf("%s shows no picture that says when it was taken", names[1])
		}
		return []flow{{c.direction(1), sample{
			"age": quantile(l.Ages, 0.5), "age95": quantile(l.Ages, 0.95), "ages": float64(len(l.Ages)), "width": l.video().FrameWidth,
		}}}
	}
}

// join is how long it takes the second of a call to see the first. Both programs have been there for a moment when it joins: what is measured begins with that.
func join(c *call) []flow {
	s := small
	s.window = true
	second := s
	second.lobby = true
	c.begin(nil, s, second)
	first := c.sides[1].now().JoinToFirstFrame
	if first == 0 {
		c.Fatal("nobody measured the first picture")
	}
	return []flow{{c.direction(1), sample{"join": first}}}
}
