package main

import (
	"time"

	"parley/app/e2e"
	"parley/call/impair"
)

// pair is who calls whom. The first is in the room before the second comes.
type pair [2]kind

const room = "compare"

// names are those of the sides, in the room and at the relay.
var names = [2]string{"Ann", "Ben"}

// call is one call of a pair. Each measurement makes its own.
type call struct {
	*harness
	files   *files
	seconds time.Duration // how long to measure
	seed    uint64
	pair    pair
	relay   *impair.Relay // nil in a call without one
	sides   [2]side
	moved   [2]movement // of what the sides see
}

// flow is what was measured of one direction, or of one side.
type flow struct {
	column string
	sample sample
}

// direction names what the side with that index receives.
func (c *call) direction(receiver int) string {
	return string(c.pair[1-receiver]) + " → " + string(c.pair[receiver])
}

// begin lets both sides join, through a relay with these conditions if any, and waits until both see and hear each other. One seat is for
// both sides alike.
func (c *call) begin(conditions *impair.Conditions, seats ...seat) {
	_, server := e2e.StartServer(c, "0")
	if conditions != nil {
		relay, err := impair.Listen(impair.Config{Seed: c.seed, Conditions: *conditions})
		c.check(err)
		c.Cleanup(func() { relay.Close() })
		c.relay = relay
	}
	for i, name := range names {
		s := seats[min(i, len(seats)-1)]
		s.server, s.name = server, name
		if c.relay != nil {
			s.relay = &relayAccess{c.relay.Address(), name, c.relay.Password()}
		}
		c.sides[i] = c.sit(c.pair[i], s)
		e2e.Eventually(c, name+" is in the room", func() bool { return c.sides[i].now().State == "joined" })
	}
	e2e.Eventually(c, "both sides see and hear each other", func() bool {
		for _, side := range c.sides {
			l := side.now()
			if seats[0].video && l.video().FramesDecoded == 0 || !seats[0].silent && l.audio().TotalSamplesReceived == 0 {
				return false
			}
		}
		return true
	})
}

// both asks both sides at once.
func (c *call) both() [2]line {
	var lines [2]line
	for i, side := range c.sides {
		lines[i] = side.now()
	}
	return lines
}

// moment is what the relay had done at a time.
type moment struct {
	at    time.Time
	stats [2]impair.Stats // by who sends
}

func (c *call) moment() moment {
	return moment{time.Now(), [2]impair.Stats{c.relay.StatsFrom(names[0]), c.relay.StatsFrom(names[1])}}
}

// watch looks at the relay every 50 ms for that long, and at the pictures about once a second, to see if they stand still.
func (c *call) watch(d time.Duration) []moment {
	all := []moment{c.moment()}
	for i, side := range c.sides {
		c.moved[i] = movement{frames: -1}
		c.moved[i].see(side.last())
	}
	for end := time.Now().Add(d); time.Now().Before(end); {
		time.Sleep(50 * time.Millisecond)
		all = append(all, c.moment())
		if len(all)%20 == 0 {
			for i, side := range c.sides {
				c.moved[i].see(side.last())
			}
		}
	}
	return all
}

// movement is when a picture was last seen to be another.
type movement struct{ frames, at float64 }

func (m *movement) see(l line) {
	if frames := l.video().FramesDecoded; frames != m.frames {
		m.frames, m.at = frames, l.T
	}
}

// rate is the bit/s that passed from a side between two moments.
func rate(from, to moment, sender int) float64 {
	bytes := to.stats[sender].BytesOut - from.stats[sender].BytesOut
	return float64(bytes) * 8 / to.at.Sub(from.at).Seconds()
}

// queue is how long packets of a side waited in the mean between two moments, in ms; false when there were none.
func queue(from, to moment, sender int) (float64, bool) {
	a, b := from.stats[sender], to.stats[sender]
	passed := func(s impair.Stats) uint64 { return s.PacketsIn - s.PacketsBlack - s.PacketsLost - s.PacketsOverflowed }
	n := passed(b) - passed(a)
	if n == 0 {
		return 0, false
	}
	return (b.QueueTotal - a.QueueTotal).Seconds() * 1000 / float64(n), true
}
