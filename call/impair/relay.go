package impair

import (
	"crypto/rand"
	"errors"
	"fmt"
	"hash/fnv"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/pion/logging"
	"github.com/pion/turn/v5"
)

// ErrClosed is returned by a relay that was closed.
var ErrClosed = errors.New("the relay is closed")

// Config says how a relay begins.
type Config struct {
	Seed       uint64     // of all luck
	Conditions Conditions // what happens to packets until Set says otherwise
}

// Relay is a TURN server for the programs of this machine, over UDP, that impairs what it relays.
//
// Each allocation has a [Pipe] for what its client sends and one for what it gets from a peer that is not relayed here. A
// packet goes through one pipe: that of its sender's allocation or, when its sender has none here, that of its
// receiver's. So a call in which both sides are relayed has two paths, one each way, and a packet that crosses two allocations
// on its way is impaired once. What clients and the server say to each other about allocations is spared. The size of a packet is that
// on a link: with the headers of IP and UDP.
//
// Any user name will do beside the password, and names the side to which an allocation belongs, for [Relay.SetFrom] and
// [Relay.StatsFrom]. Any goroutine may call the methods.
type Relay struct {
	server   *turn.Server
	address  string
	password string
	began    time.Time
	seed     uint64

	mu     sync.RWMutex
	closed bool
	all    Conditions
	from   map[string]Conditions // by user name, where that differs
	legs   map[netip.AddrPort]*leg
	made   map[string]uint64 // allocations so far, by user name
	past   map[string]Stats  // of those that are gone
	work   sync.WaitGroup
}

const (
	realm = "impair"
	user  = "caller"
	// headers are those of IPv4 and UDP on each packet.
	headers = 20 + 8
	// socketBuffer keeps the system from dropping packets on its own while this process does not run.
	socketBuffer = 1 << 20
)

// Listen starts a relay on a free port of the loopback address. The caller closes it. The error wraps [ErrConditions] when the
// conditions are out of range.
func Listen(cfg Config) (*Relay, error) {
	if err := cfg.Conditions.Check(); err != nil {
		return nil, err
	}
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, fmt.Errorf("listening for clients: %w", err)
	}
	_ = conn.SetReadBuffer(socketBuffer)
	r := &Relay{
		address: conn.LocalAddr().String(), password: rand.Text(), began: time.Now(), seed: cfg.Seed, all: cfg.Conditions,
		from: map[string]Conditions{}, legs: map[netip.AddrPort]*leg{}, made: map[string]uint64{}, past: map[string]Stats{},
	}
	quiet := logging.NewDefaultLoggerFactory()
	quiet.DefaultLogLevel = logging.LogLevelDisabled
	r.server, err = turn.NewServer(turn.ServerConfig{
		Realm: realm,
		AuthHandler: func(a *turn.RequestAttributes) (string, []byte, bool) {
			return a.Username, turn.GenerateAuthKey(a.Username, a.Realm, r.password), true
		},
		PacketConnConfigs: []turn.PacketConnConfig{{
			PacketConn: conn, RelayAddressGenerator: addresses{r},
			PermissionHandler: func(_ net.Addr, peer net.IP) bool { return peer.IsLoopback() },
		}},
		LoggerFactory: quiet,
	})
	if err != nil {
		conn.Close()
		return nil, fmt.Errorf("starting the TURN server: %w", err)
	}
	return r, nil
}

// Address returns where the relay listens, as host:port.
func (r *Relay) Address() string { return r.address }

// URL returns the relay's address in the form of RFC 7065, for RTCIceServer.urls.
func (r *Relay) URL() string { return "turn:" + r.address + "?transport=udp" }

// Username returns a user name that will do, as any does.
func (r *Relay) Username() string { return user }

// Password returns the password of all users.
func (r *Relay) Password() string { return r.password }

// Set changes the conditions of all paths, those of [Relay.SetFrom] too. It panics when they are out of range.
func (r *Relay) Set(c Conditions) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = c
	clear(r.from)
	for _, l := range r.legs {
		l.set(c)
	}
}

// SetFrom changes the conditions of what the clients with that user name send, and of what they get from peers that are not relayed
// here. It panics when they are out of range.
func (r *Relay) SetFrom(username string, c Conditions) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.from[username] = c
	for _, l := range r.legs {
		if l.user == username {
			l.set(c)
		}
	}
}

// Stats returns what happened to all packets so far. Stats.Queue is the longest of all queues.
func (r *Relay) Stats() Stats {
	return r.sum(func(string) bool { return true })
}

// StatsFrom returns what happened so far in the pipes of the allocations with that user name.
func (r *Relay) StatsFrom(username string) Stats {
	return r.sum(func(user string) bool { return user == username })
}

func (r *Relay) sum(counts func(user string) bool) Stats {
	r.mu.RLock()
	defer r.mu.RUnlock()
	var s Stats
	for user, past := range r.past {
		if counts(user) {
			s = s.plus(past)
		}
	}
	for _, l := range r.legs {
		if counts(l.user) {
			s = s.plus(l.stats())
		}
	}
	return s
}

// Allocations returns how many relayed addresses there are now.
func (r *Relay) Allocations() int { return r.server.AllocationCount() }

// Close ends all allocations and the relay. A second call returns [ErrClosed].
func (r *Relay) Close() error {
	r.mu.Lock()
	if r.closed {
		r.mu.Unlock()
		return ErrClosed
	}
	r.closed = true
	legs := make([]*leg, 0, len(r.legs))
	for _, l := range r.legs {
		legs = append(legs, l)
	}
	r.mu.Unlock()
	err := r.server.Close()
	for _, l := range legs {
		l.Close()
	}
	r.work.Wait()
	return err
}

// now is the time of all pipes.
func (r *Relay) now() time.Duration { return time.Since(r.began) }

// relayed says whether the address is one that this relay gave to a client.
func (r *Relay) relayed(a netip.AddrPort) bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.legs[a] != nil
}

// open makes a relayed address for a client of that name.
func (r *Relay) open(username string) (*leg, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, ErrClosed
	}
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, err
	}
	_ = conn.SetReadBuffer(socketBuffer)
	conditions, own := r.from[username]
	if !own {
		conditions = r.all
	}
	r.made[username]++
	name := fnv.New64a()
	fmt.Fprint(name, username, r.made[username])
	l := newLeg(r, username, conn, r.seed^name.Sum64(), conditions)
	r.legs[l.at] = l
	r.work.Go(l.run)
	return l, nil
}

// gone forgets a leg that was closed, but for its statistics.
func (r *Relay) gone(l *leg) {
	s := l.stats()
	s.Queue = 0
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.legs[l.at] == l {
		delete(r.legs, l.at)
		r.past[l.user] = r.past[l.user].plus(s)
	}
}

// addresses is what the TURN server gets its relayed addresses from.
type addresses struct{ relay *Relay }

func (addresses) Validate() error { return nil }

func (a addresses) AllocatePacketConn(c turn.AllocateListenerConfig) (net.PacketConn, net.Addr, error) {
	if c.Network != "udp4" {
		return nil, nil, fmt.Errorf("%s: %w", c.Network, errors.ErrUnsupported)
	}
	l, err := a.relay.open(c.UserID)
	if err != nil {
		return nil, nil, err
	}
	return l, l.LocalAddr(), nil
}

func (addresses) AllocateListener(turn.AllocateListenerConfig) (net.Listener, net.Addr, error) {
	return nil, nil, errors.ErrUnsupported
}

func (addresses) AllocateConn(turn.AllocateConnConfig) (net.Conn, error) {
	return nil, errors.ErrUnsupported
}
