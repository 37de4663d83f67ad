package signal_test

import (
	"errors"
	"net"
	"sync"
	"testing"
	"time"

	"parley/call/signal"
	"parley/call/signal/server"
	"parley/call/signal/wire"
)

func TestABrokenConnectionIsResumedAndTheOthersNoticeNothing(t *testing.T) {
	m := boot(t, anyPort, server.Config{})
	ada, _ := enter(t, m.address, "Ada")
	bob, _ := enter(t, m.address, "Bob")
	expect[signal.PeerJoined](ada)
	m.ln.breakAll()
	for _, g := range []*guest{ada, bob} {
		expect[signal.Disconnected](g)
		if joined := expect[signal.Joined](g); !joined.Resumed || len(joined.Peers) != 1 {
			t.Errorf("joined: %+v, want resumed", joined)
		}
	}
	if err := ada.Signal(bob.ID(), signal.Signal{Session: "s", Bye: true}); err != nil {
		t.Fatal(err)
	}
	expect[signal.SignalReceived](bob)
}

func TestWhatHappenedMeanwhileIsToldAfterAResume(t *testing.T) {
	m := prepare(t, anyPort, server.Config{})
	elsewhere := m.alsoAt(anyPort) // the others come by another way, which stays
	m.serve()
	eve, _ := enter(t, elsewhere, "Eve")
	ada, _ := enter(t, m.address, "Ada")
	expect[signal.PeerJoined](eve)
	m.ln.Close()
	m.ln.breakAll()
	expect[signal.Disconnected](ada)

	eve.Close()
	bob, _ := enter(t, elsewhere, "Bob")
	if err := ada.SetState(signal.State{Hand: true}); err != nil {
		t.Fatal(err)
	}
	if err := ada.Signal(bob.ID(), signal.Signal{Session: "s", Bye: true}); !errors.Is(err, signal.ErrDisconnected) {
		t.Errorf("Signal while disconnected = %v, want ErrDisconnected", err)
	}
	m.alsoAt(m.address)
	if left := expect[signal.PeerLeft](ada); left.ID != eve.ID() || left.Reason != wire.ReasonLeft {
		t.Errorf("Ada hears %+v, want that Eve left", left)
	}
	if came := expect[signal.PeerJoined](ada); came.Peer.ID != bob.ID() {
		t.Errorf("Ada hears %+v, want that Bob came", came)
	}
	if joined := expect[signal.Joined](ada); !joined.Resumed || !joined.You.State.Hand {
		t.Errorf("joined: %+v, want resumed, with the hand up", joined)
	}
	if p := expect[signal.PeerUpdated](bob).Peer; p.ID != ada.ID() || !p.State.Hand {
		t.Errorf("Bob hears %+v, want that Ada raised the hand", p)
	}
}

func TestBothComeBackToAServerThatWasKilled(t *testing.T) {
	m := boot(t, anyPort, server.Config{})
	ada, _ := enter(t, m.address, "Ada")
	bob, _ := enter(t, m.address, "Bob")
	expect[signal.PeerJoined](ada)
	address := m.kill()
	expect[signal.Disconnected](ada)
	expect[signal.Disconnected](bob)
	if err := bob.SetState(signal.State{Microphone: true}); err != nil {
		t.Fatal(err)
	}

	boot(t, address, server.Config{})
	meets := func(g, other *guest) signal.Peer {
		joined := expect[signal.Joined](g)
		if joined.Resumed || joined.You.Instance != g.Instance() {
			t.Errorf("joined: %+v, want afresh, as the same instance", joined)
		}
		if len(joined.Peers) == 1 {
			return joined.Peers[0]
		}
		return expect[signal.PeerJoined](g).Peer
	}
	if p := meets(ada, bob); p.Instance != bob.Instance() || p.ID != bob.ID() || !p.State.Microphone {
		t.Errorf("Ada meets %+v, want Bob as he was, with the microphone on", p)
	}
	if p := meets(bob, ada); p.Instance != ada.Instance() {
		t.Errorf("Bob meets %+v, want Ada", p)
	}
	third, joined := enter(t, address, "Eve")
	if len(joined.Peers) != 2 {
		t.Errorf("a newcomer finds %+v", joined.Peers)
	}
	if err := third.Signal(ada.ID(), signal.Signal{Session: "s", Bye: true}); err != nil {
		t.Fatal(err)
	}
	await[signal.SignalReceived](ada)
}

