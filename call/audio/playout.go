package audio

import (
	"time"

	"parley/call/opus"
)

const (
	// held is the sound that a decoder may go on with by itself, in samples; its end fades. A voice is not guessed well for
	// longer, and the background noise that follows hides the pauses of a sender with DTX, which renews it each 400 ms.
	held     = SampleRate / 2
	heldFade = SampleRate / 10
	heldRise = SampleRate / 200 // samples in which a sound is there again after that

	slack     = 3 * time.Millisecond   // of the target, that is not missed when the wait is shortened: less than calls for making it longer
	lack      = 4 * time.Millisecond   // of the target, before the wait is made longer
	loose     = 40 * time.Millisecond  // beyond the target: what is shortened with care where packets get lost
	muchLack  = 50 * time.Millisecond  // of the target, after there was nothing to play: draw out what comes
	mostDrawn = 3                      // times as long as it was
	tolerance = 10 * time.Millisecond  // beyond the target, that an outage leaves
	hurry     = 100 * time.Millisecond // beyond the target: shorten at every frame, seam or not
	tooLong   = 250 * time.Millisecond // beyond the target: leave packets out

	judged     = SampleRate / 2  // samples in one window of judging the wait
	stretchGap = SampleRate / 10 // samples played between two stretches, lest the pitch flutter
	looseGap   = 2 * SampleRate  // likewise, with care

	longestPiece = opus.MaxFrame + maxPeriod // samples that are made at once
)

// playout turns what the network brings of one person into a steady sound. push and pull may not run at once; its
// [Receiver] sees to that. Whatever is counted in samples is counted in those of each channel.
type playout struct {
	buffer   jitterBuffer
	decoder  *opus.Decoder
	deep     deep
	sound    [Channels * longestPiece]int16 // made last; from the sample from on, up to to, it is still to be heard
	from, to int
	within   int // samples of a block that came before it: a packet must be there when the block is asked for, however late in it it is heard

	playing  bool    // sound follows sound; else the next packet is awaited
	paused   bool    // the sender said that it pauses: what is made up meanwhile is nothing that was lost
	heard    bool    // anything yet
	lastSeq  uint16  // of the packet decoded last
	starved  bool    // there was nothing to play, and the wait was too short since
	lent     int64   // samples made up for want of any packet, which a gap in the timestamps gives back
	made     int     // samples made up since the last that was decoded
	gain     float64 // that the sound made last ended with
	restored bool    // the oldest packet's copy of the frame before was used

	least       [2]time.Duration // of the wait, in the window before and in this one
	windowLeft  int              // samples of this window to come
	sinceChange int              // samples played since the last stretch

	concealing bool
	heardLast  heard
	stats      ReceiverStats
}

// push takes in a packet that arrived at now.
func (p *playout) push(seq uint16, stamp uint32, payload []byte, now time.Time) {
	if p.pushFrame(seq, stamp, payload, now) {
		p.buffer.arrivals.carried(0)
		p.noteRescue(seq, 0, payload, payload)
	}
}

// pushRED takes in a packet of which the last block is the frame itself, and those before are copies of earlier frames.
func (p *playout) pushRED(seq uint16, stamp uint32, blocks []redBlock, now time.Time) {
	last := len(blocks) - 1
	if !p.pushFrame(seq, stamp, blocks[last].payload, now) {
		return
	}
	oldest, near := blocks[last], uint32(0) // near: so far back copies go without a pause, beyond which none is waited for
	for i := last - 1; i >= 0; i-- {
		c := blocks[i]
		samples, ok := opus.Samples(c.payload)
		if !ok || c.offset <= oldest.offset || endsSpurt(c.payload) && !endsSpurt(oldest.payload) {
			break
		}
		if near == oldest.offset && c.offset-near == uint32(samples) {
			near = c.offset
		}
		seq, oldest = seq-1, c
		p.stats.FECPacketsReceived++
		if !p.buffer.pushCopy(seq, stamp-c.offset, c.offset, c.payload, samples, now) {
			p.stats.FECPacketsDiscarded++
		}
	}
	p.buffer.arrivals.carried(int64(near))
	p.noteRescue(seq, oldest.offset, oldest.payload, blocks[last].payload)
}

// pushFrame takes in the frame that a packet is about, and says whether it was one.
func (p *playout) pushFrame(seq uint16, stamp uint32, payload []byte, now time.Time) bool {
	samples, ok := opus.Samples(payload)
	if !ok || len(payload) > maxPayload {
		p.stats.PacketsDiscarded++
		return false
	}
	if p.buffer.push(seq, stamp, payload, samples, now) {
		p.startAfresh()
	}
	return true
}

