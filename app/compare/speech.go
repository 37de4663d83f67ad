package main

import (
	"time"

	"parley/app/compare/stoi"
	"parley/call/impair"
	"parley/devices/soundtest"
	"parley/devices/tone"
)

// eachWay are the pairs in which the first speaks and the second listens.
var eachWay = []pair{{chromium, chromium}, {parley, parley}, {parley, chromium}, {chromium, parley}}

// talk lets the first of a call say something to the second, from two seats like that one, and returns what was said and heard, sample by sample at the same time.
// What is to happen meanwhile begins with the first word.
func (c *call) talk(conditions *impair.Conditions, from seat, samples []int16, meanwhile func()) (said, heard []int16) {
	server := soundtest.Start(c)
	table := server.AddTable(names[0], names[1])
	var seats [2]seat
	for i, name := range names {
		seats[i] = from
		seats[i].sound, seats[i].microphone, seats[i].speaker = server.Env(), "Microphone of "+name, "Speaker of "+name
	}
	c.begin(conditions, seats[:]...)
	const late = 2 * time.Second
	ends := time.Now().Add(lasts(samples) + late)
	table.Talk(names[0], samples)
	meanwhile()
	time.Sleep(time.Until(ends))
	table.Stop()
	return table.Said(names[0]), table.Heard(names[1])
}

// speech tells how well what is said is understood.
func speech(conditions *impair.Conditions) func(*call) []flow {
	return func(c *call) []flow {
		a, b := c.understood(c.talk(conditions, seat{}, spoken(c.harness, c.seconds), func() {}))
		s := sample{"gap": longestGap(a, b)}
		var err error
		s["stoi"], s["estoi"], err = stoi.Measure(a, b, tone.SampleRate)
		c.check(err)
		return []flow{{c.direction(1), s}}
	}
}

// understood returns what was said and what was heard of it, at the same time.
func (c *call) understood(said, heard []int16) (a, b []float64) {
	x, y := floats(said), floats(heard)
	a, b = aligned(x, y, delays(x, y))
	if found(a, b) < 0.2 {
		c.Fatal("what was said is not heard")
	}
	return a, b
}

// speechAroundFall tells for how long nothing is heard of what is said while pictures go along and the path becomes narrow.
func speechAroundFall(c *call) []flow {
	path, from := capped(wide), small
	from.counter = true // Chromium has a camera of its own or devices of the sound server
	a, b := c.understood(c.talk(&path, from, spoken(c.harness, wideFirst+narrowFor), func() {
		time.Sleep(wideFirst)
		path.Rate = narrow
		c.relay.Set(path)
	}))
	fall := int((wideFirst - time.Second).Seconds() * tone.SampleRate)
	if len(a) < 2*fall {
		c.Fatal("little is said after the fall")
	}
	return []flow{{c.direction(1), sample{"gap": longestGap(a[fall:], b[fall:])}}}
}

// lasts is how long samples are heard.
func lasts(samples []int16) time.Duration {
	return time.Duration(len(samples)) * time.Second / tone.SampleRate
}

// mouthToEar tells how late it is heard.
func mouthToEar(c *call) []flow {
	said, heard := c.talk(nil, seat{}, soundtest.Blips(c.seconds, c.seed), func() {})
	var late []float64
	for _, d := range soundtest.Delays(said, heard) {
		if d.Took >= 0 {
			late = append(late, d.Took.Seconds()*1000)
		}
	}
	if len(late) == 0 {
		c.Fatal("nothing of what was said is heard")
	}
	median := quantile(late, 0.5)
	return []flow{{c.direction(1), sample{
		"mouthToEar": median, "mouthToEar95": quantile(late, 0.95), "mouthToEarFirst": late[0], "mouthToEarExcess": late[0] - median,
		"sounds": float64(len(late)),
	}}}
}

// floats returns samples from -1 to 1.
func floats(in []int16) []float64 {
	out := make([]float64, len(in))
	for i, x := range in {
		out[i] = float64(x) / (1 << 15)
	}
	return out
}