func TestAServerThatIsStoppedInGoodOrderIsWaitedFor(t *testing.T) {
	m := boot(t, anyPort, server.Config{})
	ada, _ := enter(t, m.address, "Ada")
	m.server.Close()
	if lost := expect[signal.Disconnected](ada); !errors.Is(lost.Err, signal.ErrStopping) {
		t.Errorf("disconnected: %v, want ErrStopping", lost.Err)
	}
	boot(t, m.kill(), server.Config{})
	expect[signal.Joined](ada)
}

func TestAClientThatIsRefusedOnTheWayBackFails(t *testing.T) {
	m := boot(t, anyPort, server.Config{})
	ada, _ := enter(t, m.address, "Ada")
	address := m.kill()
	expect[signal.Disconnected](ada)
	// Bob is in the room before Ada can reach the server.
	next := prepare(t, address, server.Config{MaxPeople: 1})
	elsewhere := next.alsoAt(anyPort)
	enter(t, elsewhere, "Bob")
	next.serve()
	if failed := expect[signal.Failed](ada); !errors.Is(failed.Err, signal.ErrRoomFull) {
		t.Errorf("Ada failed: %v, want ErrRoomFull", failed.Err)
	}
}

func TestClosingWhileTheServerIsLostEndsAtOnce(t *testing.T) {
	m := boot(t, anyPort, server.Config{})
	ada, _ := enter(t, m.address, "Ada")
	m.kill()
	expect[signal.Disconnected](ada)
	ada.Close() // goleak sees that nothing is left
	if _, err := dial(t, signal.Config{URL: m.address, Room: "standup", Name: "Ada"}); !errors.Is(err, signal.ErrUnreachable) {
		t.Errorf("Dial = %v", err)
	}
}

// way is between a client and its server, and can be blocked: what is sent then goes nowhere, and nobody is told.
type way struct {
	net.Listener
	server string

	mu      sync.Mutex
	blocked bool
	passed  sync.WaitGroup
}

func newWay(t *testing.T, server string) *way {
	t.Helper()
	ln, err := net.Listen("tcp", anyPort)
	if err != nil {
		t.Fatal(err)
	}
	w := &way{Listener: ln, server: server}
	w.passed.Go(func() {
		for {
			near, err := ln.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", server)
			if err != nil {
				near.Close()
				continue
			}
			w.passed.Go(func() { w.pass(near, far) })
			w.passed.Go(func() { w.pass(far, near) })
		}
	})
	t.Cleanup(func() { ln.Close(); w.passed.Wait() })
	return w
}

func (w *way) pass(from, to net.Conn) {
	defer from.Close()
	defer to.Close()
	buffer := make([]byte, 4096)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		w.mu.Lock()
		blocked := w.blocked
		w.mu.Unlock()
		if !blocked {
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
	}
}

func (w *way) block(blocked bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.blocked = blocked
}

func TestAfterAChangeOfTheNetworkASilentServerIsLostSoonerThanOtherwise(t *testing.T) {
	m := boot(t, anyPort, server.Config{})
	w := newWay(t, m.address)
	ada, _ := enter(t, w.Addr().String(), "Ada")
	w.block(true)
	start := time.Now()
	ada.NetworkChanged()
	expect[signal.Disconnected](ada)
	if took := time.Since(start); took >= signal.LostAfter {
		t.Errorf("took %v, as long as without being told", took)
	}
	w.block(false)
	ada.NetworkChanged()
	if joined := expect[signal.Joined](ada); !joined.Resumed {
		t.Errorf("joined: %+v, want resumed", joined)
	}
}

func TestAfterAChangeOfTheNetworkAServerThatAnswersIsKept(t *testing.T) {
	m := boot(t, anyPort, server.Config{})
	ada, _ := enter(t, m.address, "Ada")
	bob, _ := enter(t, m.address, "Bob")
	expect[signal.PeerJoined](ada)
	for range 3 {
		ada.NetworkChanged()
		time.Sleep(signal.ProofTime / 2)
	}
	time.Sleep(signal.ProofTime)
	if err := ada.Signal(bob.ID(), signal.Signal{Session: "s", Bye: true}); err != nil {
		t.Fatal(err)
	}
	expect[signal.SignalReceived](bob) // and nothing before it
}