// noteRescue lets the wait reach to the missing frames before the oldest that a packet brought: to the one before that, if it holds a copy of it,
// and to those that the newest describes. The oldest is so many samples before the newest.
func (p *playout) noteRescue(seq uint16, offset uint32, oldest, newest []byte) {
	if !p.buffer.seen.missing(seq - 1) {
		return
	}
	samples, _ := opus.Samples(oldest)
	later, reach := int64(offset)+int64(samples), min(p.deep.reach(newest), longestReach*frameSize)
	for fec := opus.HasFEC(oldest); (fec || later <= reach) && p.buffer.seen.missing(seq-1); seq-- {
		p.buffer.arrivals.rescued(later)
		later += int64(samples)
		fec = false
	}
}

// startAfresh says that the timestamps to come have nothing to do with those before.
func (p *playout) startAfresh() {
	p.playing, p.lent, p.heardLast.known, p.deep.loaded = false, 0, false, false
}

// pull fills out with what is to be heard at now. It does not allocate.
func (p *playout) pull(out []int16, now time.Time) {
	for left := out; len(left) > 0; {
		if p.from == p.to {
			p.within = (len(out) - len(left)) / Channels
			p.step(now)
		}
		n := copy(left, p.sound[Channels*p.from:Channels*p.to])
		p.from += n / Channels
		left = left[n:]
	}
	if p.playing {
		p.heardLast.note(p.buffer.stamp(p.position()-int64(len(out)/Channels)), now)
	}
}

// position is the timestamp of the sample that will be heard next.
func (p *playout) position() int64 { return p.buffer.next + p.lent - int64(p.to-p.from) }

// step makes the next piece of sound, now that the last was heard. It may be empty, but not again and again.
func (p *playout) step(now time.Time) {
	p.from, p.to = 0, 0
	p.catchUp(now)
	first := p.buffer.first()
	if !p.playing && first != nil && p.wait(first, now) >= p.buffer.arrivals.due() {
		p.begin(first)
	}
	switch {
	case !p.playing:
		p.makeUp(p.restOfBlock(), p.heard && !p.paused)
	case first == nil:
		p.starve()
	case first.ts > p.buffer.next:
		p.bridge(first)
	default:
		p.play(first, now)
	}
}

// restOfBlock is how many samples of the block are to come, as far as a decoder makes so many up: in multiples of 2.5 ms. What is asked for in the middle of
// a block is heard later than need be.
func (p *playout) restOfBlock() int {
	const piece = SampleRate / 400
	return BlockSize - p.within%BlockSize/piece*piece
}

// wait is how long a packet will have waited if it is decoded at now, over what the fastest packets took.
func (p *playout) wait(first *packet, now time.Time) time.Duration {
	return p.buffer.arrivals.lateness(first.ts, now)
}

// catchUp leaves packets out after an outage or while no speaker asked, so that the call is live again at once.
func (p *playout) catchUp(now time.Time) {
	target := p.buffer.arrivals.target()
	if len(p.buffer.packets) < 2 || p.wait(p.buffer.first(), now) < target+tooLong {
		return
	}
	for len(p.buffer.packets) > 1 && p.wait(p.buffer.first(), now) > target+tolerance {
		p.buffer.throw()
	}
	p.begin(p.buffer.first())
}

// begin lets a spurt of sound begin with that packet.
func (p *playout) begin(first *packet) {
	p.playing, p.paused, p.heard = true, false, true
	p.buffer.next, p.lent = first.ts, 0
	p.lastSeq = first.seq - 1
	p.judgeAfresh()
}

// starve bridges the time without any packet. Its length is owed: if the packets were lost, the ones after them go on
// where they would have; if they only come late, all that follows is later by it.
func (p *playout) starve() {
	p.makeUp(BlockSize, true)
	p.lent += BlockSize
	p.starved = true
	p.playing = p.made < held
}

// bridge fills the gap before a packet that came while those before it did not.
func (p *playout) bridge(first *packet) {
	if first.seq == p.lastSeq+1 {
		p.playing, p.paused = false, true // nothing was lost: the sender made a pause
		p.makeUp(BlockSize, false)
		return
	}
	given := min(p.lent, first.ts-p.buffer.next)
	p.buffer.next += given
	p.lent -= given
	gap := first.ts - p.buffer.next
	switch {
	case gap == 0:
	case gap > held:
		p.playing = false
	case gap == int64(first.samples) && opus.HasFEC(first.payload):
		p.restore(first)
	default:
		n := gap
		if before := gap - int64(first.samples); before > 0 {
			n = min(before, frameSize)
		}
		p.describe(int(n))
		p.buffer.next += n
	}
}

