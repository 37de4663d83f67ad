package video

import (
	"errors"
	"io"
	"net"
	"sync"
	"time"

	"github.com/pion/rtp"
	"golang.org/x/time/rate"
)

// intake stands between the goroutine that reads packets, which asks for those that are missing too, and the one that
// decodes frames.
type intake struct {
	mu     sync.Mutex
	buffer buffer
	wake   chan struct{} // holds a token when there may be a frame

	// The reading goroutine's.
	ask      []uint16
	deadline bool          // the track has one
	told     time.Time     // when the round trip was last asked for
	askable  time.Time     // from when on packets may be asked for
	scarce   *rate.Limiter // of packets that are asked for in a jam
}

const (
	// repairPoll is how often the track is read anew while a repair is expected: pion's track does not wake its
	// reader for one.
	repairPoll = 4 * time.Millisecond
	// nackApart is how far apart two messages are that ask for packets, whatever comes in: one carries what all would.
	nackApart = 5 * time.Millisecond
	// asksInJam is how many packets may be asked for in a second while the path is jammed. Where more are missing, they are given up: what they would take
	// is better left to the sound, and to a key frame.
	asksInJam = 8
	// tripPeriod is how often the round trip is asked for while packets are missing.
	tripPeriod = time.Second
)

// readAll reads packets into the buffer until the track ends, and returns the error by which it said so.
func (r *Receiver) readAll() error {
	var scratch rtp.Packet
	p := packetPool.Get().(*packet)
	defer func() { p.release() }()
	for {
		n, attributes, err := r.cfg.Track.Read(p.raw[:])
		now := time.Now()
		if err != nil && !errors.Is(err, io.ErrShortBuffer) && !timeout(err) {
			return err
		}
		if err == nil && p.parse(n, attributes, r.known, &scratch, now) == nil { // else it is as if it had been lost
			r.accept(p)
			p = packetPool.Get().(*packet)
		}
		if err = r.askForRepairs(now); err != nil {
			return err
		}
	}
}

// timeout says whether a read ended because of its deadline.
func timeout(err error) bool {
	var e net.Error
	return errors.As(err, &e) && e.Timeout()
}

// accept takes p over.
func (r *Receiver) accept(p *packet) {
	in := &r.in
	in.mu.Lock()
	ends, end := p.marker, in.buffer.end
	in.buffer.insert(p)
	idle := in.buffer.end == end+1 && !ends && !in.buffer.torn // a frame goes on
	in.mu.Unlock()
	if !idle {
		in.signal()
	}
}

// clear gives all packets back.
func (in *intake) clear() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.buffer.clear()
}

func (in *intake) signal() {
	select {
	case in.wake <- struct{}{}:
	default:
	}
}

// askForRepairs asks for the packets that are due, and sets the track's deadline to when it has to be called again.
func (r *Receiver) askForRepairs(now time.Time) error {
	in := &r.in
	in.mu.Lock()
	nacks := &in.buffer.nacks
	missing := len(nacks.missing) > 0
	learn := missing && nacks.trip.known == 0 && now.Sub(in.told) >= tripPeriod
	in.ask = in.ask[:0]
	if !now.Before(in.askable) {
		in.ask = nacks.due(now, in.ask)
	}
	if len(in.ask) > 0 && r.jammed() && !in.scarce.AllowN(now, len(in.ask)) {
		in.ask = in.ask[:0]
		in.buffer.giveUp(in.buffer.end)
		in.signal()
	}
	if len(in.ask) > 0 {
		in.askable = now.Add(nackApart)
	}
	next := nacks.next()
	if !next.IsZero() && next.Before(in.askable) {
		next = in.askable
	}
	if soon := now.Add(repairPoll); missing && nacks.expects(now) && (next.IsZero() || soon.Before(next)) {
		next = soon
	}
	in.mu.Unlock()
	if learn {
		r.learnTrip(now)
	}
	if len(in.ask) > 0 && r.cfg.RequestRepair != nil {
		r.cfg.RequestRepair(in.ask)
		r.mu.Lock()
		r.stats.NACKCount++
		r.mu.Unlock()
	}
	if next.IsZero() && !in.deadline {
		return nil
	}
	in.deadline = !next.IsZero()
	return r.cfg.Track.SetReadDeadline(next)
}

// learnTrip takes the round trip from elsewhere, until there were repairs to measure.
func (r *Receiver) learnTrip(now time.Time) {
	in := &r.in
	in.told = now
	if r.cfg.RoundTripTime == nil {
		return
	}
	trip := r.cfg.RoundTripTime()
	in.mu.Lock()
	defer in.mu.Unlock()
	in.buffer.nacks.trip.tell(trip)
}
