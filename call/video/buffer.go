package video

import "time"

// buffer puts packets back in order and finds whole frames among them. It belongs to the receiver's decoding goroutine.
//
// Positions are sequence numbers that do not wrap. Everything before next was given out or given up; from next to
// end there are packets, and gaps where packets are missing.
type buffer struct {
	ring      [bufferSize]*packet // by position modulo its size
	next, end int64
	begun     bool
	torn      bool // something was given up that pop has not told yet

	jump    uint16 // the sequence number that would confirm a jump
	jumping bool
	data    []byte // of the frame given out last; reused

	frames int // whose first packet came, and that were given out or given up
	lost   int // packets
}

const (
	// bufferSize is in packets, and bounds a frame too: 1.2 MB, some ten times a key frame at 1080p.
	bufferSize = 1024
	// maxAhead is how far the sequence may run ahead in one step, as in https://www.rfc-editor.org/rfc/rfc3550#appendix-A.1.
	maxAhead = 3000
	// repairWait is how long a missing packet is waited for. Pion asks for it every 100 ms.
	repairWait = 250 * time.Millisecond
)

// codedFrame is what the buffer makes of packets: a whole frame, or the knowledge that one is missing.
type codedFrame struct {
	data      []byte // belongs to the buffer until its next use
	timestamp uint32
	arrived   time.Time // its first packet
}

// insert takes p over.
func (b *buffer) insert(p *packet) {
	position, ok := b.locate(p.sequence)
	if !ok || position < b.next || b.at(position) != nil {
		p.release() // a stray, too late, or there already
		return
	}
	if position >= b.next+bufferSize {
		b.giveUp(position) // no room for what is waited for
	}
	b.ring[position%bufferSize] = p
	if position >= b.end {
		b.lost += int(position - b.end)
		b.end = position + 1
	} else {
		b.lost--
	}
}

// locate finds the position of a sequence number. False: it is far from all others, and the next one has to confirm it
// before the whole buffer is thrown away for it.
func (b *buffer) locate(sequence uint16) (int64, bool) {
	if !b.begun {
		// Far from 0, so that no position is negative.
		b.begun, b.next, b.end = true, 1<<16+int64(sequence), 1<<16+int64(sequence)
		return b.next, true
	}
	position := b.end + int64(int16(sequence-uint16(b.end)))
	if position < b.end+maxAhead && position > b.end-2*bufferSize {
		b.jumping = false
		return position, true
	}
	confirmed := b.jumping && sequence == b.jump
	b.jumping, b.jump = !confirmed, sequence+1
	if !confirmed {
		return 0, false
	}
	// The sender began anew. Positions only grow, so that old ones stay old.
	b.giveUp(b.end)
	b.next += 1<<16 + int64(sequence-uint16(b.next))
	b.end = b.next
	return b.next, true
}

func (b *buffer) at(position int64) *packet {
	if position < b.next || position >= b.end {
		return nil
	}
	return b.ring[position%bufferSize]
}

// skipTo lets go of everything before position.
func (b *buffer) skipTo(position int64) {
	for ; b.next < min(position, b.end); b.next++ {
		p := b.ring[b.next%bufferSize]
		if p == nil {
			continue
		}
		if p.start {
			b.frames++
		}
		p.release()
		b.ring[b.next%bufferSize] = nil
	}
	b.next = position
}

// giveUp is skipTo where that tears the stream.
func (b *buffer) giveUp(position int64) {
	b.skipTo(position)
	b.torn = true
}

// pop returns the next frame in order; one with nil data says that something was given up, after which nothing but a key
// frame makes sense. False: there is none yet; deadline then says when to look again without waiting for a packet, if it is not zero.
func (b *buffer) pop(now time.Time) (f codedFrame, deadline time.Time, ok bool) {
	if b.torn {
		b.torn = false
		return codedFrame{}, time.Time{}, true
	}
	for p := b.at(b.next); p != nil && p.padding(); p = b.at(b.next) {
		b.skipTo(b.next + 1)
	}
	if b.next >= b.end {
		return codedFrame{}, time.Time{}, false
	}
	last, state := b.scan(b.next)
	switch state {
	case whole:
		f = b.assemble(last)
		b.skipTo(last + 1)
		return f, time.Time{}, true
	case spoiled:
		b.skipTo(last + 1)
		return codedFrame{}, time.Time{}, true
	case gap:
		if deadline = b.passGap(last, now); deadline.IsZero() {
			return codedFrame{}, time.Time{}, true
		}
	}
	return codedFrame{}, deadline, false
}

// passGap gives up the packet that is missing at position, and what needs it, where it is not worth waiting for; else it
// returns until when to wait.
func (b *buffer) passGap(position int64, now time.Time) (deadline time.Time) {
	if key, found := b.wholeKeyFrameAfter(position); found {
		b.skipTo(key)
		return time.Time{}
	}
	after := position + 1
	for b.at(after) == nil {
		after++ // ends: the packet at end-1 is always there
	}
	if deadline = b.at(after).arrived.Add(repairWait); now.Before(deadline) {
		return deadline
	}
	b.skipTo(after)
	return time.Time{}
}

// frameState is how a frame in the buffer stands.
type frameState int

const (
	growing frameState = iota // all there so far, and the end still to come
	whole                     // from its first packet to its last
	gap                       // a packet is missing
	spoiled                   // what is there is not a frame
)

// scan looks at the packets from position on. It returns the position of the frame's last packet, of the missing packet, or of the
// last packet to throw away.
func (b *buffer) scan(position int64) (int64, frameState) {
	first := b.at(position)
	if first == nil {
		return position, gap
	}
	if !first.start {
		return position, spoiled
	}
	for i := position; i < b.end; i++ {
		p := b.at(i)
		switch {
		case p == nil:
			return i, gap
		case p.malformed:
			return i, spoiled
		case i > position && !p.padding() && (p.start || p.timestamp != first.timestamp):
			return i - 1, spoiled // another frame begins before this one ended
		case p.marker:
			return i, whole
		}
	}
	return 0, growing
}

// wholeKeyFrameAfter finds a key frame that is all there, so that nobody needs what is missing before it.
func (b *buffer) wholeKeyFrameAfter(position int64) (int64, bool) {
	for i := position + 1; i < b.end; i++ {
		if p := b.at(i); p != nil && p.startsKeyFrame() {
			if _, state := b.scan(i); state == whole {
				return i, true
			}
		}
	}
	return 0, false
}

// assemble joins the packets from next to last.
func (b *buffer) assemble(last int64) codedFrame {
	first := b.at(b.next)
	f := codedFrame{timestamp: first.timestamp, arrived: first.arrived}
	b.data = b.data[:0]
	for i := b.next; i <= last; i++ {
		p := b.at(i)
		b.data = append(b.data, p.data...)
		if p.arrived.Before(f.arrived) {
			f.arrived = p.arrived
		}
	}
	f.data = b.data
	return f
}

// clear gives all packets back.
func (b *buffer) clear() { b.skipTo(b.end) }
