package congestion

import "time"

// lived is a clock that does not go on while this machine stands still: what was due then, reports above all, is not late, it just has not been
// read yet. Who uses a controller asks it for its State each 50 ms at the least, so that a longer pause is one of the machine.
type lived struct {
	begun bool
	last  time.Duration // when the controller was last called
	stood time.Duration // for which the machine has stood still so far
}

const (
	stoodFrom = 80 * time.Millisecond // between two calls
	stoodLess = 20 * time.Millisecond // of that would have been in any case
)

// at returns how long the machine has lived, at that time since the beginning.
func (l *lived) at(now time.Duration) time.Duration {
	if gap := now - l.last; l.begun && gap > stoodFrom {
		l.stood += gap - stoodLess
	}
	l.begun, l.last = true, max(l.last, now)
	return now - l.stood
}

// surge follows packets that came late one after the other. A path that has become narrow lets them go one by one, at its rate. A machine that stood
// still, the peer's or a radio on the way, lets go at once of all that gathered meanwhile, and then bears what it did before.
type surge struct {
	begun  bool // there is a packet to compare with
	open   bool
	first  time.Duration // when the first arrived, by the peer's clock
	last   time.Duration
	delay  time.Duration // of the last
	bytes  int           // after the first
	told   time.Duration // when it was first told of, by this side's
	queue  time.Duration // that it seemed to be, while too little is known
	sent   float64       // bit/s that were sent before it
	atOnce bool          // it came much faster
}

const (
	surgeStep  = 60 * time.Millisecond  // by so much longer than the packet before it took the first of a surge
	surgeRate  = 2.0                    // times what is sent is more than a path carries that is too narrow for it
	surgeLeast = 10 * time.Millisecond  // over which that is measured: streams are read side by side
	surgeKnown = 30 * time.Millisecond  // within which it is not known yet, nor
	surgeBytes = 1500                   // from less,
	surgeWait  = 120 * time.Millisecond // and waited for so long
)

// add notes at now that a packet arrived, when and how long after it was sent by the peer's clock, and says whether it is the first of a surge.
func (s *surge) add(now, at, delay time.Duration, size int) (begins bool) {
	switch {
	case !s.begun:
		s.begun = true
	case s.open && at < s.first-surgeLeast: // it was overtaken, and so stood in no queue
		s.open = false
	case delay > s.delay+surgeStep:
		*s, begins = surge{begun: true, open: true, first: at, last: at, told: now}, true
	case s.open:
		s.last = max(s.last, at)
		s.bytes += size
		s.atOnce = s.atOnce || s.bytes >= surgeBytes && s.rate() >= surgeRate*s.sent
	}
	s.delay = delay
	return begins
}

// rate returns how fast its packets arrived, in bit/s.
func (s *surge) rate() float64 { return float64(8*s.bytes) / max(surgeLeast, s.last-s.first).Seconds() }

// fresh says whether it was a moment ago.
func (s *surge) fresh(now time.Duration) bool { return s.open && now-s.told <= surgeWait }

// letGo says whether what is told of at that time had waited for a machine, not for its turn on a path that is too narrow for what is sent.
func (s *surge) letGo(now time.Duration) bool { return s.atOnce && s.fresh(now) }

// known says whether there was enough of it to tell that.
func (s *surge) known() bool { return s.last-s.first >= surgeKnown && s.bytes >= surgeBytes }
