package impair

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"sync"
	"time"
)

// leg is the relayed address of one allocation. The TURN server writes to it what its client sends, and reads from it what peers send.
type leg struct {
	*net.UDPConn
	relay *Relay
	user  string
	at    netip.AddrPort
	wake  chan struct{}
	quit  chan struct{}
	once  sync.Once

	mu  sync.Mutex
	out *Pipe[datagram] // from the client; run and WriteTo empty it
	in  *Pipe[datagram] // from peers that are not relayed here; ReadFrom empties it
}

type datagram struct {
	data []byte
	peer netip.AddrPort
}

func newLeg(r *Relay, user string, conn *net.UDPConn, seed uint64, c Conditions) *leg {
	return &leg{
		UDPConn: conn, relay: r, user: user, at: conn.LocalAddr().(*net.UDPAddr).AddrPort(),
		wake: make(chan struct{}, 1), quit: make(chan struct{}),
		out: NewPipe[datagram](seed, c), in: NewPipe[datagram](^seed, c),
	}
}

func (l *leg) set(c Conditions) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.out.Set(c)
	l.in.Set(c)
}

func (l *leg) stats() Stats {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out.Stats().plus(l.in.Stats())
}

// WriteTo sends to a peer what the client sent, through the pipe. It takes a copy, and tells of no error: a path does not, either.
func (l *leg) WriteTo(p []byte, peer net.Addr) (int, error) {
	to, ok := peer.(*net.UDPAddr)
	if !ok {
		return 0, net.InvalidAddrError("not an address of UDP")
	}
	address := to.AddrPort()
	l.mu.Lock()
	l.out.Push(l.relay.now(), len(p)+headers, datagram{append([]byte(nil), p...), netip.AddrPortFrom(address.Addr().Unmap(), address.Port())})
	l.mu.Unlock()
	if l.flush() >= 0 {
		select {
		case l.wake <- struct{}{}:
		default:
		}
	}
	return len(p), nil
}

// flush sends what is due, and returns how long it is until there is more; -1 when nothing is under way.
func (l *leg) flush() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	for now := l.relay.now(); ; {
		d, ok := l.out.Pop(now)
		if !ok {
			if next, more := l.out.Next(); more {
				return next - now
			}
			return -1
		}
		_, _ = l.WriteToUDPAddrPort(d.data, d.peer) // a peer that is gone is like a path that lost it
	}
}

// run sends what is due when it is due, until the leg is closed.
func (l *leg) run() {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		if wait := l.flush(); wait >= 0 {
			timer.Reset(wait)
		} else {
			timer.Stop()
		}
		select {
		case <-timer.C:
		case <-l.wake:
		case <-l.quit:
			return
		}
	}
}

// ReadFrom returns what a peer sent: at once when that went through a pipe on its way here, and else after it went through the one of this
// leg. One goroutine reads, that of the TURN server.
func (l *leg) ReadFrom(p []byte) (int, net.Addr, error) {
	for {
		if d, ok := l.due(); ok {
			return copy(p, d.data), net.UDPAddrFromAddrPort(d.peer), nil
		}
		n, peer, err := l.ReadFromUDPAddrPort(p)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			continue
		}
		if err != nil {
			return 0, nil, err
		}
		peer = netip.AddrPortFrom(peer.Addr().Unmap(), peer.Port())
		if l.relay.relayed(peer) {
			return n, net.UDPAddrFromAddrPort(peer), nil
		}
		l.mu.Lock()
		l.in.Push(l.relay.now(), n+headers, datagram{append([]byte(nil), p[:n]...), peer})
		l.mu.Unlock()
	}
}

// due takes what has come through the pipe from peers, or lets reading end when there is more to take.
func (l *leg) due() (datagram, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.relay.now()
	if d, ok := l.in.Pop(now); ok {
		return d, true
	}
	var end time.Time
	if next, more := l.in.Next(); more {
		end = time.Now().Add(next - now)
	}
	_ = l.SetReadDeadline(end) // an error says that the leg is closed, which reading says too
	return datagram{}, false
}

// Close ends the leg. It may be called again, which does nothing.
func (l *leg) Close() (err error) {
	l.once.Do(func() {
		close(l.quit)
		err = l.UDPConn.Close()
		l.relay.gone(l)
	})
	return err
}
