package audio

import (
	"slices"
	"sync"
	"time"
)

// mixer adds up everybody's sound for the speaker.
//
// Its lock is held while a block is mixed, which is the decoding of one frame a person at the most (some 50 µs each), and for adding
// and removing a person, which is quicker. So the speaker's thread never waits for long, and for the network or the
// user interface never at all.
type mixer struct {
	mu        sync.Mutex
	receivers []*Receiver
	sum       [BlockSize]float32
	part      [BlockSize]int16
	limiter   limiter
}

// mix fills out with what is to be heard now. It does not allocate.
func (m *mixer) mix(out []int16, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for len(out) > 0 {
		n := min(len(out), BlockSize)
		clear(m.sum[:n])
		for _, r := range m.receivers {
			r.mixInto(m.sum[:n], m.part[:n], now)
		}
		m.limiter.limit(out[:n], m.sum[:n])
		out = out[n:]
	}
}

func (m *mixer) add(r *Receiver) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.receivers = append(m.receivers, r)
}

func (m *mixer) remove(r *Receiver) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if i := slices.Index(m.receivers, r); i >= 0 {
		m.receivers = slices.Delete(m.receivers, i, i+1)
	}
}

// take removes everybody, and returns them.
func (m *mixer) take() []*Receiver {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := m.receivers
	m.receivers = nil
	return all
}
