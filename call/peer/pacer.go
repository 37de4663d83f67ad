package peer

import (
	"encoding/binary"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtp"

	"parley/call/congestion"
)

// Pacing. A frame that is sent all at once fills queues on the path that a paced one leaves empty; a pace that is too slow shows in the
// picture's age.
const (
	paceBurst = 10 * time.Millisecond  // of the pace may go at once,
	paceLeast = 3000                   // or this many bytes
	paceOwed  = 50 * time.Millisecond  // for which pictures wait at the most because sound went out
	paceDrain = 250 * time.Millisecond // within which all that waits is to go out, unless the path has a queue
	paceLate  = 350 * time.Millisecond // at the target's pace; while more waits, no frame should be made
	paceMost  = 400 * time.Millisecond // likewise; when more waits, no new frame is begun
	mostWaits = mostStored

	paceSteepest = 4.0 // times the target, whatever waits
	paceStale    = 0.6 // of the target: when that falls so far, what waits and would not go out in paceMost is let go
)

// waiting is a packet in the pacer's queue.
type waiting struct {
	s        *outgoing
	sequence uint16
	size     int
	asked    bool // the second of a packet that was asked for
}

// fifo is a queue in one piece of memory.
type fifo struct {
	items []waiting // a ring
	first int
	n     int
	bytes int
}

func (f *fifo) push(w waiting) bool {
	if f.n == mostWaits {
		return false
	}
	if f.items == nil {
		f.items = make([]waiting, mostWaits)
	}
	f.items[(f.first+f.n)%mostWaits] = w
	f.n++
	f.bytes += w.size
	return true
}

func (f *fifo) pop() waiting {
	w := f.items[f.first]
	f.items[f.first] = waiting{}
	f.first = (f.first + 1) % mostWaits
	f.n--
	f.bytes -= w.size
	return w
}

// pacer says what goes out next, and when. It belongs to its transport and is used with that one's mu held.
type pacer struct {
	video, repairs fifo
	copies         fifo      // what goes last
	target         float64   // bit/s
	known          float64   // target when what waits was made, at the most
	knownAt        time.Time // when that was taken: what waited then has gone out after paceMost
	carries        float64   // bit/s; 0 where it is not known
	opening        bool      // it is not known yet how fast the first pictures arrive: the pace is as slow as for any path
	pace           float64   // bit/s, of packets that follow upon each other
	credit         float64   // bytes that may go out now
	filled         time.Time
	allowed        float64 // bytes of repairs
	allowedAt      time.Time

	padding int     // bytes of a probe that are still to go out
	padRate float64 // bytes a second
	padded  float64 // bytes of it that may go out now
	padAt   time.Time
}

// set takes over what the path bears. It says whether what waits is of no use any more: it was made for a path that was much wider.
func (p *pacer) set(s congestion.State, now time.Time) (stale bool) {
	p.target, p.pace, p.carries = float64(s.Target), float64(s.Pace), float64(s.Carries)
	p.opening = s.Opening
	if p.target > p.known || p.empty() || now.Sub(p.knownAt) > paceMost {
		p.known, p.knownAt = p.target, now
	}
	stale = p.target < paceStale*p.known && p.busy()
	if stale {
		p.known = p.target
	}
	return stale
}

// rate returns how many bytes a second go out.
func (p *pacer) rate() float64 {
	rate := p.pace / 8
	if p.pace >= p.target && p.carries == 0 {
		rate = max(rate, min(float64(p.video.bytes+p.repairs.bytes)/paceDrain.Seconds(), paceSteepest*p.target/8))
	}
	return rate
}

func (p *pacer) refill(now time.Time) {
	rate := p.rate()
	p.credit += rate * min(now.Sub(p.filled), time.Second).Seconds()
	p.filled = now
	p.credit = min(p.credit, max(paceLeast, rate*paceBurst.Seconds()))
	if rate == 0 {
		p.credit = min(p.credit, 0)
	}
}

