package impair

import (
	"math/rand/v2"
	"time"
)

// MostInFlight is how many packets are in a pipe at once; one more is dropped, as if the queue were full.
const MostInFlight = 8192

// Pipe is a path in one direction. T is whatever stands for a packet. All times are those of one clock of the caller's, which never goes
// back; any will do. A pipe belongs to one goroutine at a time.
type Pipe[T any] struct {
	conditions Conditions
	luck       *rand.Rand
	stats      Stats

	losing  bool          // a burst of losses is on
	free    time.Duration // when the rate has let all earlier packets pass
	last    time.Duration // when the latest packet that was not held back comes out
	flight  []packet[T]   // a heap, the first to come out on top
	arrived uint64        // packets so far, to keep those in order that come out at one time
	beside  download
}

type packet[T any] struct {
	due   time.Duration
	order uint64
	size  int
	item  T
}

// NewPipe returns an empty pipe. Two with the same seed that are given the same do the same. It panics when [Conditions.Check] finds
// fault with the conditions.
func NewPipe[T any](seed uint64, c Conditions) *Pipe[T] {
	p := &Pipe[T]{luck: rand.New(rand.NewPCG(seed, 0x9e3779b97f4a7c15))}
	p.Set(c)
	return p
}

// Set changes what happens to packets from now on. Those that are in the pipe come out as they would have. It panics like [NewPipe].
func (p *Pipe[T]) Set(c Conditions) {
	if err := c.Check(); err != nil {
		panic("impair: " + err.Error())
	}
	if c.Queue == 0 {
		c.Queue = DefaultQueue
	}
	if c.ReorderBy == 0 {
		c.ReorderBy = defaultReorderBy
	}
	if !c.Download {
		p.beside.begun = false
	}
	p.conditions = c
}

// Push puts a packet of that many bytes in, and returns how many times it will come out: 0, 1 or 2.
func (p *Pipe[T]) Push(now time.Duration, size int, item T) int {
	p.stats.PacketsIn++
	p.stats.BytesIn += uint64(size)
	if p.conditions.Black {
		p.stats.PacketsBlack++
		return 0
	}
	if p.lost() {
		p.stats.PacketsLost++
		return 0
	}
	left, ok := p.pass(now, size)
	if !ok || len(p.flight) >= MostInFlight {
		p.stats.PacketsOverflowed++
		return 0
	}
	p.send(left, size, item)
	if p.happens(p.conditions.Duplicate) && len(p.flight) < MostInFlight {
		p.stats.PacketsDuplicated++
		p.send(left, size, item)
		return 2
	}
	return 1
}

// happens throws dice. It leaves them alone for what never happens, so that one condition does not change the luck of another.
func (p *Pipe[T]) happens(chance float64) bool { return chance > 0 && p.luck.Float64() < chance }

// lost says whether the next packet is lost, by the model of Gilbert: losses begin by chance and go on by chance.
func (p *Pipe[T]) lost() bool {
	loss, burst := p.conditions.Loss, max(p.conditions.Burst, 1)
	switch {
	case loss == 0 || loss == 1:
		p.losing = loss == 1
	case burst == 1:
		p.losing = p.happens(loss)
	case p.losing:
		p.losing = !p.happens(1 / burst)
	default:
		p.losing = p.happens(loss / (1 - loss) / burst)
	}
	return p.losing
}

// pass returns when a packet has passed the rate, and false when the queue before it is full.
func (p *Pipe[T]) pass(now time.Duration, size int) (time.Duration, bool) {
	if p.conditions.Rate == 0 {
		p.stats.wait(max(p.free-now, 0))
		return max(p.free, now), true // what queued under an earlier rate goes first
	}
	if p.conditions.Download {
		p.beside.goOn(now, p.passBeside, p.conditions.Delay)
	}
	wait, ok := p.queue(now, size)
	if ok {
		p.stats.wait(wait)
	}
	return p.free, ok
}

// queue lets a packet stand in the queue, and returns for how long it waits there for its turn, and false when there is no room.
func (p *Pipe[T]) queue(now time.Duration, size int) (wait time.Duration, ok bool) {
	if wait = max(p.free-now, 0); wait > p.conditions.Queue {
		return wait, false
	}
	p.free = now + wait + time.Duration(float64(size)*8/float64(p.conditions.Rate)*float64(time.Second))
	return wait, true
}

// passBeside is pass for a packet of the download.
func (p *Pipe[T]) passBeside(at time.Duration) (left time.Duration, ok bool) {
	if _, ok = p.queue(at, downloadPacket); ok {
		p.stats.BytesBeside += downloadPacket
	}
	return p.free, ok
}

// send lets a packet come out after the delay from when it left.
func (p *Pipe[T]) send(left time.Duration, size int, item T) {
	due := left + p.conditions.Delay
	if p.conditions.Jitter > 0 {
		due += time.Duration(p.luck.Float64() * float64(p.conditions.Jitter))
	}
	due = max(due, p.last)
	p.last = due
	if p.happens(p.conditions.Reorder) {
		p.stats.PacketsReordered++
		due += p.conditions.ReorderBy
	}
	p.arrived++
	p.flight = append(p.flight, packet[T]{due, p.arrived, size, item})
	p.rise(len(p.flight) - 1)
}

// Pop takes the next packet out that is due, and returns false when none is.
func (p *Pipe[T]) Pop(now time.Duration) (T, bool) {
	if len(p.flight) == 0 || p.flight[0].due > now {
		var none T
		return none, false
	}
	first, end := p.flight[0], len(p.flight)-1
	p.flight[0] = p.flight[end]
	p.flight[end] = packet[T]{} // lets the item go
	p.flight = p.flight[:end]
	p.sink(0)
	p.stats.PacketsOut++
	p.stats.BytesOut += uint64(first.size)
	return first.item, true
}

// Next returns when the next packet comes out, and false when none is in the pipe.
func (p *Pipe[T]) Next() (time.Duration, bool) {
	if len(p.flight) == 0 {
		return 0, false
	}
	return p.flight[0].due, true
}

// Stats returns what was done so far.
func (p *Pipe[T]) Stats() Stats { return p.stats }

// The heap is written out, since container/heap would allocate for each packet.

func (p *Pipe[T]) before(i, j int) bool {
	a, b := &p.flight[i], &p.flight[j]
	return a.due < b.due || a.due == b.due && a.order < b.order
}

func (p *Pipe[T]) rise(i int) {
	for parent := (i - 1) / 2; i > 0 && p.before(i, parent); i, parent = parent, (parent-1)/2 {
		p.flight[i], p.flight[parent] = p.flight[parent], p.flight[i]
	}
}

func (p *Pipe[T]) sink(i int) {
	for {
		first := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(p.flight); child++ {
			if p.before(child, first) {
				first = child
			}
		}
		if first == i {
			return
		}
		p.flight[i], p.flight[first] = p.flight[first], p.flight[i]
		i = first
	}
}
