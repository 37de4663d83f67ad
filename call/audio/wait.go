package audio

import (
	"math"
	"time"
)

// judgeAfresh forgets how long packets waited so far. The first window is short: the start of a call is when the wait is wrong most.
func (p *playout) judgeAfresh() {
	p.least = [2]time.Duration{math.MaxInt64, math.MaxInt64}
	p.windowLeft, p.sinceChange = judged/4, 0
}

// adjust stretches the n samples just decoded if their packet, which came that late, and perhaps later than was waited for, waited for longer, or shorter, than
// the target.
//
// It goes by the least wait of the last two windows: a speaker that asks for several blocks at once needs what the
// other packets seem to wait too long, and must have it. The jitter of the network does not matter here, since
// a wait is measured against the fastest packets. A packet is asked for by the block, so the wait changes by whole blocks, however much of a
// frame is taken out or put in: it is shortened when there is nearly a block too much, and made longer when the lack is worth it, lest the one call
// for the other.
func (p *playout) adjust(n int, late, wait time.Duration, unexpected bool) {
	p.least[1] = min(p.least[1], wait)
	p.windowLeft -= n
	p.sinceChange += n
	target := p.buffer.arrivals.target()
	over := min(p.least[0], p.least[1]) - target
	p.starved = p.starved && wait < target
	settled := p.least[0] != math.MaxInt64
	unready := late > target || unexpected && wait < late+frameTime // that packet may have raised the target itself
	switch {
	case p.later(late) && (unready || p.starved && wait < target-muchLack):
		p.drawOut(n)
	case over > hurry && settled, wait > target+hurry && over > tolerance:
		p.change(n, maxPeriod, shorten, true)
	case over > blockTime-slack && settled && p.sinceChange >= p.shortenGap(n, over):
		p.change(n, p.within+int((over+slack)/blockTime)*BlockSize, shorten, false)
	case over < -lack && p.sinceChange >= stretchGap:
		p.change(n, min(maxPeriod, 2*BlockSize-1-p.within), lengthen, false)
	}
	if p.windowLeft <= 0 {
		p.least[0], p.least[1], p.windowLeft = p.least[1], math.MaxInt64, judged
	}
}

// shortenGap is how many samples are to be played between two that are made shorter, the n just decoded the next, where the wait is that much longer than
// the target. Where packets get lost, that goes up and down, and a voice that is stretched again and again is not understood as well: it is
// left until nothing is heard of it, for a while.
func (p *playout) shortenGap(n int, over time.Duration) int {
	if over > loose || !p.buffer.arrivals.lossy() || rootMeanSquare(p.sound[:Channels*n]) < hushed {
		return stretchGap
	}
	return looseGap
}

// later says whether packets come later and later: the newest that waits came no less late than the one that is played, which came that late. Where
// it was only held up, those behind it came with it.
func (p *playout) later(late time.Duration) bool {
	n := len(p.buffer.packets)
	if n == 0 {
		return true
	}
	newest := p.buffer.packets[n-1]
	return p.wait(newest, newest.arrived)+frameTime >= late
}

// drawOut makes the n samples just decoded up to three times as long, where that is not heard. Their packet came later than is waited for, and so
// will the next: a queue fills on the path, faster than the wait can follow. Else what is lacking would have to be made up of nothing.
func (p *playout) drawOut(n int) {
	const more = mostDrawn - 1
	end := Channels * n
	for at := 0; ; {
		lag, smooth := period(p.sound[at:end], maxPeriod)
		if lag == 0 || end+more*Channels*lag > len(p.sound) {
			break
		}
		if !smooth { // as is the seam to what was made up
			at += Channels * minPeriod
			continue
		}
		for range more {
			end = at + len(lengthen(p.sound[at:end], lag))
		}
		at += mostDrawn * Channels * lag
	}
	p.changed(n, end/Channels-n)
}

// change makes the n samples just decoded longer or shorter by a period of up to longest samples, if that is not heard or must be.
func (p *playout) change(n, longest int, stretch func([]int16, int) []int16, must bool) {
	last := p.sound[:Channels*n]
	lag, smooth := period(last, longest)
	if lag == 0 || !smooth && !must {
		return
	}
	p.changed(n, len(stretch(last, lag))/Channels-n)
}

// changed notes that n samples have become so many more, or fewer. The packets after them are asked for as many blocks later, or earlier.
func (p *playout) changed(n, by int) {
	p.to = n + by
	p.sinceChange = 0
	blocks := (p.within+n+by)/BlockSize - (p.within+n)/BlockSize
	for i := range p.least {
		if p.least[i] != math.MaxInt64 {
			p.least[i] += time.Duration(blocks) * blockTime
		}
	}
	if by > 0 {
		p.stats.InsertedSamplesForDeceleration += uint64(by)
	} else {
		p.stats.RemovedSamplesForAcceleration += uint64(-by)
	}
}
