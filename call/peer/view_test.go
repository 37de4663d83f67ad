package peer_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"parley/call/congestion"
	"parley/call/peer"
	"parley/call/signal/wire"
)

func TestEachSideIsToldWhatTheOtherShows(t *testing.T) {
	polite, impolite := pair(t, rand.New(rand.NewPCG(9, 9)), 0)
	impolite.conn.SetView(wire.View{Camera: &wire.Size{Width: 320, Height: 180}, BitRate: 400_000}) // before there is a way
	impolite.conn.Offer()
	polite.await(t, peer.Connected)
	seen := polite.awaitView(t)
	if seen.Camera == nil || *seen.Camera != (wire.Size{Width: 320, Height: 180}) || seen.Screen != nil || seen.BitRate != 400_000 {
		t.Errorf("%+v", seen)
	}
	began, heard := time.Now(), 0
	for width := range 500 { // a window that is dragged
		impolite.conn.SetView(wire.View{Camera: &wire.Size{Width: width + 1, Height: 180}})
	}
	for seen = polite.awaitView(t); seen.Camera.Width != 500; seen = polite.awaitView(t) {
		heard++
	}
	if most := int(time.Since(began)/(100*time.Millisecond)) + 1; heard > most {
		t.Errorf("%d messages in %v", heard+1, time.Since(began))
	}
	polite.conn.Offer() // a connection that is built anew knows nothing
	if seen = polite.awaitView(t); seen.Camera.Width != 500 {
		t.Errorf("%+v", seen)
	}
}

func TestAConnectionTellsWhatItsPathBears(t *testing.T) {
	polite, impolite := pair(t, rand.New(rand.NewPCG(9, 9)), 0)
	impolite.conn.Offer()
	polite.await(t, peer.Connected)
	impolite.await(t, peer.Connected)
	eventually(t, "the other side's reports on arrivals lead to something", func() bool {
		stats, ok := impolite.conn.Transport()
		return ok && stats.AvailableOutgoing > 0
	})
	if a, ok := impolite.conn.Allowance(); !ok || a.BitRate < 100_000 || a.RoundTrip <= 0 {
		t.Errorf("%+v", a)
	}
	select {
	case a := <-impolite.told:
		if a.BitRate <= 0 {
			t.Errorf("%+v", a)
		}
	default:
		t.Error("nobody was told")
	}
}

func (s *side) awaitView(t *testing.T) wire.View {
	t.Helper()
	select {
	case v := <-s.views:
		return v
	case <-time.After(patience):
		t.Fatal("nothing was told of what is shown")
	}
	return wire.View{}
}

func TestTheViewIsToldThoughNothingPassesForTenSecondsWhenTheDataChannelIsToOpen(t *testing.T) {
	inMemory(t, "call", func(t *testing.T) {
		n := newNetwork(t, 5*time.Millisecond)
		here, there := n.host(t, oldAddress), n.host(t, otherAddress)
		n.start(t)
		polite, impolite := pairOf(t, here, there, rand.New(rand.NewPCG(9, 9)), 0)
		t.Cleanup(n.muted)
		n.set(func() { n.tacit = true })
		impolite.conn.SetView(wire.View{BitRate: 400_000})
		polite.conn.Offer()
		for _, s := range []*side{polite, impolite} {
			s.await(t, peer.Connected)
		}
		time.Sleep(10 * time.Second)
		n.set(func() { n.tacit = false })
		if seen := polite.awaitView(t); seen.BitRate != 400_000 {
			t.Errorf("told was %+v", seen)
		}
	})
}

// What could be used of a path bounds what is looked for, on each connection to the same person.
func TestAConnectionThatTakesThePlaceOfAnotherLooksForNoMoreThanCouldBeUsed(t *testing.T) {
	inMemory(t, "call", func(t *testing.T) {
		r := newRoaming(t, true, rand.New(rand.NewPCG(7, 7)), 0)
		r.roamer.conn.SetDemand(300_000)
		r.set(func() { r.off[oldAddress], r.off[newAddress], r.mute[oldAddress] = true, false, true })
		r.roamer.conn.NetworkChanged()
		r.roamer.settles(t, newAddress)
		time.Sleep(20 * time.Second)
		if path, ok := r.roamer.conn.Transport(); !ok || path.AvailableOutgoing == 0 || path.AvailableOutgoing > 2*congestion.DefaultStart {
			t.Errorf("where 300 kbit/s could be used, %.0f bit/s are known of", path.AvailableOutgoing)
		}
	})
}
