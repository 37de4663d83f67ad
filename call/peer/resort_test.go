package peer_test

import (
	"math/rand/v2"
	"net"
	"slices"
	"testing"
	"time"

	"github.com/pion/turn/v5"
	"github.com/pion/webrtc/v4"
	"go.uber.org/goleak"

	"parley/call/peer"
	"parley/call/signal/wire"
)

// The last resorts are left alone while there is something better, or may soon be.

func TestNobodyListensForTCPWhereUDPPasses(t *testing.T) {
	defer goleak.VerifyNone(t)
	t.Run("call", func(t *testing.T) {
		one, other := NewAPI(t), NewAPI(t)
		polite, impolite := pairOf(t, one, other, rand.New(rand.NewPCG(1, 1)), 0)
		for range 2 { // the second takes the place of the first
			polite.conn.Offer()
			for _, s := range []*side{polite, impolite} {
				s.hears(t)
			}
			if one.Listens() || other.Listens() {
				t.Error("a port is open to everybody, of which there is no need")
			}
		}
	})
}

func TestAPortIsOpenForTCPWhereThereAreAddressesOfIt(t *testing.T) {
	udp := []webrtc.NetworkType{webrtc.NetworkTypeUDP4, webrtc.NetworkTypeUDP6}
	for name, of := range map[string]struct {
		relayOnly bool
		types     []webrtc.NetworkType
		listens   bool
	}{
		"as the last resort": {types: append(udp, webrtc.NetworkTypeTCP4, webrtc.NetworkTypeTCP6), listens: true},
		"not for relays":     {types: append(udp, webrtc.NetworkTypeTCP4, webrtc.NetworkTypeTCP6), relayOnly: true},
		"not for UDP":        {types: udp},
	} {
		t.Run(name, func(t *testing.T) {
			defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
			api, err := peer.NewAPI(nil, func(s *webrtc.SettingEngine) { s.SetNetworkTypes(of.types) })
			if err != nil {
				t.Fatal(err)
			}
			s := newSideOf(t, peer.Config{API: api, RelayOnly: of.relayOnly})
			defer s.conn.Close()
			s.conn.TriedInVain()
			s.conn.Offer()
			late := time.After(patience)
			for gathered := false; !gathered; {
				select {
				case m := <-s.wire.queue:
					gathered = m.EndOfCandidates
				case <-late:
					t.Fatal("not all addresses were found")
				}
			}
			if api.Listens() != of.listens {
				t.Errorf("a port is open: %t", api.Listens())
			}
		})
	}
}

func TestAnAddressOfTCPIsTriedOnceThoseOfUDPHadTheirTime(t *testing.T) {
	inMemory(t, "call", func(t *testing.T) {
		n := newNetwork(t, 5*time.Millisecond)
		s := newSideOf(t, peer.Config{API: n.host(t, oldAddress), Polite: true})
		n.start(t)
		t.Cleanup(func() { _ = s.conn.Close() })
		mid := "0"
		for _, m := range []wire.Signal{
			{Description: &wire.Description{Type: "offer", SDP: offerOf(t)}},
			{Candidate: &wire.Candidate{Candidate: "candidate:1 1 tcp 1671430143 10.0.0.9 4000 typ host tcptype passive", SDPMid: &mid}},
			{Candidate: &wire.Candidate{Candidate: "candidate:2 1 udp 2130706431 10.0.0.9 4000 typ host", SDPMid: &mid}},
		} {
			m.Session = "one"
			if err := s.conn.Handle(m); err != nil {
				t.Fatal(err)
			}
		}
		for _, step := range []struct {
			after time.Duration
			tries []string
		}{{time.Second / 2, []string{"udp"}}, {1400 * time.Millisecond, []string{"udp"}}, {1500 * time.Millisecond, []string{"tcp", "udp"}}} {
			time.Sleep(step.after)
			if tries := s.conn.RemoteCandidates(); !slices.Equal(tries, step.tries) {
				t.Errorf("%v later it tries addresses of %v, want %v", step.after, tries, step.tries)
			}
		}
	})
}

// A NAT opens with the first packet that goes out, so that the direct path is there some moments after the one by a relay.
func TestARelayIsNotTakenWhereADirectPathComesAMomentLater(t *testing.T) {
	inMemory(t, "call", func(t *testing.T) {
		const relay = "10.0.0.9"
		n := newNetwork(t, 5*time.Millisecond)
		here, there, card := n.host(t, oldAddress), n.host(t, otherAddress), n.card(t, relay)
		n.start(t)
		socket, err := card.ListenPacket("udp4", net.JoinHostPort(relay, "3478"))
		if err != nil {
			t.Fatal(err)
		}
		runTURN(t, turn.ServerConfig{PacketConnConfigs: []turn.PacketConnConfig{{
			PacketConn:            socket,
			RelayAddressGenerator: &turn.RelayAddressGeneratorStatic{RelayAddress: net.ParseIP(relay), Address: relay, Net: card},
		}}})
		n.set(func() { n.shut = true })
		time.AfterFunc(150*time.Millisecond, func() { n.set(func() { n.shut = false }) })
		polite, impolite := pairAs(t, peer.Config{
			ICE: []webrtc.ICEServer{{URLs: []string{"turn:" + relay + ":3478"}, Username: turnUser, Credential: turnPassword}},
		}, here, there, rand.New(rand.NewPCG(1, 1)), 0)
		t.Cleanup(n.muted)
		polite.conn.Offer()
		for _, s := range []*side{polite, impolite} {
			s.await(t, peer.Connected)
			s.hears(t)
			if path := s.path(t); path.LocalCandidateType == "relay" || path.RemoteCandidateType == "relay" {
				t.Errorf("went from %s to %s", path.LocalCandidateType, path.RemoteCandidateType)
			}
		}
	})
}
