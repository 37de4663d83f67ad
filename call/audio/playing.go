package audio

import "time"

const (
	// sameGulp is the time within which blocks are taken to be asked for at once by a speaker that plays them one after the other.
	sameGulp = blockTime / 2
	// heardFor is how long after the last sound it is still said where the sound would be.
	heardFor = 2 * time.Second
)

// heard remembers which sample of a person went to the speaker last, for pictures to be shown in step.
type heard struct {
	known bool
	stamp uint32 // RTP timestamp
	at    time.Time
}

// note says that at now a block began with the sample of that timestamp.
func (h *heard) note(stamp uint32, now time.Time) {
	if h.known && now.Sub(h.at) < sameGulp {
		return
	}
	*h = heard{known: true, stamp: stamp, at: now}
}

// stampAt goes on from what was heard last, as a speaker does.
func (h *heard) stampAt(now time.Time) (uint32, bool) {
	since := now.Sub(h.at)
	if !h.known || since > heardFor || since < -heardFor {
		return 0, false
	}
	return h.stamp + uint32(toSamples(since)), true
}

// Playing returns the RTP timestamp, as the person's own clock stamped it at 48 kHz, of the sample that goes to the speaker at now;
// what the speaker itself holds back is not known here. It is false before the first sound, and from two seconds after the last: then there is
// nothing that a picture could be in step with. Any goroutine may call it.
func (r *Receiver) Playing(now time.Time) (timestamp uint32, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.playout.playingAt(now)
}

// playingAt tells likewise; in a pause, of the sample that would be played if the person went on talking, since that is how late they are heard next.
func (p *playout) playingAt(now time.Time) (stamp uint32, ok bool) {
	stamp, ok = p.heardLast.stampAt(now)
	if a := &p.buffer.arrivals; ok && p.paused && a.measured {
		stamp = p.buffer.stamp(toSamples(now.Sub(a.epoch) - a.least() - a.target()))
	}
	return stamp, ok
}
