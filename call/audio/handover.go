package audio

import (
	"sync"
	"time"
)

// Two sessions overlap when a device is replaced, so that no sound is missing: the next is opened before the one before is closed. Each
// junction below is called by both devices' threads, and lets one go over into the other within a block, without a click.

const (
	// patience is how many blocks the next device waits for the one before, which may be dead, to fade out.
	patience = 3
	// linger is how many blocks a speaker plays silence after it faded out, so that what is still on its way in the
	// sound system is heard, and not cut off.
	linger = 5
)

// inlet is where the microphone's blocks come in.
type inlet struct {
	queue *captureQueue

	mu      sync.Mutex // held for the mixing of a block
	current *session   // whose blocks count
	next    *session   // that is to follow
	waiting int        // blocks of next that came so far
	pending [Channels * BlockSize]int16
	mixed   [Channels * BlockSize]int16
	fresh   bool // current comes after nothing
	over    chan struct{}
}

func (j *inlet) swap(next *session) <-chan struct{} {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.next != nil {
		j.finish() // it never came to the fore
	}
	j.over = make(chan struct{})
	if j.next, j.waiting = next, 0; j.current == nil || next == nil {
		j.fresh = true
		j.finish()
	}
	return j.over
}

// finish lets next count. The caller holds the lock.
func (j *inlet) finish() {
	j.current, j.next = j.next, nil
	close(j.over)
}

// put takes a block of a session.
func (j *inlet) put(s *session, samples []int16, captured time.Time, muted bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if s == j.next {
		if j.waiting++; j.waiting <= patience {
			copy(j.pending[:], samples)
			return
		}
		j.finish()
		j.fresh = true
	}
	if s != j.current {
		return
	}
	block := j.mixed[:copy(j.mixed[:], samples)]
	switch {
	case j.fresh:
		fadeBlock(block, 0, 1)
		j.fresh = false
	case j.next != nil && j.waiting > 0:
		fadeBlock(block, 1, 0)
		fadeBlock(j.pending[:], 0, 1)
		for i := range block {
			block[i] += j.pending[i]
		}
		j.finish()
	}
	j.queue.put(block, captured, muted, s.hardware, s.fast.load())
}

// outlet is where the speaker fetches its blocks.
type outlet struct {
	mix func(samples []int16, s *session)

	mu       sync.Mutex // held for the mixing of a block
	current  *session   // that plays
	next     *session   // that is to follow
	leaving  *session   // that has faded out
	waiting  int        // blocks that next asked for so far
	silences int        // blocks that leaving is still to play
	fresh    bool       // current is to fade in
	over     chan struct{}
}

func (j *outlet) swap(next *session) <-chan struct{} {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.next != nil {
		j.advance()
	}
	if j.leaving != nil {
		j.leave()
	}
	j.over = make(chan struct{})
	if j.next, j.waiting = next, 0; j.current == nil || next == nil {
		j.advance()
		close(j.over)
	}
	return j.over
}

// advance lets next play. The caller holds the lock.
func (j *outlet) advance() { j.current, j.next, j.fresh = j.next, nil, true }

// leave says that the session before is not needed any more.
func (j *outlet) leave() {
	j.leaving = nil
	close(j.over)
}

// fill fills a block for a session.
func (j *outlet) fill(s *session, samples []int16) {
	j.mu.Lock()
	defer j.mu.Unlock()
	switch s {
	case j.current:
		j.play(s, samples)
		return
	case j.next:
		if j.waiting++; j.waiting > patience {
			j.advance()
			close(j.over)
			j.play(s, samples)
			return
		}
	case j.leaving:
		if j.silences--; j.silences <= 0 {
			j.leave()
		}
	}
	clear(samples)
}

// play mixes a block for the session that plays. The caller holds the lock.
func (j *outlet) play(s *session, samples []int16) {
	j.mix(samples, s)
	if j.fresh {
		fadeBlock(samples, 0, 1)
		j.fresh = false
	}
	if j.next != nil {
		fadeBlock(samples, 1, 0)
		j.advance()
		j.leaving, j.silences = s, linger
	}
}

// fadeBlock lets a block's volume go from one to the other, evenly.
func fadeBlock(samples []int16, from, to float32) {
	step := (to - from) / float32(max(1, len(samples)))
	for i, s := range samples {
		samples[i] = int16(float32(s) * (from + step*float32(i)))
	}
}
