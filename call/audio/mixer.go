package audio

import (
	"slices"
	"sync"
	"time"
)

// mixer adds up everybody's sound, and this side's own playbacks, for the speaker.
//
// Its lock is held while a block is mixed, which is the decoding of one frame a person at the most (some 50 µs each), and for adding
// and removing a person, which is quicker. So the speaker's thread never waits for long, and for the network or the
// user interface never at all.
type mixer struct {
	mu        sync.Mutex
	receivers []*Receiver
	playbacks []*Playback
	sum       [Channels * BlockSize]float32
	part      [Channels * BlockSize]int16
	former    [Channels * BlockSize]int16
	limiter   limiter
}

// mix fills both channels of out with what is to be heard now. It does not allocate.
func (m *mixer) mix(out []int16, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for len(out) > 0 {
		n := min(len(out), Channels*BlockSize)
		clear(m.sum[:n])
		for _, r := range m.receivers {
			m.mixPerson(r, n, now)
		}
		m.playbacks = slices.DeleteFunc(m.playbacks, func(p *Playback) bool { return !p.mixInto(m.sum[:n]) })
		m.limiter.limit(out[:n], m.sum[:n])
		out = out[n:]
	}
}

// play adds a playback.
func (m *mixer) play(p *Playback) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.playbacks) == maxPlaybacks {
		m.playbacks[0].end(nil)
		m.playbacks = slices.Delete(m.playbacks, 0, 1)
	}
	m.playbacks = append(m.playbacks, p)
}

// endPlaybacks ends those that play, for want of a speaker.
func (m *mixer) endPlaybacks(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range m.playbacks {
		p.end(err)
	}
	clear(m.playbacks)
	m.playbacks = m.playbacks[:0]
}
