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

// talk lets the first of a call without pictures say something to the second, and returns what was said and heard, sample by sample at
// the same time.
func (c *call) talk(conditions *impair.Conditions, samples []int16) (said, heard []int16) {
	server := soundtest.Start(c)
	table := server.AddTable(names[0], names[1])
	var seats [2]seat
	for i, name := range names {
		seats[i] = seat{
			sound: server.Env(), microphone: "Microphone of " + name, speaker: "Speaker of " + name,
		}
	}
	c.begin(conditions, seats[:]...)
	table.Talk(names[0], samples)
	const late = 2 * time.Second
	time.Sleep(time.Duration(len(samples))*time.Second/tone.SampleRate + late)
	table.Stop()
	return table.Said(names[0]), table.Heard(names[1])
}

// speech tells how well what is said is understood.
func speech(conditions *impair.Conditions) func(*call) []flow {
	return func(c *call) []flow {
		s16, h16 := c.talk(conditions, spoken(c.harness, c.seconds))
		said, heard := floats(s16), floats(h16)
		a, b := aligned(said, heard, delays(said, heard))
		if found(a, b) < 0.2 {
			c.Fatal("what was said is not heard")
		}
		s := sample{"gap": longestGap(a, b)}
		var err error
		s["stoi"], s["estoi"], err = stoi.Measure(a, b, tone.SampleRate)
		c.check(err)
		return []flow{{c.direction(1), s}}
	}
}

// mouthToEar tells how late it is heard.
func mouthToEar(c *call) []flow {
	said, heard := c.talk(nil, soundtest.Blips(c.seconds, c.seed))
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
