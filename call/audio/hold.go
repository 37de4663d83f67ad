package audio

import "time"

const (
	// longestHold is the most that a picture may bring about.
	longestHold = 450 * time.Millisecond
	// holdStep is the least change of what a sound waits for that is worth a change of the sound.
	holdStep = 5 * time.Millisecond
	// absurdHold is more than a picture is ever late.
	absurdHold = 3 * time.Second
	// holdLasts is how long a sound waits for a picture of which nothing was said since.
	holdLasts = 2 * time.Second
	// holdEases is how many times as long as it a hold takes to go.
	holdEases = 10
)

// HoldUntil makes the person's sound wait until the sample of that RTP timestamp is heard at that time, where the network calls for less: for the sake of
// a picture that comes later. It is to be said again and again, is bounded to 450 ms over the fastest packets, and void where it is absurd or the time is
// zero. The sound gets there smoothly, by some 50 ms a second, and sooner in a pause. Any goroutine may call it.
func (r *Receiver) HoldUntil(timestamp uint32, at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	b := &r.playout.buffer
	b.arrivals.hold(b.timestamp(timestamp), at, time.Now())
}

// hold makes the target so long that the sample of the unwrapped timestamp ts is heard at that time.
func (a *arrivals) hold(ts int64, at, now time.Time) {
	a.wish, a.heldAt = 0, now
	if at.IsZero() || !a.measured {
		return
	}
	if wait := a.lateness(ts, at); wait <= absurdHold {
		a.wish = min(max(0, wait), longestHold)
	}
	if a.wish >= a.minimum+holdStep {
		a.minimum = a.wish
	}
}

// ease lets go of what is not called for any more, as fast as a picture is held less: were it gone at once, the sound that waits would be left out, as after
// an outage.
func (a *arrivals) ease(now time.Time) {
	if now.Sub(a.heldAt) > holdLasts {
		a.wish = 0
	}
	a.minimum = max(min(a.wish, a.minimum), a.minimum-now.Sub(a.eased)/holdEases)
	a.eased = now
}
