package audio

import (
	"math"
	"slices"
	"time"
)

const (
	maxPayload = 1500       // bytes; more does not fit a network packet
	maxPackets = 128        // that wait
	maxSpan    = SampleRate // from the oldest of them to the newest, in samples

	believable = SampleRate     // a timestamp this near to the newest is believed at once
	clockSlack = 3 * SampleRate // as is one that moved on by the time that passed, give or take this
	proof      = 3              // packets in a row make a new timeline believed
)

// packet is one that waits to be played.
type packet struct {
	seq        uint16
	ts         int64 // in samples since the first packet of the timeline
	samples    int   // that it decodes to
	arrived    time.Time
	copied     bool // it came with a later packet
	unexpected bool // it came later than was waited for
	payload    []byte
}

func (p *packet) end() int64 { return p.ts + int64(p.samples) }

// jitterBuffer keeps the packets of one person in the order of their timestamps until they are due. Whatever the sender
// does, it holds at most maxPackets and one second of sound. The memory of packets is used again.
type jitterBuffer struct {
	packets  []*packet
	spare    []*packet
	arrivals arrivals
	seen     seen
	next     int64 // timestamp of the sample to play next; what comes before is too late

	thrown       uint64 // packets that came, and are not played
	copiesThrown uint64

	started     bool
	newest      int64 // the highest timestamp that was believed, and as it came
	newestStamp uint32
	newestAt    time.Time
	strange     struct { // what may be a new timeline
		stamp uint32
		count int
	}
}

// push takes in a packet that arrived at now. It says whether the sender turned out to have started its timestamps afresh, so that all that was
// known of next is void.
func (b *jitterBuffer) push(seq uint16, stamp uint32, payload []byte, samples int, now time.Time) (afresh bool) {
	ts, ok := b.unwrap(stamp, now)
	if !ok {
		if !b.convinced(stamp) {
			b.thrown++
			return false
		}
		b.restart()
		afresh = true
		ts, _ = b.unwrap(stamp, now)
	}
	b.strange.count = 0
	again := b.seen.add(seq)
	at, twice := slices.BinarySearchFunc(b.packets, ts, func(p *packet, ts int64) int { return int(p.ts - ts) })
	if twice || again && ts < b.next {
		b.thrown++
		return afresh
	}
	unexpected := b.arrivals.add(ts, now) // a packet that comes too late teaches most
	if ts < b.next {
		b.thrown++
		return afresh
	}
	b.insert(at, packet{seq: seq, ts: ts, samples: samples, arrived: now, unexpected: unexpected}, payload)
	return afresh
}

// insert puts a packet in its place.
func (b *jitterBuffer) insert(at int, made packet, payload []byte) {
	p := b.fresh()
	made.payload = append(p.payload[:0], payload...)
	*p = made
	b.packets = slices.Insert(b.packets, at, p)
	for len(b.packets) > maxPackets || b.span() > maxSpan {
		b.throw()
	}
}

// throw lets the oldest packet go unheard.
func (b *jitterBuffer) throw() {
	if b.packets[0].copied {
		b.copiesThrown++
	} else {
		b.thrown++
	}
	b.pop()
}

// pushCopy takes in a frame that came with a packet that is offset samples younger, and says whether it was missing and is still in time.
func (b *jitterBuffer) pushCopy(seq uint16, stamp, offset uint32, payload []byte, samples int, now time.Time) bool {
	ts := b.newest + int64(int32(stamp-b.newestStamp))
	if !b.started || !b.seen.missing(seq) || ts >= b.newest || ts < b.newest-believable {
		return false
	}
	at, there := slices.BinarySearchFunc(b.packets, ts, func(p *packet, ts int64) int { return int(p.ts - ts) })
	if there {
		return false
	}
	b.arrivals.rescued(int64(offset)) // one that comes too late as well
	if ts < b.next {
		return false
	}
	b.seen.add(seq)
	b.insert(at, packet{seq: seq, ts: ts, samples: samples, arrived: now, copied: true}, payload)
	return true
}

// unwrap turns an RTP timestamp, which wraps around every day, into one that does not, and says whether it is
// one that may follow those before.
func (b *jitterBuffer) unwrap(stamp uint32, now time.Time) (int64, bool) {
	if !b.started {
		b.started, b.newest, b.newestStamp, b.newestAt, b.next = true, 0, stamp, now, math.MinInt64
		return 0, true
	}
	step := int64(int32(stamp - b.newestStamp))
	passed := toSamples(now.Sub(b.newestAt))
	near := -believable <= step && step <= believable
	if !near && (step < passed-clockSlack || step > passed+clockSlack) {
		return 0, false
	}
	ts := b.newest + step
	if step > 0 {
		b.newest, b.newestStamp, b.newestAt = ts, stamp, now
	}
	return ts, true
}

// stamp turns a timestamp back into what the sender's packets carry, and timestamp does the reverse.
func (b *jitterBuffer) stamp(ts int64) uint32 { return b.newestStamp + uint32(ts-b.newest) }

func (b *jitterBuffer) timestamp(stamp uint32) int64 {
	return b.newest + int64(int32(stamp-b.newestStamp))
}

// convinced says whether enough packets in a row have followed each other on a new timeline. A single stray packet must
// not stop the sound, and a sender that restarted must not stay mute.
func (b *jitterBuffer) convinced(stamp uint32) bool {
	step := int64(int32(stamp - b.strange.stamp))
	if b.strange.count == 0 || step <= 0 || step > believable {
		b.strange.count = 0
	}
	b.strange.stamp = stamp
	b.strange.count++
	return b.strange.count >= proof
}

// restart empties the buffer for a new timeline.
func (b *jitterBuffer) restart() {
	for len(b.packets) > 0 {
		b.throw()
	}
	b.started = false
	b.seen = seen{}
	b.arrivals.rebase()
}

// first returns the oldest packet, which stays in the buffer; nil if there is none.
func (b *jitterBuffer) first() *packet {
	if len(b.packets) == 0 {
		return nil
	}
	return b.packets[0]
}

// pop lets the oldest packet go. Its payload is valid until the next push.
func (b *jitterBuffer) pop() {
	b.spare = append(b.spare, b.packets[0])
	b.packets = slices.Delete(b.packets, 0, 1)
}

func (b *jitterBuffer) fresh() *packet {
	n := len(b.spare)
	if n == 0 {
		return new(packet)
	}
	p := b.spare[n-1]
	b.spare = b.spare[:n-1]
	return p
}

func (b *jitterBuffer) span() int64 {
	if len(b.packets) == 0 {
		return 0
	}
	return b.packets[len(b.packets)-1].end() - b.packets[0].ts
}
