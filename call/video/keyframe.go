package video

import (
	"sync"
	"time"
)

// foldFor is the least time between key frames that are made because receivers ask. What they ask in the meantime is met
// by one key frame at its end.
const foldFor = 300 * time.Millisecond

// keyFrameRequests gathers at the sender what receivers ask for. Any goroutine may ask; the sender's goroutine answers.
type keyFrameRequests struct {
	mu     sync.Mutex
	wanted bool
	urgent bool // for a newcomer, who has no picture at all
	last   time.Time
}

func (k *keyFrameRequests) ask(urgent bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.wanted = true
	k.urgent = k.urgent || urgent
}

// due says whether the frame that is encoded now is to be a key frame.
func (k *keyFrameRequests) due(now time.Time) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.wanted && (k.urgent || k.last.IsZero() || now.Sub(k.last) >= foldFor)
}

// made notes that a key frame went out; when says when its encoding began.
func (k *keyFrameRequests) made(when time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.wanted, k.urgent, k.last = false, false, when
}

// How patiently a receiver asks for a key frame.
const (
	askAgainFirst = 500 * time.Millisecond
	askAgainMost  = 4 * time.Second
	askApart      = 200 * time.Millisecond // at the least, also when one loss follows upon another
)

// keyFrameDemand is a receiver's need of a key frame: it asks at once, and again with doubling patience until one comes.
type keyFrameDemand struct {
	needed bool
	next   time.Time // to ask, while needed
	wait   time.Duration
	last   time.Time // asked

	answer int64 // where the key frame is that began to come last
	heard  bool  // and that was not known when it was asked for last: the sender listens
}

// need notes that nothing can be decoded without a key frame.
func (d *keyFrameDemand) need(now time.Time) {
	if d.needed && !d.heard {
		return
	}
	d.needed, d.heard, d.wait, d.next = true, false, askAgainFirst, now
	if earliest := d.last.Add(askApart); earliest.After(now) {
		d.next = earliest
	}
}

// answered notes where the latest key frame is that began to come. Should that one be damaged too, patience need not grow.
func (d *keyFrameDemand) answered(position int64, now time.Time) {
	if d.answer != position {
		d.answer, d.heard = position, true
		d.putOff(now.Add(askAgainFirst)) // it is on its way
	}
}

// putOff has nothing be asked before a time.
func (d *keyFrameDemand) putOff(until time.Time) {
	if d.next.Before(until) {
		d.next = until
	}
}

// due says whether to ask now, and takes it that this is done.
func (d *keyFrameDemand) due(now time.Time) bool {
	if !d.needed || now.Before(d.next) {
		return false
	}
	d.last, d.next = now, now.Add(d.wait)
	d.wait = min(2*d.wait, askAgainMost)
	return true
}

// met notes that a key frame was decoded.
func (d *keyFrameDemand) met() { d.needed = false }
