package video

import (
	"time"

	"parley/call/codec"
	"parley/call/payload"
)

// buffer puts packets back in order, knows which are missing, and finds whole frames among them. It has no clock; its
// [intake] sees to it that one goroutine at a time uses it.
//
// Positions are sequence numbers that do not wrap. Everything before next was given out or given up; from next to
// end there are packets, and gaps where packets are missing.
type buffer struct {
	ring      [bufferSize]*packet // by position modulo its size
	next, end int64
	begun     bool
	torn      bool          // something was given up that pop has not told yet
	keyFrame  int64         // the position of the one that was waited for, and begins to come
	delay     time.Duration // for which frames are held until they are shown
	overdue   bool          // pop waits for a packet that a key frame should be asked for
	nacks     nackList
	newest    time.Time // when the packet at end-1 came
	ready     time.Time // when the frame given out last could have been

	jump    uint16 // the sequence number that would confirm a jump
	jumping bool
	joiner  payload.Joiner // of the frame given out last

	within   bool   // the last packet let go of was one of a frame that it did not end,
	stamp    uint32 // of this time
	frames   int    // whose first packet came, and that were given out or given up
	lost     int    // packets
	repaired packetCount
	received packetCount
	late     int // packets, or twice
}

// packetCount is of packets and of the RTP payload in them.
type packetCount struct{ packets, bytes int }

func (c *packetCount) add(bytes int) {
	c.packets++
	c.bytes += bytes
}

const (
	// bufferSize is in packets, and bounds a frame too: 1.2 MB, some ten times a key frame at 1080p.
	bufferSize = 1024
	// maxAhead is how far the sequence may run ahead in one step, as in https://www.rfc-editor.org/rfc/rfc3550#appendix-A.1.
	maxAhead = 3000
	// Packets that were lost in an outage this long are too old to be asked for, unless they are few: a picture of a screen
	// that stands still may consist of a packet now and then.
	outage     = 500 * time.Millisecond
	outageMost = 20 // packets
	// keyFrameWait is how much longer a repair is waited for once a key frame was asked for as well: whichever comes first.
	keyFrameWait = time.Second
)

// codedFrame is what the buffer makes of packets: a whole frame, or the knowledge that one is missing.
type codedFrame struct {
	data      []byte // belongs to the buffer until its next use
	codec     *codec.Codec
	timestamp uint32
	arrived   time.Time // its first packet
	completed time.Time // its last packet
	ready     time.Time // likewise, or of a frame before it: since when it could be decoded
	packets   int
	repaired  bool          // some of them had to be asked for
	repairs   time.Duration // what to expect of repairs at the present loss
}

// insert takes p over.
func (b *buffer) insert(p *packet) {
	b.received.add(p.size)
	if p.repair {
		b.repaired.add(p.size)
	}
	position, ok := b.locate(p.sequence)
	if !ok || position < b.next || b.at(position) != nil {
		if ok && p.repair {
			b.nacks.again()
		}
		b.late++
		p.release() // a stray, too late, or there already
		return
	}
	if position < b.end {
		b.lost--
		p.repair = b.nacks.filled(position, p.repair, p.arrived)
	} else {
		b.append(position, p.arrived)
	}
	b.ring[position%bufferSize] = p
}

// append makes room for the packet at position, which is the newest.
func (b *buffer) append(position int64, now time.Time) {
	if position >= b.next+bufferSize {
		b.giveUp(position) // no room for what is waited for
	}
	gap := position - b.end
	if gap > 0 {
		b.lost += int(gap)
		dark := gap > outageMost && now.Sub(b.newest) > outage
		if dark || !b.nacks.lost(max(b.end, b.next), position, now) {
			b.giveUp(position)
		}
	}
	b.nacks.came()
	b.newest, b.end = now, position+1
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
			b.within = false
			continue
		}
		if p.part.Start && !(b.within && p.timestamp == b.stamp) {
			b.frames++
		}
		b.within, b.stamp = !p.marker, p.timestamp
		p.release()
		b.ring[b.next%bufferSize] = nil
	}
	b.next = position
	b.nacks.giveUp(position)
}

// giveUp is skipTo where that tears the stream.
func (b *buffer) giveUp(position int64) {
	b.skipTo(position)
	b.torn = true
}

