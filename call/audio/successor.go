package audio

import (
	"slices"
	"time"
)

// How one track takes the place of another: a person's connection is built anew, and their sound comes by the old and the new for a while. The old plays
// on until there is sound of the new one, since a jitter buffer takes a moment to fill; then one fades into the other within a block. What they
// play is the same, but not at the same time, for no two paths take equally long: so the change waits a moment for a pause in the speech, where
// it cannot be heard.
const (
	// pauseAwaited is how long that pause is waited for, in samples. The old connection lasts longer.
	pauseAwaited = SampleRate / 5
	// pausePeak is how loud a pause may be, at its loudest sample: -46 dBFS.
	pausePeak = 164
)

// mixPerson adds n samples of a person, those of both channels together, to the sum.
func (m *mixer) mixPerson(r *Receiver, n int, now time.Time) {
	part := m.part[:n]
	sounds := r.pull(part, now)
	if r.former == nil {
		if sounds {
			r.takePlace()
		}
		r.addTo(m.sum[:n], part, 1, 1)
		return
	}
	former := m.former[:n]
	alive := r.former.pull(former, now)
	switch {
	case !sounds, alive && r.awaited < pauseAwaited && peak(former) > pausePeak:
		if sounds {
			r.awaited += n / Channels
		}
		r.former.addTo(m.sum[:n], former, 1, 1)
		r.addTo(m.sum[:n], part, 0, 0)
	default:
		r.former.addTo(m.sum[:n], former, 1, 0)
		r.addTo(m.sum[:n], part, 0, 1)
		r.former = nil
		r.countFromNow()
		r.takePlace()
	}
}

func peak(samples []int16) (peak int) {
	for _, s := range samples {
		peak = max(peak, int(s), -int(s))
	}
	return peak
}

// takePlace tells that there is sound of the receiver, and no other in its place. The mixer's lock is held.
func (r *Receiver) takePlace() {
	if !r.tookPlace {
		r.tookPlace = true
		close(r.inPlace)
	}
}

// countFromNow forgets what was made of the sound while the former was what was heard, and counted it. What came by the path did come.
func (r *Receiver) countFromNow() {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := &r.playout.stats
	*s = ReceiverStats{
		PacketsReceived: s.PacketsReceived, BytesReceived: s.BytesReceived, PacketsDiscarded: s.PacketsDiscarded,
		FECPacketsReceived: s.FECPacketsReceived, FECPacketsDiscarded: s.FECPacketsDiscarded,
	}
	r.meter.restart()
}

// add takes a receiver into the mix. Where former is in it, that plays on until the new one has sound.
func (m *mixer) add(r, former *Receiver) {
	m.mu.Lock()
	defer m.mu.Unlock()
	i := slices.IndexFunc(m.receivers, func(o *Receiver) bool { return former != nil && (o == former || o.former == former) })
	if i < 0 {
		m.receivers = append(m.receivers, r)
		return
	}
	r.former = former
	if other := m.receivers[i]; other == former && former.former != nil {
		r.former, former.former = former.former, nil // which never had sound
	} else if other != former {
		other.former = nil
	}
	m.receivers[i] = r
}

// remove takes a receiver out of the mix. If it was to take the place of another and has not, the other stays.
func (m *mixer) remove(r *Receiver) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i, o := range m.receivers {
		switch {
		case o.former == r:
			o.former = nil
			return
		case o == r && r.former != nil:
			m.receivers[i], r.former = r.former, nil
			return
		case o == r:
			m.receivers = slices.Delete(m.receivers, i, i+1)
			return
		}
	}
}

// take removes everybody, and returns them.
func (m *mixer) take() (all []*Receiver) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range m.receivers {
		all = append(all, r)
		if r.former != nil {
			all = append(all, r.former)
			r.former = nil
		}
	}
	m.receivers = nil
	return all
}
