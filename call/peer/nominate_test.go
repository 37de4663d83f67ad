package peer_test

import (
	"math/rand/v2"
	"net"
	"testing"
	"time"

	"github.com/pion/transport/v5/vnet"

	"parley/call/peer"
)

func TestAPathIsTakenSoonAfterItAnswered(t *testing.T) {
	for _, delay := range []time.Duration{2 * time.Millisecond, 10 * time.Millisecond, 20 * time.Millisecond} {
		inMemory(t, delay.String(), func(t *testing.T) {
			n := newNetwork(t, delay)
			began := time.Now()
			// The checks of a browser come before this side knows its address, and then seldom.
			n.router.AddChunkFilter(func(c vnet.Chunk) bool {
				isCheck := len(c.UserData()) > 1 && c.UserData()[0] == 0 && c.UserData()[1] == 1 // RFC 8489 section 5
				return !isCheck || c.SourceAddr().(*net.UDPAddr).IP.String() != otherAddress || time.Since(began) > 2*delay
			})
			here, there := n.host(t, oldAddress), n.host(t, otherAddress)
			n.start(t)
			offers, answers := pairOf(t, here, there, rand.New(rand.NewPCG(1, 1)), 0)
			t.Cleanup(n.muted)
			offers.conn.Offer()
			offers.await(t, peer.Connected)
			if took := time.Since(began); took > 10*delay+50*time.Millisecond { // DTLS has three trips there and back
				t.Errorf("connected after %v", took)
			}
			answers.await(t, peer.Connected)
		})
	}
}
