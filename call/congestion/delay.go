package congestion

import "time"

// What counts as a queue.
const (
	queueTolerated = 20 * time.Millisecond // up to here the rate may grow
	queueTooLong   = 45 * time.Millisecond // from here on it falls
	queueRising    = 25 * time.Millisecond // and already from here when it grew by risingBy within risingFor
	risingBy       = 15 * time.Millisecond
	risingFor      = 350 * time.Millisecond
	queueJump      = 60 * time.Millisecond // in the last report alone
	queueDeep      = 100 * time.Millisecond
	queueMoves     = 15 * time.Millisecond // that it became longer or shorter by, to be seen in one report

	standing = 150 * time.Millisecond // over which the smallest delay is taken, at the least,
	enough   = 16                     // and of so many packets: of fewer, all may be late that jitter makes so
	basePart = 8 * time.Second        // the smallest delay of all is that of the last one to two such parts
)

// queueMeter estimates for how long packets wait in a queue on the path: the smallest one-way delay of the last moments, over the smallest
// of a longer time. Clocks of the two sides may differ by anything, and drift.
type queueMeter struct {
	reports [32]delaySample // a ring
	n       int
	base    time.Duration // the smallest delay of this part and the one before
	before  time.Duration // of the part before
	part    time.Duration // when this part began
	current time.Duration // the queue
	latest  time.Duration // by the last report alone
	rises   bool
	falls   bool // by the last report alone
	kept    bool // the smallest delay is, however long ago it was
}

// delaySample is the smallest delay in one report, and of how many packets.
type delaySample struct {
	at, least time.Duration
	packets   int
}

// add notes the smallest one-way delay of the packets of one report that came at that time.
func (q *queueMeter) add(now, least time.Duration, packets int) {
	if q.n == 0 {
		q.base, q.before, q.part = least, least, now
	}
	q.falls = q.n > 0 && least <= q.least(now, standing)-queueMoves
	q.reports[q.n%len(q.reports)] = delaySample{now, least, packets}
	q.n++
	recent := q.least(now, standing)
	if now-q.part >= basePart && !q.kept {
		q.before, q.base, q.part = q.base, recent, now
	}
	q.base = min(q.base, least)
	q.current = q.over(recent)
	q.latest = q.over(least)
	q.rises = q.current >= queueRising && q.current-q.was(now-risingFor) >= risingBy
}

// least returns the smallest delay of the reports of that time before now, of two and of enough packets at the least: one report may cover one frame.
func (q *queueMeter) least(now, window time.Duration) time.Duration {
	last := q.reports[(q.n-1)%len(q.reports)]
	smallest, packets := last.least, last.packets
	for i := 2; i <= min(q.n, len(q.reports)); i++ {
		s := q.reports[(q.n-i)%len(q.reports)]
		if i > 2 && now-s.at > window && packets >= enough {
			break
		}
		smallest = min(smallest, s.least)
		packets += s.packets
	}
	return smallest
}

// was returns the queue at that time, as far back as is known, for the comparison with the present.
func (q *queueMeter) was(at time.Duration) time.Duration {
	smallest := q.reports[(q.n-1)%len(q.reports)].least
	for i := 1; i <= min(q.n, len(q.reports)); i++ {
		s := q.reports[(q.n-i)%len(q.reports)]
		smallest = min(smallest, s.least)
		if s.at <= at {
			break
		}
	}
	return q.over(smallest)
}

// over returns by how much a delay is longer than that without a queue.
func (q *queueMeter) over(delay time.Duration) time.Duration { return delay - min(q.base, q.before) }

func (q *queueMeter) tooLong() bool { return q.current >= queueTooLong || q.rises }

// jumped says whether even the fastest packet of the last report had to wait long, and longer than those of just before.
func (q *queueMeter) jumped() bool { return q.latest >= queueJump && q.latest > q.current+queueMoves }

// empties says whether the queue becomes shorter, fast enough to be left to it.
func (q *queueMeter) empties() bool { return q.falls }

func (q *queueMeter) empty() bool { return q.current <= queueTolerated }

// rebase takes that delay for one without a queue: the path has become longer.
func (q *queueMeter) rebase(now, delay time.Duration) {
	q.base, q.before, q.part, q.current, q.rises = delay, delay, now, 0, false
	q.latest, q.falls = 0, false
}
