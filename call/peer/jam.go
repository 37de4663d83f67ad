package peer

import "time"

// jam is a queue that has come about on the way from the peer: that has become narrower than the peer knows, and the sound waits in the queue, or is lost when
// that is full. Each packet is later than the one before. Where a machine or a radio stood still it is the other way round: what gathered comes at
// once, and the first is the latest. Where the way passes as much as it did, there is a queue for a large picture, or because a machine stood still on the
// far side of the narrowest link: it goes by itself.
//
// The peer is told at once what the way bears, less what it takes to empty the queue (REMB,
// https://datatracker.ietf.org/doc/html/draft-alvestrand-rmcat-remb-03), and after a while that there is no such limit: by then it has found out by itself. It
// is not told what was lost, which Chromium would send again at once, twice as much as the way bears. Nor does a receiver of pictures ask for
// anything meanwhile: see [Conn.Jammed].
type jam struct {
	on      bool
	late    time.Duration // that the latest packet was
	rising  int           // packets that were later than the one before, with none between that was earlier
	since   time.Time     // the first of them came
	first   time.Duration // late that it was
	bytes   int           // that came since
	came    time.Time     // the latest packet
	longest pause
	until   time.Time // it was on
	carried float64   // bit/s, meanwhile
	lost    int       // packets that were, so that a key frame is needed
}

// pause is the time between two packets, the second of which had so many bytes.
type pause struct {
	lasted time.Duration
	bytes  int
}

const (
	jamPackets = 3
	jamSteep   = 60 * time.Millisecond  // late, where packets come at less than a third of the rate at which they are sent
	jamAnyway  = 120 * time.Millisecond // late, where it may be a burst, as of a key frame
	jamOver    = 40 * time.Millisecond
	jamStep    = 5 * time.Millisecond // later than the packet before: less is what packets of one picture take that come at once
	jamJitter  = time.Millisecond     // earlier than the packet before, which is still no shorter queue
	jamLess    = 0.7                  // of what came of late, which the way passes: with more a browser gets by

	// jamMost is for how long it is one: what is full for longer is full of what others send.
	jamMost = 3 * time.Second

	// What the peer is told, as a part of what the way bears. A browser sends what waits in itself at 2.5 times what it is told.
	jamGrows   = 0.4 // while the queue grows or is deep
	jamShrinks = 0.7
	jamAfter   = 0.45 // for a while, where a key frame is needed, which is large,
	jamWhole   = 0.9  // and where none is
	jamDeep    = 100 * time.Millisecond
	jamKeeps   = 2500 * time.Millisecond
)

// note takes it that a packet of so many bytes came that late, where usual bit/s came of late at the most, 0 if that is not known, and says whether a
// jam begins with it.
func (j *jam) note(late time.Duration, size int, usual float64, now time.Time) (begins bool) {
	switch {
	case late < j.late-jamJitter, late < freeWay:
		j.rising = 0
	case late > j.late+jamStep:
		j.rising++
	}
	j.late = late
	if !j.on && j.rising == 0 {
		j.begin(now)
		return false
	}
	j.bytes += size
	if p := (pause{now.Sub(j.came), size}); p.lasted > j.longest.lasted {
		j.longest = p
	}
	j.came = now
	if !j.on {
		deep := late >= jamSteep && j.steep(now) || late >= jamAnyway
		j.on = j.rising >= jamPackets && deep && (usual == 0 || j.bears() < jamLess*usual)
		if j.on && now.Sub(j.until) >= jamKeeps {
			j.lost = 0
		}
		return j.on
	}
	if late < jamOver || now.Sub(j.since) > jamMost {
		*j = jam{late: late, until: now, carried: j.bears(), lost: j.lost}
		j.begin(now)
	}
	return false
}

// begin takes the latest packet for the last that came before a queue.
func (j *jam) begin(now time.Time) {
	j.since, j.came, j.first, j.bytes, j.longest = now, now, j.late, 0, pause{}
}

// miss takes it that so many packets more than before are missing, or fewer: some come late, since each stream is read by itself.
func (j *jam) miss(more int) {
	if j.on || more < 0 {
		j.lost = max(0, j.lost+more)
	}
}

// steep says whether packets come at less than a third of the rate at which they are sent.
func (j *jam) steep(now time.Time) bool {
	came, later := now.Sub(j.since), j.late-j.first
	return 3*(came-later) < came
}

// bears returns what came in the mean since the beginning, in bit/s. The longest pause does not count, in which something may have stood still.
func (j *jam) bears() float64 {
	lasted := j.came.Sub(j.since) - j.longest.lasted
	return float64(8*(j.bytes-j.longest.bytes)) / max(lasted, time.Millisecond).Seconds()
}

// grows says whether the queue grows or is deep.
func (j *jam) grows() bool { return j.on && (j.rising > 0 || j.late > jamDeep) }

// ceiling returns what the peer is to be told now that it may send at the most, in bit/s; false is nothing.
func (j *jam) ceiling(now time.Time) (bitRate float64, ok bool) {
	switch ended := now.Sub(j.until); {
	case j.grows():
		return jamGrows * j.bears(), true
	case j.on:
		return jamShrinks * j.bears(), true
	case j.until.IsZero() || ended >= jamKeeps+ceilingEnds:
		return 0, false
	case ended < jamKeeps && j.lost > 0:
		return jamAfter * j.carried, true
	case ended < jamKeeps:
		return jamWhole * j.carried, true
	}
	return ceilingNone, true
}
