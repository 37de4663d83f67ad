package congestion

import (
	"math"
	"time"
)

// stretch is some packets that were sent one after the other, and what became of them.
type stretch struct {
	packets, lost    int
	bytes, lostBytes int
	squares          float64       // of the sizes: a few large packets say less than many small ones
	from, to         time.Duration // when the first and the last were sent
	before, upTo     int64         // bytes of all packets before the first, and before the last, whatever is known of those
}

func (s *stretch) add(r *record, ok bool) {
	one := stretch{packets: 1, bytes: r.size, squares: float64(r.size) * float64(r.size), from: r.at, to: r.at, before: r.before, upTo: r.before}
	if !ok {
		one.lost, one.lostBytes = 1, r.size
	}
	s.join(one)
}

// join adds what was sent after it.
func (s *stretch) join(more stretch) {
	if s.packets == 0 {
		s.from, s.before = more.from, more.before
	}
	s.to, s.upTo = more.to, more.upTo
	s.packets, s.lost = s.packets+more.packets, s.lost+more.lost
	s.bytes, s.lostBytes = s.bytes+more.bytes, s.lostBytes+more.lostBytes
	s.squares += more.squares
}

// recall takes back that a packet was lost: it was only late.
func (s *stretch) recall(size int) { s.lost, s.lostBytes = max(0, s.lost-1), max(0, s.lostBytes-size) }

// share returns which part of the bytes was lost, and noise by how much that may be off by chance.
func (s *stretch) share() float64 { return float64(s.lostBytes) / float64(max(s.bytes, 1)) }

func (s *stretch) noise() float64 {
	share := s.share()
	return 2 * math.Sqrt(share*(1-share)*s.squares) / float64(max(s.bytes, 1))
}

// sent returns the rate at which it was sent, and delivered at which it arrived, in bit/s.
func (s *stretch) sent() float64 {
	return float64(8*(s.upTo-s.before)) / max(s.to-s.from, time.Millisecond).Seconds()
}

func (s *stretch) delivered() float64 { return s.sent() * (1 - s.share()) }

// judgeable says whether it is long enough to be judged.
func (s *stretch) judgeable() bool { return s.packets >= lossWindow && s.to-s.from >= lossLeast }