// charge takes off what goes out without waiting for its turn. What it takes while pictures are held they do not owe it afterwards.
func (p *pacer) charge(size int, now time.Time) {
	p.refill(now)
	p.credit = max(p.credit-float64(size), min(p.credit, -min(paceLeast, p.rate()*paceOwed.Seconds())))
}

func (p *pacer) empty() bool { return p.video.n == 0 && p.repairs.n == 0 }

// busy says whether so much waits that a new frame would come too late.
func (p *pacer) busy() bool { return p.video.n > mostWaits/2 || p.waits() > paceMost }

// waits returns how long the video that waits takes at the target's pace.
func (p *pacer) waits() time.Duration {
	rate := p.target
	if p.opening {
		rate = p.pace
	} else if p.pace > 0 { // else it will be soon
		rate = min(rate, paceSteepest*p.pace)
	}
	return time.Duration(float64(8*p.video.bytes) / max(rate, 100_000) * float64(time.Second))
}

// addRepair queues a repair, as far as the budget of repairs goes.
func (p *pacer) addRepair(s *outgoing, packet *stored, now time.Time) bool {
	p.allow(now)
	if p.allowed < float64(len(packet.payload)) || !p.repairs.push(waiting{s: s, sequence: packet.sequence, size: len(packet.payload)}) {
		return false
	}
	p.allowed -= float64(len(packet.payload))
	return true
}

// protects takes off that budget what goes out unasked to make up for losses.
func (p *pacer) protects(size int, now time.Time) {
	p.allow(now)
	p.allowed = max(p.allowed-float64(size), -repairsAtOnce)
}

func (p *pacer) allow(now time.Time) {
	rate := repairShare * p.target / 8
	p.allowed = min(p.allowed+rate*now.Sub(p.allowedAt).Seconds(), max(repairsAtOnce, rate*repairAtOnce.Seconds()))
	p.allowedAt = now
}

func (p *pacer) probe(probe congestion.Probe, now time.Time) {
	p.padding, p.padRate, p.padded, p.padAt = probe.Bytes, float64(probe.Rate)/8, 1, now
}

// drop lets go of all video that waits. Its frames are torn, and the next goes on with a key frame, which nothing that was sent before is to hold up because
// somebody asks for it. It is called with mu held.
func (t *transport) drop() {
	p := &t.pace
	for p.video.n > 0 {
		if w := p.video.pop(); !w.s.torn {
			w.s.torn = true
			w.s.store.forget()
		}
	}
	for p.copies.n > 0 {
		p.copies.pop()
	}
}

// forget takes a stream's packets out.
func (p *pacer) forget(ssrc uint32) {
	for _, f := range []*fifo{&p.video, &p.repairs, &p.copies} {
		for range f.n {
			if w := f.pop(); w.s.ssrc != ssrc {
				f.push(w)
			}
		}
	}
}

// writeVideo sends a packet at its pace: at once where nothing waits and the pace allows it, which on a wide path is nearly always.
func (s *outgoing) writeVideo(h *rtp.Header, payload []byte, _ interceptor.Attributes) (int, error) {
	t := s.t
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.up || t.ended {
		return 0, nil
	}
	if h.SSRC != s.ssrc {
		return t.write(s, h, payload, congestion.Repair, nil) // what goes along with the video, to make up for losses
	}
	now := time.Now()
	p := &t.pace
	if !s.midFrame && now.Sub(t.looked) > lookEvery {
		t.look(now)
	}
	if s.torn || !s.midFrame && p.busy() {
		s.torn, s.midFrame = false, false // the track goes on with a key frame
		return 0, errBusy
	}
	packet := s.store.put(h, payload, now)
	if packet == nil {
		return 0, errBusy
	}
	s.midFrame = !h.Marker
	s.flowed = now
	p.refill(now)
	if p.empty() && p.credit > 0 {
		return t.first(s, packet, now)
	}
	if !p.video.push(waiting{s: s, sequence: packet.sequence, size: len(payload)}) {
		packet.used = false
		return 0, errBusy
	}
	t.poke()
	return len(payload), nil
}

