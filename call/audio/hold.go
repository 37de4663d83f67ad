package audio

import "time"

const (
	// longestHold is what a picture may bring about: as much as the longest delay of one.
	longestHold = 450 * time.Millisecond
	// holdStep is the least change of what a sound waits for that is worth a change of the sound.
	holdStep = 5 * time.Millisecond
	// absurdHold is more than a picture is ever late.
	absurdHold = 3 * time.Second
	// holdLasts is how long a sound waits for a picture of which nothing was said since.
	holdLasts = 2 * time.Second
)

// HoldUntil makes the person's sound wait until the sample of that RTP timestamp is heard at that time, where the network calls for less: for the sake of
// a picture that comes later. It is to be said again and again, is bounded to 450 ms over the fastest packets, and void where it is absurd or the time is
// zero. The sound gets there smoothly, by some 80 ms a second, and at once in a pause. Any goroutine may call it.
func (r *Receiver) HoldUntil(timestamp uint32, at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	b := &r.playout.buffer
	b.arrivals.hold(b.timestamp(timestamp), at, time.Now())
}

// hold makes the target so long that the sample of the unwrapped timestamp ts is heard at that time.
func (a *arrivals) hold(ts int64, at, now time.Time) {
	wait := time.Duration(0)
	if !at.IsZero() && a.measured {
		wait = max(0, a.lateness(ts, at))
	}
	if wait > absurdHold {
		wait = 0
	}
	wait = min(wait, longestHold)
	if a.heldAt = now; wait == 0 || (wait-a.minimum).Abs() >= holdStep {
		a.minimum = wait
	}
}

// letGo ends a hold that nothing was said of for long.
func (a *arrivals) letGo(now time.Time) {
	if now.Sub(a.heldAt) > holdLasts {
		a.minimum = 0
	}
}
