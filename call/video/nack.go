package video

import (
	"math"
	"slices"
	"time"
)

// nackList knows which packets are missing and when to ask for each of them again. It has no clock, and belongs to the
// buffer.
//
// A packet that is missing may only be late, so nothing is asked for before others would have been overtaken by as much
// as packets on this path were of late. A request or its answer may get lost as well: then it is asked again after a
// round trip. Where much is lost, requests go out twice or three times in a round trip, and each message repeats what was asked before,
// which costs four bytes; senders answer the same request once in a round trip. One that answers each of them gives itself away by
// packets that come twice, and is asked with patience from then on.
type nackList struct {
	missing []missingPacket // by position; at most maxMissing
	trip    roundTrip
	delay   reordering
	loss    float64 // share of the packets of late, 0 to 1
	known   int     // packets that this is known from, up to lossMemory
	twice   float64 // share of the repairs of late that were there already
}

// missingPacket is one that others have overtaken.
type missingPacket struct {
	position int64
	noticed  time.Time
	first    time.Time // asked
	last     time.Time
	asks     int
}

const (
	// maxMissing is in packets. More are missing after an outage only, and a key frame is smaller than they are.
	maxMissing = 256
	// maxAsks is for one packet. It is never reached before the packet is given up, unless requests go out for nothing.
	maxAsks = 16
	// maxBundle is in packets, asked for in one message: 4 bytes each at the worst, and a message has to fit a packet.
	maxBundle = 128

	lossy         = 0.02                  // loss from which on requests are repeated
	veryLossy     = 0.12                  // from which on once more
	answeredTwice = 0.3                   // share from which on they are not
	repeatAfter   = 20 * time.Millisecond // within one message
	lossMemory    = 256                   // packets
	lossDoubt     = 64                    // packets; before there were as many, the others are taken not to have been lost
	twiceMemory   = 1.0 / 16              // weight of one repair
)

// lost notes that packets from position on, up to but not including end, were overtaken. False: they are too many.
func (l *nackList) lost(position, end int64, now time.Time) bool {
	if int(end-position)+len(l.missing) > maxMissing {
		return false
	}
	for ; position < end; position++ {
		l.missing = append(l.missing, missingPacket{position: position, noticed: now})
		l.learn(1)
	}
	return true
}

// came notes a packet that was the newest when it came.
func (l *nackList) came() { l.learn(0) }

// learn takes one more packet, 1 for lost, into the loss.
func (l *nackList) learn(lost float64) {
	l.known = min(l.known+1, lossMemory)
	l.loss += (lost - l.loss) / float64(max(l.known, lossDoubt))
}

// filled notes that a packet came that others had overtaken, and returns whether that is because it was asked for. Else it was
// late by itself.
func (l *nackList) filled(position int64, repair bool, now time.Time) bool {
	i, found := l.find(position)
	if !found {
		return repair
	}
	m := l.missing[i]
	l.missing = slices.Delete(l.missing, i, i+1)
	// Without RTX a repair looks like the packet that was lost; it is told by its time.
	if !repair && m.asks > 0 && now.Sub(m.first) >= l.trip.estimate()*3/4 {
		repair = true
	}
	if !repair {
		l.delay.overtaken(max(now.Sub(m.noticed), 1))
		l.loss = max(0, l.loss-1.0/lossMemory)
		return false
	}
	if m.asks > 0 {
		l.trip.note(now.Sub(m.first))
	}
	l.delay.overtaken(0)
	l.twice -= l.twice * twiceMemory
	return true
}

// again notes a repair of a packet that had come before.
func (l *nackList) again() { l.twice += (1 - l.twice) * twiceMemory }

func (l *nackList) find(position int64) (int, bool) {
	return slices.BinarySearchFunc(l.missing, position, func(m missingPacket, p int64) int { return int(m.position - p) })
}

// giveUp forgets all that is missing before position.
func (l *nackList) giveUp(position int64) {
	i, _ := l.find(position)
	l.missing = slices.Delete(l.missing, 0, i)
}

// noticed returns since when the packet at that position is known to be missing; zero where it is not in the list.
func (l *nackList) noticed(position int64) time.Time {
	if i, found := l.find(position); found {
		return l.missing[i].noticed
	}
	return time.Time{}
}

// eager says whether to ask more than once in a round trip.
func (l *nackList) eager() bool { return l.loss >= lossy && l.twice < answeredTwice }

// when returns the time to ask for m.
func (l *nackList) when(m *missingPacket) time.Time {
	switch {
	case m.asks == 0:
		return m.noticed.Add(l.delay.estimate())
	case l.eager():
		times := time.Duration(2) // in a round trip
		if l.loss >= veryLossy {
			times = 3
		}
		return m.last.Add(max(l.trip.patient()/times, repeatAfter))
	}
	return m.last.Add(l.trip.patient())
}

// due appends the numbers of the packets that are to be asked for now to ask, in order, and takes it that this is done.
func (l *nackList) due(now time.Time, ask []uint16) []uint16 {
	if next := l.next(); next.IsZero() || next.After(now) {
		return ask
	}
	repeat := l.eager()
	for i := range l.missing {
		m := &l.missing[i]
		if m.asks >= maxAsks {
			continue
		}
		if l.when(m).After(now) && (!repeat || m.asks == 0 || now.Sub(m.last) < repeatAfter) {
			continue
		}
		if m.asks == 0 {
			m.first = now
		}
		m.last = now
		m.asks++
		if ask = append(ask, uint16(m.position)); len(ask) == maxBundle {
			break
		}
	}
	return ask
}

// next returns when something has to be asked for; zero for never.
func (l *nackList) next() time.Time {
	var next time.Time
	for i := range l.missing {
		if m := &l.missing[i]; m.asks < maxAsks {
			if t := l.when(m); next.IsZero() || t.Before(next) {
				next = t
			}
		}
	}
	return next
}

// expects says whether a repair may come at any moment.
func (l *nackList) expects(now time.Time) bool {
	for i := range l.missing {
		if m := &l.missing[i]; m.asks > 0 && now.Sub(m.first) >= l.trip.estimate()/2 {
			return true
		}
	}
	return false
}

// How long a repair is waited for before a key frame is asked for as well. It depends on the round trip.
const (
	rounds       = 5 // as many requests or answers in a row are lost once in 3,000 times at 20 % loss
	leastRepair  = 150 * time.Millisecond
	longestRound = 120 * time.Millisecond // where a round takes longer, a key frame comes sooner than the last of them
)

// worth is how long to wait for a packet since it was noticed missing.
func (l *nackList) worth() time.Duration {
	return max(leastRepair, rounds*min(l.trip.patient(), longestRound)) + l.delay.estimate()
}

// unlucky is the share of the packets whose repair may take longer than what is expected.
const unlucky = 1.0 / 2000

// expected returns how much later than others all packets but the unlucky come at the present loss: none where no more are
// lost than those, and a round trip more for each time that as many of the repairs are lost in their turn.
func (l *nackList) expected() time.Duration {
	if l.loss <= unlucky {
		return 0
	}
	again := min(math.Log(unlucky)/math.Log(min(l.loss, 0.5))-1, rounds)
	return time.Duration(again * float64(l.trip.patient()))
}
