package peer_test

import (
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/logging"
	"github.com/pion/transport/v5/vnet"
	"github.com/pion/webrtc/v4"
	"go.uber.org/goleak"

	"parley/call/peer"
	"parley/call/signal/wire"
)

// inMemory runs a test whose whole network is in memory in virtual time, so that it shows in nothing how busy the machine is. It fails when anything is left
// running. No connection may end because the other side says so (muted): pion then waits while it holds a mutex, for which time stands still.
func inMemory(t *testing.T, name string, test func(t *testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) { synctest.Test(t, test) })
}

// network is a network in memory. An address that is off is not offered, and one that is dead passes no packet.
type network struct {
	router *vnet.Router

	mu    sync.Mutex
	off   map[string]bool
	dead  map[string]bool
	mute  map[string]bool // no word of DTLS passes: nobody hears that a connection was closed
	deaf  bool            // likewise, for all
	tacit bool            // no word of the data channel passes
	black bool            // nothing passes
	shut  bool            // nothing passes from oldAddress to otherAddress, or back
}

func newNetwork(t *testing.T, delay time.Duration) *network {
	t.Helper()
	router, err := vnet.NewRouter(&vnet.RouterConfig{
		CIDR: "10.0.0.0/24", QueueSize: 4096, MinDelay: delay, LoggerFactory: logging.NewDefaultLoggerFactory(),
	})
	if err != nil {
		t.Fatal(err)
	}
	n := &network{router: router, off: map[string]bool{}, dead: map[string]bool{}, mute: map[string]bool{}}
	router.AddChunkFilter(func(c vnet.Chunk) bool {
		from, to := c.SourceAddr().(*net.UDPAddr).IP.String(), c.DestinationAddr().(*net.UDPAddr).IP.String()
		data := c.UserData()
		isDTLS := len(data) > 0 && data[0] >= 20 && data[0] < 64 // RFC 7983 section 7
		isData := len(data) > 0 && data[0] == 23                 // RFC 5246 section 6.2.1
		isDirect := from == oldAddress && to == otherAddress || from == otherAddress && to == oldAddress
		n.mu.Lock()
		defer n.mu.Unlock()
		return !n.black && !(isDirect && n.shut) && !n.dead[from] && !n.dead[to] && !(isData && n.tacit) && !(isDTLS && (n.deaf || n.mute[from] || n.mute[to]))
	})
	return n
}

// card adds the network card of a machine with those addresses.
func (n *network) card(t *testing.T, addresses ...string) *vnet.Net {
	t.Helper()
	card, err := vnet.NewNet(&vnet.NetConfig{StaticIPs: addresses})
	if err != nil {
		t.Fatal(err)
	}
	if err := n.router.AddNet(card); err != nil {
		t.Fatal(err)
	}
	return card
}

