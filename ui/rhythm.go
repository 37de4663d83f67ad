package ui

import (
	"sync/atomic"
	"time"
)

const (
	// longestWait is the most by which a paint is put off for a picture that is about to come: half of the time between two.
	longestWait = 8 * time.Millisecond
	// lateness is by how much a picture may come later than foretold and still be waited for.
	lateness = 3 * time.Millisecond
)

// rhythm foretells when the next picture of a video comes. The zero value foretells nothing yet.
type rhythm struct {
	last   time.Time // of the goroutine that brings the pictures
	period time.Duration
	next   atomic.Int64 // in ns since 1970; 0 is not known
}

// beat takes note of a picture. One goroutine calls it.
func (r *rhythm) beat(now time.Time) {
	between := now.Sub(r.last)
	r.last = now
	switch {
	case between > lively:
		r.period = 0
		r.next.Store(0)
		return
	case r.period == 0:
		r.period = between
	default:
		r.period += (between - r.period) / 8
	}
	r.next.Store(now.Add(r.period).UnixNano())
}

// wait returns how long to wait for the next picture from now on, and 0 where it is not about to come. Any goroutine may ask.
func (r *rhythm) wait(now time.Time) time.Duration {
	ahead := time.Unix(0, r.next.Load()).Sub(now)
	if ahead > longestWait || ahead <= -lateness {
		return 0
	}
	return min(ahead+lateness, longestWait)
}
