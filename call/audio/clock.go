package audio

import (
	"math"
	"slices"
	"sync/atomic"
	"time"
)

const (
	clockWindow = time.Second            // in which the block that was least late counts
	clockPoints = 60                     // such windows that are remembered
	clockLeast  = 6                      // of them, before anything is said
	clockGap    = 200 * time.Millisecond // later than that, a device has stood still and its count starts anew
	clockWrong  = 2000e-6                // no clock is more wrong than that, and what seems so is something else
)

// clock finds out by how much a device's clock is fast, from when its blocks come. They come late by chance, but never early: how late
// the least late of each second is, against the count of samples, changes only with the clock. The median of many slopes
// leaves out what the device lost or gained at once (Theil and Sen's estimator). The zero value is ready.
type clock struct {
	began   time.Time // zero: no block came yet
	samples int64     // since
	until   time.Time // the window's end
	least   float64   // seconds that the least late block of the window was late

	late   [clockPoints]float64 // of the windows before, the oldest first
	n      int
	slopes [clockPoints]float64
	fast   float64 // by how much, as a share
}

// add says that so many samples were there at now.
func (c *clock) add(samples int, now time.Time) {
	if c.began.IsZero() {
		*c = clock{began: now, until: now.Add(clockWindow)}
		return
	}
	c.samples += int64(samples)
	late := now.Sub(c.began).Seconds() - float64(c.samples)/SampleRate
	switch {
	case c.n > 0 && math.Abs(late-c.late[c.n-1]) > clockGap.Seconds():
		*c = clock{began: now, until: now.Add(clockWindow), fast: c.fast}
	case now.Before(c.until):
		c.least = min(c.least, late)
	default:
		c.note(c.least)
		c.least, c.until = late, c.until.Add(clockWindow)
	}
}

// note takes in how late the least late block of a window was.
func (c *clock) note(late float64) {
	if c.n == clockPoints {
		c.n = copy(c.late[:], c.late[1:])
	}
	c.late[c.n] = late
	c.n++
	if c.n < clockLeast {
		return
	}
	across := max(2, c.n/4) // few slopes lie across a moment at which something was lost
	slopes := c.slopes[:c.n-across]
	for i := range slopes {
		slopes[i] = (c.late[i] - c.late[i+across]) / (float64(across) * clockWindow.Seconds())
	}
	slices.Sort(slopes)
	if fast := slopes[len(slopes)/2]; math.Abs(fast) < clockWrong {
		c.fast = fast
	}
}

// share is a number that one thread tells others: by how much a clock is fast.
type share struct{ bits atomic.Uint64 }

func (s *share) store(x float64) { s.bits.Store(math.Float64bits(x)) }
func (s *share) load() float64   { return math.Float64frombits(s.bits.Load()) }