// pop returns the next frame in order; one with nil data says that something was given up or is no frame, after which nothing but a key
// frame makes sense. False: there is none yet; deadline then says when to look again without waiting for a packet, if it is not zero,
// and overdue, whether to ask for a key frame meanwhile. With onlyKeyFrame, all before the next one is thrown away as soon as that
// begins to come.
func (b *buffer) pop(now time.Time, onlyKeyFrame bool) (f codedFrame, deadline time.Time, ok bool) {
	b.overdue = false
	if b.torn {
		b.torn = false
		return codedFrame{}, time.Time{}, true
	}
	if key, found := b.keyFrameFrom(b.next, onlyKeyFrame); found {
		b.keyFrame = key
		b.skipTo(key)
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
	// A key frame needs nothing of what is missing before it. But it is held for a while, and until then a repair saves the others.
	key, due := b.wholeKeyFrameAfter(position)
	if !due.IsZero() && !now.Before(due) {
		b.skipTo(key)
		return time.Time{}
	}
	after := position + 1
	for b.at(after) == nil {
		after++ // ends: the packet at end-1 is always there
	}
	noticed := b.nacks.noticed(position)
	if noticed.IsZero() {
		noticed = b.at(after).arrived
	}
	deadline = noticed.Add(b.nacks.worth())
	if now.Before(deadline) {
		return earlier(deadline, due)
	}
	b.overdue = due.IsZero()
	if deadline = deadline.Add(keyFrameWait); now.Before(deadline) {
		return earlier(deadline, due)
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
	if !first.part.Start {
		return position, spoiled
	}
	for i := position; i < b.end; i++ {
		p := b.at(i)
		switch {
		case p == nil:
			return i, gap
		case p.malformed:
			return i, spoiled
		case !p.padding() && (p.timestamp != first.timestamp || p.codec != first.codec):
			return i - 1, spoiled // another frame begins before this one ended
		case p.marker:
			return i, whole
		}
	}
	return 0, growing
}

// keyFrameFrom finds where a key frame begins, at position or after it, if one is wanted. It need not be whole.
func (b *buffer) keyFrameFrom(position int64, wanted bool) (int64, bool) {
	for i := position; wanted && i < b.end; i++ {
		if p := b.at(i); p != nil && p.part.KeyFrame {
			return i, true
		}
	}
	return 0, false
}

// wholeKeyFrameAfter finds a key frame that is all there, and when it is due; zero where there is none.
func (b *buffer) wholeKeyFrameAfter(position int64) (key int64, due time.Time) {
	for i := position + 1; i < b.end; i++ {
		if p := b.at(i); p == nil || !p.part.KeyFrame {
			continue
		}
		switch last, state := b.scan(i); state {
		case whole:
			return i, b.complete(i, last).Add(b.delay)
		case growing:
			return 0, time.Time{}
		default:
			i = last // no frame that begins before it is whole: a peer may let one begin with each packet
		}
	}
	return 0, time.Time{}
}

// complete returns when the last of the packets from first to last came.
func (b *buffer) complete(first, last int64) (at time.Time) {
	for i := first; i <= last; i++ {
		if arrived := b.at(i).arrived; arrived.After(at) {
			at = arrived
		}
	}
	return at
}

// assemble joins the packets from next to last.
func (b *buffer) assemble(last int64) codedFrame {
	first := b.at(b.next)
	f := codedFrame{codec: first.codec, timestamp: first.timestamp, arrived: first.arrived, packets: int(last-b.next) + 1}
	b.joiner.Reset()
	for i := b.next; i <= last; i++ {
		p := b.at(i)
		if len(p.part.Data) > 0 {
			b.joiner.Add(p.part)
		}
		if p.arrived.Before(f.arrived) {
			f.arrived = p.arrived
		}
		f.repaired = f.repaired || p.repair
	}
	f.completed = b.complete(b.next, last)
	if f.completed.After(b.ready) {
		b.ready = f.completed
	}
	f.data, _ = b.joiner.Frame() // none where the parts do not fit together
	f.ready, f.repairs = b.ready, b.nacks.expected()
	return f
}

// clear gives all packets back.
func (b *buffer) clear() { b.skipTo(b.end) }
