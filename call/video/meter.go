package video

import "time"

// rateMeter counts how many frames there were in the last second. The zero value is ready.
type rateMeter struct {
	times [128]time.Time // a ring; more frames a second than this nobody sends
	next  int
}

func (m *rateMeter) add(now time.Time) {
	m.times[m.next] = now
	m.next = (m.next + 1) % len(m.times)
}

// perSecond returns the frames of the second before now.
func (m *rateMeter) perSecond(now time.Time) float64 {
	n := 0
	for _, t := range m.times {
		if !t.IsZero() && now.Sub(t) < time.Second {
			n++
		}
	}
	return float64(n)
}

// freezeMeter finds freezes as the W3C defines them: a picture that stays much longer than the ones before it did.
// https://www.w3.org/TR/webrtc-stats/#dom-rtcinboundrtpstreamstats-freezecount
type freezeMeter struct {
	durations [30]time.Duration // of the last pictures, a ring
	known     int
	last      time.Time // when the latest picture was shown
	count     int
	total     time.Duration
	pauses    int
	paused    time.Duration
	between   time.Duration // sum of all durations
	squared   float64       // sum of their squares, in s²
	stopped   bool          // the sender stopped on purpose since the last picture, as far as is known beside it
}

// pauseTime is how long a picture stays before that is a pause.
// https://www.w3.org/TR/webrtc-stats/#dom-rtcinboundrtpstreamstats-pausecount
const pauseTime = 5 * time.Second

// fewest is how many pictures must have been shown before a freeze is told from an uneven start.
const fewest = 5

// shown notes that a picture is shown now. With paused, the sender had stopped on purpose since the last one.
func (m *freezeMeter) shown(now time.Time, paused bool) {
	last := m.last
	paused = paused || m.stopped
	m.last, m.stopped = now, false
	if last.IsZero() {
		return
	}
	duration := now.Sub(last)
	m.between += duration
	m.squared += duration.Seconds() * duration.Seconds()
	if duration > pauseTime {
		m.pauses++
		m.paused += duration
	}
	if paused {
		return
	}
	if m.known >= fewest {
		n := min(m.known, len(m.durations))
		var sum time.Duration
		for _, d := range m.durations[:n] {
			sum += d
		}
		average := sum / time.Duration(n)
		if duration > max(3*average, average+150*time.Millisecond) {
			m.count++
			m.total += duration
		}
	}
	m.durations[m.known%len(m.durations)] = duration
	m.known++
}

// tell writes down what was found.
func (m *freezeMeter) tell(s *ReceiverStats) {
	s.FreezeCount, s.TotalFreezesDuration = m.count, m.total
	s.PauseCount, s.TotalPausesDuration = m.pauses, m.paused
	s.TotalInterFrameDelay, s.TotalSquaredInterFrameDelay = m.between, m.squared
}