// describe makes n samples of a gap of what a later packet says of them, or makes them up.
func (p *playout) describe(n int) {
	before, ok := p.deep.load(p.buffer.packets, p.buffer.next)
	if !ok || p.decoder.DecodeDRED(p.deep.reader, before, p.room(n)) != nil {
		p.makeUp(n, true)
		return
	}
	p.repaired(n)
	p.stats.DREDSamples += uint64(n)
}

// repaired says that n samples that were lost are in the room.
func (p *playout) repaired(n int) {
	p.fadeIn(n)
	p.keep(n)
	p.made, p.concealing = 0, false
}

// restore decodes the copy of the lost frame before a packet.
func (p *playout) restore(first *packet) {
	n := first.samples
	if err := p.decoder.DecodeFEC(first.payload, p.room(n)); err != nil {
		p.makeUp(n, true)
	} else {
		p.repaired(n)
		p.stats.FECSamples += uint64(n)
		p.restored = true
	}
	p.buffer.next += int64(n)
}

// play decodes a packet whose turn it is.
func (p *playout) play(first *packet, now time.Time) {
	late, wait, unexpected := p.wait(first, first.arrived), p.wait(first, now), first.unexpected
	p.buffer.next, p.lent, p.lastSeq = first.end(), 0, first.seq
	p.stats.JitterBufferDelay += now.Sub(first.arrived).Seconds() * float64(first.samples)
	p.stats.JitterBufferTargetDelay += p.buffer.arrivals.target().Seconds() * float64(first.samples)
	p.stats.JitterBufferEmittedCount += uint64(first.samples)
	p.buffer.pop()
	if opus.HasFEC(first.payload) {
		p.stats.FECPacketsReceived++
		if !p.restored {
			p.stats.FECPacketsDiscarded++
		}
	}
	p.restored = false
	if endsSpurt(first.payload) {
		p.playing, p.paused = false, true
		p.makeUp(min(first.samples, p.restOfBlock()), false) // after which more may be due, where the wait was too long
		return
	}
	n, err := p.decoder.Decode(first.payload, p.room(opus.MaxFrame))
	if err != nil || n <= 0 {
		p.makeUp(first.samples, true)
		return
	}
	p.made, p.concealing = 0, false
	p.fadeIn(n)
	p.keep(n)
	p.adjust(n, late, wait, unexpected)
}

// fadeIn lets the n samples just decoded begin as softly as those before ended.
func (p *playout) fadeIn(n int) {
	if p.gain == 1 {
		return
	}
	for i, s := range p.sound[:Channels*min(n, heldRise)] {
		p.sound[i] = int16(float64(s) * (p.gain + (1-p.gain)*float64(i/Channels)/heldRise))
	}
	p.gain = 1
}

// makeUp goes on with the sound for n samples that nothing came for.
func (p *playout) makeUp(n int, concealed bool) {
	out := p.room(n)
	silent := !p.heard || p.made >= held || p.decoder.Conceal(out) != nil
	if silent {
		clear(out)
	} else {
		fadeOut(out, held-p.made)
	}
	p.made = min(p.made+n, held)
	p.gain = min(1, float64(held-p.made)/heldFade)
	if silent {
		p.gain = 0
	}
	if p.heard {
		p.keep(n)
	} else {
		p.to = n // before anything came there is nothing to count
	}
	if !concealed {
		p.concealing = false
		return
	}
	p.stats.ConcealedSamples += uint64(n)
	if silent {
		p.stats.SilentConcealedSamples += uint64(n)
	}
	if !p.concealing {
		p.concealing = true
		p.stats.ConcealmentEvents++
	}
}

// fadeOut lets a sound fall silent at its end, which is left samples away.
func fadeOut(x []int16, left int) {
	for i := range x {
		if rest := left - i/Channels; rest < heldFade {
			x[i] = int16(int(x[i]) * max(rest, 0) / heldFade)
		}
	}
}

// room returns the place for n samples of each channel.
func (p *playout) room(n int) []int16 { return p.sound[:Channels*n] }

// keep says that n samples were put into the room.
func (p *playout) keep(n int) {
	p.to = n
	p.stats.TotalSamplesReceived += uint64(n)
}
