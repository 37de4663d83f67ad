package main

import (
	"parley/app/compare/stoi"
	"parley/call/impair"
)

// eachWay are the pairs in which the first speaks and the second listens.
var eachWay = []pair{{chromium, chromium}, {parley, parley}, {parley, chromium}, {chromium, parley}}

// speech is a call without pictures in which the first side speaks and the second is listened to.
func speech(conditions *impair.Conditions) func(*call) []flow {
	return func(c *call) []flow {
		l := startLab(c.harness)
		c.begin(conditions, l.seat(0), l.seat(1))
		l.speak(c.files.speech(c.harness, c.seconds), "MouthAnn")
		said, heard := l.channel("MouthAnn"), l.channel("EarBen")
		at := delays(said, heard)
		var late []float64
		for _, d := range at {
			if d >= 0 {
				late = append(late, float64(d)*1000/labRate)
			}
		}
		if len(late) == 0 {
			c.Fatal("nothing of what was said is heard")
		}
		a, b := aligned(said, heard, at)
		s := sample{"mouthToEar": quantile(late, 0.5), "mouthToEarFirst": late[0], "gap": longestGap(a, b)}
		var err error
		s["stoi"], s["estoi"], err = stoi.Measure(a, b, labRate)
		c.check(err)
		return []flow{{c.direction(1), s}}
	}
}
