package audio

import "time"

// SetMinimumDelay makes the person's sound wait for at least d, where the network calls for less: for the sake of a picture that comes
// later. It is measured over the fastest packets, from 0, which is none, to 400 ms; what is out of that is taken for the nearest. The sound
// gets there smoothly, by some 50 ms a second. Any goroutine may call it.
func (r *Receiver) SetMinimumDelay(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.playout.buffer.arrivals.minimum = min(maxTarget, max(0, d))
}
