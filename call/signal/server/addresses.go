package server

import (
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// addresses counts what each address uses of the server.
type addresses struct {
	cfg Config

	mu    sync.Mutex
	total int
	by    map[netip.Prefix]*address
	sweep int // the number of addresses at which those that are forgotten are swept out
}

type address struct {
	prefix  netip.Prefix
	sockets int
	rooms   *rate.Limiter // nil until the first room
}

// slot is one connection's share of an address; it passes to the seat when the connection is lost.
type slot struct {
	all  *addresses
	of   *address // nil where no limit applies
	once sync.Once
}

func newAddresses(cfg Config) *addresses {
	return &addresses{cfg: cfg, by: make(map[netip.Prefix]*address), sweep: 1024}
}

// enter counts a connection from ip, or returns errTooMany.
func (a *addresses) enter(ip netip.Addr) (*slot, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.total >= a.cfg.MaxSockets {
		return nil, errTooMany
	}
	s := &slot{all: a}
	if !ip.IsLoopback() || a.cfg.LimitLoopback {
		s.of = a.find(ip)
		if s.of.sockets >= a.cfg.AddressSockets {
			return nil, errTooMany
		}
		s.of.sockets++
	}
	a.total++
	return s, nil
}

// find returns the entry of ip. The caller holds the lock.
func (a *addresses) find(ip netip.Addr) *address {
	bits := 32
	if ip.Is6() {
		bits = 64 // a customer gets a whole /64
	}
	prefix, err := ip.Prefix(bits)
	if err != nil {
		prefix = netip.Prefix{} // an address that could not be read: all of those count as one
	}
	if of := a.by[prefix]; of != nil {
		return of
	}
	if len(a.by) >= a.sweep {
		for p, of := range a.by {
			if of.forgotten() {
				delete(a.by, p)
			}
		}
		a.sweep = max(1024, 2*len(a.by))
	}
	of := &address{prefix: prefix}
	a.by[prefix] = of
	return of
}

// forgotten reports whether the entry says no more than none would.
func (of *address) forgotten() bool {
	return of.sockets == 0 && (of.rooms == nil || of.rooms.Tokens() >= float64(of.rooms.Burst()))
}

// leave ends the slot's count. Calling it again, or on nil, does nothing.
func (s *slot) leave() {
	if s == nil {
		return
	}
	s.once.Do(func() {
		s.all.mu.Lock()
		defer s.all.mu.Unlock()
		s.all.total--
		if s.of == nil {
			return
		}
		s.of.sockets--
		if s.of.forgotten() {
			delete(s.all.by, s.of.prefix)
		}
	})
}

// openRoom counts a new room, and returns how long to wait when the address opened too many.
func (s *slot) openRoom() (wait time.Duration, ok bool) {
	if s.of == nil {
		return 0, true
	}
	s.all.mu.Lock()
	defer s.all.mu.Unlock()
	n := s.all.cfg.AddressRooms
	if s.of.rooms == nil {
		s.of.rooms = rate.NewLimiter(rate.Every(time.Hour/time.Duration(n)), n)
	}
	r := s.of.rooms.Reserve()
	if wait = r.Delay(); wait > 0 {
		r.Cancel()
		return wait, false
	}
	return 0, true
}
