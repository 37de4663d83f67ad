package video

import "time"

// rung is one step of a ladder: a size, as a fraction of the source's, and a frame rate.
type rung struct {
	num, den int
	fps      int     // 0 is as many as there are
	floor    float64 // of the rate that the size is worth: with less, one goes down to the next rung
}

// cameraLadder goes down in size, with fewer frames as an intermediate step: in front of a camera something moves always. Bit rate is what gives
// way first, on each rung.
var cameraLadder = []rung{
	{1, 1, 0, 0.30},
	{1, 1, 20, 0.255},
	{3, 4, 0, 0.30},
	{3, 4, 20, 0.255},
	{1, 2, 0, 0.30},
	{1, 2, 20, 0.255},
	{3, 8, 0, 0.30},
	{3, 8, 20, 0.255},
	{1, 4, 0, 0.30},
	{1, 4, 15, 0.22},
	{1, 8, 0, 0.30},
	{1, 8, 15, 0.22},
}

// screenLadder gives frames away before anything else: a screen is there to be read.
var screenLadder = []rung{
	{1, 1, 0, 0.50},
	{1, 1, 15, 0.30},
	{1, 1, 10, 0.20},
	{1, 1, 5, 0.10},
	{3, 4, 5, 0.10},
	{1, 2, 5, 0.10},
}

// lowest is how many rows a picture keeps, unless its source has less.
const lowest = 90

// step is a rung for a source of a certain size.
type step struct {
	width, height, fps int
	worth              int // bit/s that full quality takes
	floor              int // bit/s below which the next rung is better
	band               int // which of the layers makes it
}

// steps returns the rungs that a source of that size has, from the top down, in the room that into has.
func steps(into []step, ladder []rung, width, height int) []step {
	for i, r := range ladder {
		s := step{width: scaled(width, r), height: scaled(height, r), fps: r.fps, band: band(r)}
		if i > 0 && r.num < r.den && s.height < lowest {
			break
		}
		full := float64(defaultBitRate(s.width, s.height))
		s.floor = int(full * r.floor)
		s.worth = int(full)
		if r.fps > 0 {
			s.worth = int(full * (0.35 + 0.65*float64(r.fps)/usualRate))
		}
		into = append(into, s)
	}
	return into
}

const usualRate = 30 // frames a second, for which the rates are meant

// scaled returns a side, even where it is not the source's own: chroma has half of it.
func scaled(side int, r rung) int {
	if r.num == r.den {
		return side
	}
	return max(2, side*r.num/r.den&^1)
}

// band returns which layer a size belongs to: sizes down to more than half share one, down to more than a quarter another, and the rest a third.
func band(r rung) int {
	switch {
	case 2*r.num > r.den:
		return 0
	case 4*r.num > r.den:
		return 1
	}
	return 2
}

const (
	climbMargin = 1.25                    // over the floor of a rung, to go up to it
	climbAfter  = 2 * time.Second         // for which that must last,
	climbLater  = 5 * time.Second         // and this long after the last way down
	fallAfter   = 1300 * time.Millisecond // a queue empties sooner
	fallAtOnce  = 0.5                     // of the floor
)

// climber is where one receiver stands on the ladder. It goes down soon, and up slowly.
type climber struct {
	begun     bool
	at        int
	above     time.Time // since when the rung above could be had
	below     time.Time // since when there is too little for this one
	fell      time.Time
	forRate   int // the rung that the rate alone would allow
	forLimits int // the highest that is allowed for other reasons
}

// climb takes notice of the rate that there is and of the highest rung that is allowed for other reasons, and returns the rung.
//
// afresh says that what is sent next is a key frame in any case. Then there is no reason to wait before going down: a key frame of a size that
// the path does not bear is the last thing that it needs.
func (c *climber) climb(now time.Time, all []step, bitRate, highest int, afresh bool) int {
	highest = min(highest, len(all)-1)
	c.at = min(c.at, len(all)-1)
	affordable := func(margin float64) int {
		for i, s := range all {
			if float64(bitRate) >= margin*float64(s.floor) {
				return i
			}
		}
		return len(all) - 1
	}
	c.forLimits = highest
	if !c.begun {
		c.begun, c.forRate = true, affordable(1)
		c.at = max(c.forRate, highest)
		return c.at
	}
	c.fall(now, all, bitRate, affordable(1), afresh)
	c.rise(now, affordable(climbMargin))
	c.at = max(c.forRate, highest)
	return c.at
}

func (c *climber) fall(now time.Time, all []step, bitRate, affordable int, afresh bool) {
	c.forRate = min(c.forRate, len(all)-1)
	floor := all[c.forRate].floor
	if bitRate >= floor {
		c.below = time.Time{}
		return
	}
	if c.below.IsZero() {
		c.below = now
	}
	if afresh || float64(bitRate) < fallAtOnce*float64(floor) || now.Sub(c.below) >= fallAfter {
		c.forRate, c.fell, c.below, c.above = max(c.forRate, affordable), now, time.Time{}, time.Time{}
	}
}

func (c *climber) rise(now time.Time, affordable int) {
	if affordable >= c.forRate {
		c.above = time.Time{}
		return
	}
	if c.above.IsZero() {
		c.above = now
	}
	if now.Sub(c.above) >= climbAfter && (c.fell.IsZero() || now.Sub(c.fell) >= climbLater) {
		c.forRate, c.above = affordable, time.Time{}
	}
}
