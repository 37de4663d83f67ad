package main

import (
	"math"
	"math/rand/v2"
	"time"

	"parley/call/impair"
)

// weather says how a path is now, and for how long.
type weather func(luck *rand.Rand) (impair.Conditions, time.Duration)

const roughFor = 30 * time.Second

// rough is a call on a path that changes by itself all the time, both ways at once, in each run alike for all pairs.
func rough(begin func() weather) func(*call) []flow {
	return func(c *call) []flow {
		luck, next := rand.New(rand.NewPCG(c.seed, 7)), begin()
		path, lasts := next(luck)
		c.begin(&path, small)
		time.Sleep(settle)
		stop, stopped := make(chan struct{}), make(chan struct{})
		defer func() {
			close(stop)
			<-stopped
		}()
		go func() {
			defer close(stopped)
			for {
				select {
				case <-stop:
					return
				case <-time.After(lasts):
					path, lasts = next(luck)
					c.relay.Set(path)
				}
			}
		}()
		before := c.both()
		moments := c.watch(roughFor)
		after := c.both()
		var flows []flow
		for receiver := range c.sides {
			all := c.watched(receiver, before[receiver], after[receiver], true)
			used(all, moments, 1-receiver, 0)
			flows = append(flows, flow{c.direction(receiver), all})
		}
		return flows
	}
}

// gaps is a radio that is silent for a moment every few seconds, as one is that looks for a better station.
func gaps() weather {
	silent := true
	return func(luck *rand.Rand) (impair.Conditions, time.Duration) {
		path := far
		if silent = !silent; silent {
			path.Black = true
			return path, time.Duration(50+luck.IntN(250)) * time.Millisecond
		}
		return path, time.Duration(1000+luck.IntN(4000)) * time.Millisecond
	}
}

// wandering is a path as a phone has that moves about: each second or so its rate is another, and much may wait.
func wandering() weather {
	lowest, highest := math.Log(100_000), math.Log(wide)
	rate := highest
	return func(luck *rand.Rand) (impair.Conditions, time.Duration) {
		path := capped(int(math.Exp(rate)))
		path.Queue = 600 * time.Millisecond
		rate = min(max(rate+0.8*luck.NormFloat64(), lowest), highest)
		return path, time.Duration(500+luck.IntN(1500)) * time.Millisecond
	}
}

// besideDownload is a path that a download shares from soon on.
func besideDownload() weather {
	path := capped(wide)
	return func(*rand.Rand) (impair.Conditions, time.Duration) {
		now := path
		path.Download = true
		return now, settle
	}
}