// host adds a machine with those addresses.
func (n *network) host(t *testing.T, addresses ...string) *peer.API {
	t.Helper()
	card := n.card(t, addresses...)
	api, err := peer.NewAPI(nil, func(s *webrtc.SettingEngine) {
		s.SetNet(card)
		s.SetIncludeLoopbackCandidate(false)
		s.SetIPFilter(func(ip net.IP) bool {
			n.mu.Lock()
			defer n.mu.Unlock()
			return !n.off[ip.String()]
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return api
}

func (n *network) start(t *testing.T) {
	t.Helper()
	if err := n.router.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = n.router.Stop() })
}

func (n *network) set(change func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	change()
}

// muted lets no word of DTLS pass any more, by which the other side hears that a connection was closed.
func (n *network) muted() { n.set(func() { n.deaf = true }) }

// roaming is a call between somebody with two addresses, of which only the first is there at first, and somebody with one.
type roaming struct {
	*network
	roamer, other *side
}

const oldAddress, newAddress, otherAddress = "10.0.0.1", "10.0.0.2", "10.0.0.3"

func newRoaming(t *testing.T, politeRoams bool, random *rand.Rand, delay time.Duration) *roaming {
	t.Helper()
	r := &roaming{network: newNetwork(t, 5*time.Millisecond)}
	r.off[newAddress] = true
	here, there := r.host(t, oldAddress, newAddress), r.host(t, otherAddress)
	r.start(t)
	if politeRoams {
		r.roamer, r.other = pairOf(t, here, there, random, delay)
	} else {
		r.other, r.roamer = pairOf(t, there, here, random, delay)
	}
	t.Cleanup(r.muted)
	r.roamer.conn.Offer()
	for _, s := range r.sides() {
		s.await(t, peer.Connected)
		s.hears(t)
		s.forget()
	}
	return r
}

func (r *roaming) sides() []*side { return []*side{r.roamer, r.other} }

func (s *side) forget() {
	for n := range s.came {
		s.came[n].since()
	}
}

// hearsMore waits for that many packets more of each section.
func (s *side) hearsMore(t *testing.T, packets int) {
	t.Helper()
	for n := range s.came {
		before := s.came[n].count()
		eventually(t, fmt.Sprintf("more comes of section %d", n), func() bool { return s.came[n].count() >= before+packets })
	}
}

// settles waits until the connection in use goes by that local address and is the only one.
func (s *side) settles(t *testing.T, address string) {
	t.Helper()
	eventually(t, "there is one connection, by "+address, func() bool {
		path, ok := s.conn.Transport()
		links, _ := s.conn.Links()
		return ok && path.LocalCandidateAddress == address && links == 1
	})
}

// since returns the longest time without a new packet on any section, and how many packets never came.
func (r *roaming) since() (longest time.Duration, missing int) {
	for _, s := range r.sides() {
		for n := range s.came {
			d, lost := s.came[n].since()
			longest, missing = max(longest, d), missing+lost
		}
	}
	return longest, missing
}

func TestANewAddressIsTakenWithoutLosingAPacket(t *testing.T) {
	for _, polite := range []bool{true, false} {
		inMemory(t, fmt.Sprintf("polite=%v", polite), func(t *testing.T) {
			r := newRoaming(t, polite, rand.New(rand.NewPCG(1, 1)), 0)
			r.set(func() { r.off[oldAddress], r.off[newAddress], r.mute[oldAddress] = true, false, true })
			r.roamer.conn.NetworkChanged()
			r.roamer.settles(t, newAddress)
			r.other.settles(t, otherAddress)
			r.set(func() { r.dead[oldAddress] = true })
			for _, s := range r.sides() {
				s.hearsMore(t, 20)
				if n := len(s.states); n > 0 {
					t.Errorf("the connection became %s, which nobody was to notice", <-s.states)
				}
			}
			if longest, missing := r.since(); missing > 0 || longest > 50*time.Millisecond {
				t.Errorf("%d packets never came, and for %v there was none", missing, longest)
			}
		})
	}
}

func TestAnAddressThatIsGoneAtOnceCostsWhatAHandshakeTakes(t *testing.T) {
	inMemory(t, "call", func(t *testing.T) {
		r := newRoaming(t, true, rand.New(rand.NewPCG(2, 2)), 0)
		r.set(func() { r.off[newAddress], r.off[oldAddress], r.dead[oldAddress] = false, true, true })
		r.roamer.conn.NetworkChanged()
		r.roamer.settles(t, newAddress)
		r.other.settles(t, otherAddress)
		for _, s := range r.sides() {
			s.hearsMore(t, 20)
		}
		if longest, _ := r.since(); longest > 500*time.Millisecond {
			t.Errorf("for %v there was no packet", longest)
		}
	})
}

// Nobody says that the network changed: the silence does.
func TestADeadPathIsReplacedThoughNoAddressChanged(t *testing.T) {
	inMemory(t, "call", func(t *testing.T) {
		r := newRoaming(t, true, rand.New(rand.NewPCG(3, 3)), 0)
		r.set(func() { r.off[newAddress], r.dead[oldAddress] = false, true })
		r.roamer.settles(t, newAddress)
		for _, s := range r.sides() {
			s.await(t, peer.Reconnecting)
			s.await(t, peer.Connected)
			s.hearsMore(t, 20)
		}
		if longest, _ := r.since(); longest > 4*time.Second {
			t.Errorf("for %v there was no packet", longest)
		}
	})
}

func TestAPathThatIsBlackForTenSecondsCarriesOnWhenItIsBack(t *testing.T) {
	defer goleak.VerifyNone(t)
	t.Run("call", func(t *testing.T) {
		r := newRoaming(t, true, rand.New(rand.NewPCG(4, 4)), 0)
		r.set(func() { r.black = true })
		time.Sleep(10 * time.Second)
		for _, s := range r.sides() {
			s.forget()
		}
		back := time.Now()
		r.set(func() { r.black = false })
		for _, s := range r.sides() {
			s.hearsMore(t, 1)
		}
		media := time.Since(back)
		for _, s := range r.sides() {
			s.await(t, peer.Reconnecting)
			s.await(t, peer.Connected)
		}
		t.Logf("the first packets came %v after the path, and both sides knew after %v", media.Round(time.Millisecond),
			time.Since(back).Round(time.Millisecond))
		r.roamer.settles(t, oldAddress)
		r.other.settles(t, otherAddress)
	})
}

// Both go over at once, while messages take their time: one connection is left, and everything is heard by it.
func TestChangesOfBothSidesAtOnceEndInOneConnection(t *testing.T) {
	manyTimes(t, 20, func(t *testing.T, random *rand.Rand) {
		polite, impolite := pair(t, random, 30*time.Millisecond)
		sides := []*side{polite, impolite}
		polite.conn.Offer()
		for _, s := range sides {
			s.await(t, peer.Connected)
			s.hears(t)
		}
		_, first := polite.conn.Links()
		random.Shuffle(2, func(i, j int) { sides[i], sides[j] = sides[j], sides[i] })
		sides[0].conn.NetworkChanged()
		time.Sleep(time.Duration(random.Int64N(int64(60 * time.Millisecond))))
		sides[1].conn.NetworkChanged()
		eventually(t, "both have one connection, the same, and another than before", func() bool {
			n, one := polite.conn.Links()
			m, other := impolite.conn.Links()
			return n == 1 && m == 1 && one == other && one != first
		})
		for _, s := range sides {
			s.hearsMore(t, 5)
		}
	})
}

func TestAFloodOfNewConnectionsIsBoundedAndTheOldOneGoesOn(t *testing.T) {
	connected(t, 5, func(t *testing.T, polite, impolite *side) {
		for _, s := range []*side{polite, impolite} {
			s.forget()
		}
		_, first := polite.conn.Links()
		sdp := offerOf(t)
		for n := range 4 * peer.RebuildsAMinute {
			offer := wire.Signal{Session: fmt.Sprint("flood", n), Description: &wire.Description{Type: "offer", SDP: sdp}}
			_ = polite.conn.Handle(offer)
			if links, _ := polite.conn.Links(); links > 2 {
				t.Fatalf("%d connections at once", links)
			}
		}
		if _, session := polite.conn.Links(); session != first {
			t.Errorf("session %s is in use, which never connected", session)
		}
		for _, s := range []*side{polite, impolite} {
			s.hearsMore(t, 20)
		}
	})
}

func TestAConnectionThatIsNegotiatedWithoutEndStaysSmall(t *testing.T) {
	defer goleak.VerifyNone(t)
	t.Run("call", func(t *testing.T) {
		polite, _ := pair(t, rand.New(rand.NewPCG(6, 5)), 0)
		sdp := offerOf(t)
		for n := range 2 * peer.MaxSections {
			another := strings.NewReplacer("a=mid:0", fmt.Sprint("a=mid:", n), "BUNDLE 0", fmt.Sprint("BUNDLE ", n)).Replace(sdp)
			_ = polite.conn.Handle(wire.Signal{Session: "one", Description: &wire.Description{Type: "offer", SDP: another}})
			if n == 0 {
				_, _ = polite.conn.Links() // it is dealt with
				if polite.conn.Sections() == 0 {
					t.Fatal("the offer was not taken")
				}
			}
		}
		_, _ = polite.conn.Links()
		if n := polite.conn.Sections(); n > peer.MaxSections+1 {
			t.Errorf("it has come to %d sections", n)
		}
	})
}

// offerOf returns an honest offer of nobody who can be reached.
func offerOf(t *testing.T) string {
	t.Helper()
	api, err := peer.NewAPI(nil)
	if err != nil {
		t.Fatal(err)
	}
	pc, err := api.NewPeerConnection()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = pc.GracefulClose() }()
	if _, err := pc.AddTransceiverFromKind(webrtc.RTPCodecTypeAudio); err != nil {
		t.Fatal(err)
	}
	offer, err := pc.CreateOffer(nil)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(offer.SDP, "opus") {
		t.Fatal("an offer without a codec")
	}
	return offer.SDP
}