// first writes a packet for the first time. It is called with mu held.
func (t *transport) first(s *outgoing, p *stored, now time.Time) (int, error) {
	p.sent = now
	if t.copyingTwice(s) {
		s.delay.want(t.cached.RoundTrip, now)
	}
	h := t.headerOf(s, p, now)
	t.pace.credit -= float64(len(p.payload) + headers)
	n, err := t.write(s, h, p.payload, s.kind, nil)
	p.number = binary.BigEndian.Uint16(t.number[:])
	t.protect(s, h, p.payload)
	t.copyLater(s, p)
	return n, err
}

// headerOf returns the header of a packet as it is written for the first time, until the next is asked for. It is called with mu held.
func (t *transport) headerOf(s *outgoing, p *stored, now time.Time) *rtp.Header {
	h := &t.header
	*h = rtp.Header{Version: 2, Marker: p.marker, PayloadType: p.payloadType, SequenceNumber: p.sequence, Timestamp: p.timestamp, SSRC: s.ssrc, Extensions: h.Extensions[:0]}
	s.delay.put(h, now, t.evenTo(s, now))
	return h
}

// run is the goroutine that sends what waits. It ends with the transport.
func (t *transport) run() {
	defer close(t.done)
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		select {
		case <-t.wake:
		case <-timer.C:
		case <-t.quit:
			return
		}
		if wait := t.pump(time.Now()); wait > 0 {
			timer.Reset(wait)
		} else {
			timer.Stop()
		}
	}
}

// leastWait keeps the goroutine from waking for each packet.
const leastWait = 2 * time.Millisecond

// lookEvery is how old what is known of the path may be when a frame begins.
const lookEvery = 10 * time.Millisecond

// heldWait is how old what is known of the path may be while something waits: no pace lasts, one of 0 least of all.
const heldWait = 20 * time.Millisecond

// pump sends what may go out now, repairs first and copies last, and returns how long to wait for the next; 0 is until something comes.
func (t *transport) pump(now time.Time) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	p := &t.pace
	if t.cached.Opening || now.Sub(t.looked) >= heldWait {
		t.look(now) // nobody else may: no report comes while nothing goes out, and no frame begins
	}
	p.refill(now)
	for p.credit > 0 && p.repairs.n > 0 {
		w := p.repairs.pop()
		if packet := w.s.store.find(w.sequence); packet != nil && packet.asked {
			p.credit -= float64(w.size + headers)
			t.resend(w.s, packet, now)
		}
	}
	for p.credit > 0 && p.video.n > 0 {
		w := p.video.pop()
		if packet := w.s.store.find(w.sequence); packet != nil {
			_, _ = t.first(w.s, packet, now)
		}
	}
	t.sendCopies()
	padding := t.padOut(now)
	if p.empty() && p.copies.n == 0 {
		return padding
	}
	wait := heldWait
	if rate := p.rate(); rate > 0 {
		wait = max(leastWait, min(wait, time.Duration(-p.credit/rate*float64(time.Second))))
	}
	if padding > 0 {
		wait = min(wait, padding)
	}
	return wait
}

// padOut sends what is due of a probe, and returns how long to wait for more of it; 0 is no more.
func (t *transport) padOut(now time.Time) time.Duration {
	p := &t.pace
	if p.padding <= 0 {
		return 0
	}
	s := t.padder(now)
	if s == nil {
		p.padding = 0
		return 0
	}
	p.padded = min(p.padded+p.padRate*now.Sub(p.padAt).Seconds(), p.padRate*0.02)
	p.padAt = now
	for p.padding > 0 && p.padded > 0 {
		n := t.pad(s)
		p.padding -= n
		p.padded -= float64(n)
	}
	if p.padding <= 0 {
		return 0
	}
	return leastWait
}
