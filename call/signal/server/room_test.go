package server_test

import (
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"parley/call/signal/server"
	"parley/call/signal/wire"
)

func TestPeopleInARoomLearnOfEachOtherByName(t *testing.T) {
	_, host := start(t, server.Config{ICE: []wire.ICEServer{{URLs: []string{"stun:192.0.2.1"}}}})
	ada, first := join(t, host, "standup", "Ada")
	if len(first.Peers) != 0 || first.You.Name != "Ada" || first.Mode != "mesh" || first.ICE[0].URLs[0] != "stun:192.0.2.1" {
		t.Errorf("joined = %+v", first)
	}
	bob, second := join(t, host, "standup", "Bob")
	if len(second.Peers) != 1 || second.Peers[0] != ada.you {
		t.Errorf("Bob finds %+v, want Ada", second.Peers)
	}
	if came := expect[*wire.PeerJoined](ada); came.Peer != bob.you {
		t.Errorf("Ada hears of %+v, want Bob", came.Peer)
	}
}

func TestPeopleInOtherRoomsAreNotSeen(t *testing.T) {
	_, host := start(t, server.Config{})
	ada, _ := join(t, host, "standup", "Ada")
	eve, joined := join(t, host, "elsewhere", "Eve")
	if len(joined.Peers) != 0 {
		t.Errorf("Eve sees %+v", joined.Peers)
	}
	eve.send(bye(ada.you.ID))
	eve.expectError(wire.CodeNoPeer)
}

func TestASignalArrivesUnderItsSendersName(t *testing.T) {
	_, host := start(t, server.Config{})
	ada, _ := join(t, host, "standup", "Ada")
	bob, _ := join(t, host, "standup", "Bob")
	expect[*wire.PeerJoined](ada)
	bob.write(`{"t":"signal","to":"` + ada.you.ID + `","from":"somebody","d":{"session":"s1","description":{"type":"offer","sdp":"v=0"}}}`)
	got := expect[*wire.Relay](ada)
	if got.From != bob.you.ID || got.Signal.Description == nil || got.Signal.Description.SDP != "v=0" {
		t.Errorf("Ada got %+v", got)
	}
}

func TestAStateIsToldToTheOthers(t *testing.T) {
	_, host := start(t, server.Config{})
	ada, _ := join(t, host, "standup", "Ada")
	bob, _ := join(t, host, "standup", "Bob")
	expect[*wire.PeerJoined](ada)
	bob.send(&wire.SetState{State: wire.State{Hand: true}})
	if p := expect[*wire.PeerUpdated](ada).Peer; p.ID != bob.you.ID || !p.State.Hand {
		t.Errorf("Ada hears of %+v", p)
	}
}

func TestWhoeverLeavesIsNamedWithTheReason(t *testing.T) {
	leave := map[string]struct {
		leave func(m *member)
		want  wire.Reason
	}{
		"by saying so":             {func(m *member) { m.send(&wire.Leave{}); m.expectClose(websocket.CloseNormalClosure) }, wire.ReasonLeft},
		"by closing":               {func(m *member) { m.close(websocket.CloseNormalClosure) }, wire.ReasonLeft},
		"by closing the page":      {func(m *member) { m.close(websocket.CloseGoingAway) }, wire.ReasonLeft},
		"by closing without codes": {func(m *member) { m.close(websocket.CloseNoStatusReceived) }, wire.ReasonLeft},
		"by being cut off":         {func(m *member) { m.breakOff() }, wire.ReasonTimeout},
		"by talking nonsense":      {func(m *member) { m.write("nonsense") }, wire.ReasonKicked},
	}
	for name, test := range leave {
		t.Run(name, func(t *testing.T) {
			_, host := start(t, server.Config{KeepSeat: 10 * time.Millisecond})
			ada, _ := join(t, host, "standup", "Ada")
			bob, _ := join(t, host, "standup", "Bob")
			expect[*wire.PeerJoined](ada)
			test.leave(bob)
			if left := expect[*wire.PeerLeft](ada); left.ID != bob.you.ID || left.Reason != test.want {
				t.Errorf("Ada hears %+v, want Bob and %s", left, test.want)
			}
		})
	}
}

func (m *member) close(code int) {
	m.t.Helper()
	if err := m.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, ""), time.Now().Add(patience)); err != nil {
		m.t.Fatal(err)
	}
}

func TestSomebodyWhoIsSilentIsLost(t *testing.T) {
	_, host := start(t, server.Config{Ping: 10 * time.Millisecond, LostAfter: 200 * time.Millisecond, KeepSeat: time.Millisecond})
	ada, _ := join(t, host, "standup", "Ada")
	bob, _ := join(t, host, "standup", "Bob")
	expect[*wire.PeerJoined](ada) // Ada reads on and so answers pings; Bob does not
	if left := expect[*wire.PeerLeft](ada); left.ID != bob.you.ID || left.Reason != wire.ReasonTimeout {
		t.Errorf("Ada hears %+v", left)
	}
}

func TestAFullRoomIsRefused(t *testing.T) {
	_, host := start(t, server.Config{MaxPeople: 1})
	join(t, host, "standup", "Ada")
	bob := connect(t, host)
	bob.send(&wire.Join{Room: "standup", Name: "Bob"})
	if e := bob.expectClose(wire.CloseRoomGone); e == nil || e.Code != wire.CodeRoomFull || !e.Fatal {
		t.Errorf("Bob was told %+v", e)
	}
}

func TestALostPlaceIsGivenBack(t *testing.T) {
	_, host := start(t, server.Config{})
	key := wire.NewKey()
	ada, _ := join(t, host, "standup", "Ada")
	bob := connect(t, host)
	first := bob.join(&wire.Join{Room: "standup", Name: "Bob", Key: key})
	expect[*wire.PeerJoined](ada)
	eve, _ := join(t, host, "standup", "Eve")
	expect[*wire.PeerJoined](ada)
	expect[*wire.PeerJoined](bob)

	bob.breakOff()
	awaitConnections(t, host, 2) // what is sent to a connection that is broken already, and is not known to be, is lost with it
	eve.send(&wire.Leave{})
	expect[*wire.PeerLeft](ada)
	ada.send(bye(bob.you.ID))

	back := connect(t, host)
	again := back.join(&wire.Join{Room: "standup", Name: "Bob", Key: key, Resume: first.Resume.Token})
	if !again.Resumed || again.You != first.You || len(again.Peers) != 1 || again.Peers[0] != ada.you {
		t.Errorf("Bob came back to %+v", again)
	}
	if got := expect[*wire.Relay](back); got.From != ada.you.ID {
		t.Errorf("Bob got a signal from %s, want the one that Ada sent meanwhile", got.From)
	}
	back.send(&wire.SetState{State: wire.State{Hand: true}})
	expect[*wire.PeerUpdated](ada) // and nothing of Bob's absence before it
}

func TestWhoLeftMeanwhileIsToldToSomebodyWhoComesBack(t *testing.T) {
	_, host := start(t, server.Config{})
	key := wire.NewKey()
	ada, _ := join(t, host, "standup", "Ada")
	bob := connect(t, host)
	first := bob.join(&wire.Join{Room: "standup", Name: "Bob", Key: key})
	bob.breakOff() // which the server may notice before or after Ada leaves
	ada.send(&wire.Leave{})
	ada.expectClose(websocket.CloseNormalClosure)
	back := connect(t, host)
	again := back.join(&wire.Join{Room: "standup", Name: "Bob", Key: key, Resume: first.Resume.Token})
	if want := (wire.PeerLeft{ID: ada.you.ID, Reason: wire.ReasonLeft}); len(again.Left) != 1 || again.Left[0] != want {
		t.Errorf("Bob learns %+v, want %+v", again.Left, want)
	}
}

// awaitConnections waits until the server has noticed that there are only n.
func awaitConnections(t testing.TB, host string, n int) {
	t.Helper()
	want := "\nparley_connections " + string(rune('0'+n)) + "\n"
	for deadline := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		if _, body := get(t, "http://"+host+"/metrics"); strings.Contains(body, want) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the server still has not %d connections", n)
		}
	}
}

func TestAPlaceIsTakenOverFromAConnectionThatTheServerStillBelievesIn(t *testing.T) {
	_, host := start(t, server.Config{})
	key := wire.NewKey()
	old := connect(t, host)
	first := old.join(&wire.Join{Room: "standup", Name: "Bob", Key: key})
	back := connect(t, host)
	if again := back.join(&wire.Join{Room: "standup", Name: "Bob", Key: key, Resume: first.Resume.Token}); !again.Resumed {
		t.Errorf("joined = %+v, want the old place", again)
	}
	if e := old.expectClose(wire.CloseReplaced); e == nil || e.Code != wire.CodeReplaced {
		t.Errorf("the old connection was told %+v", e)
	}
}

func TestAPlaceIsNotGivenToSomebodyElse(t *testing.T) {
	_, host := start(t, server.Config{})
	bob, joined := join(t, host, "standup", "Bob")
	for name, ask := range map[string]*wire.Join{
		"the token without the key": {Room: "standup", Name: "Eve", Resume: joined.Resume.Token},
		"another key":               {Room: "standup", Name: "Eve", Key: wire.NewKey(), Resume: joined.Resume.Token},
		"another room":              {Room: "elsewhere", Name: "Eve", Resume: joined.Resume.Token},
	} {
		eve := connect(t, host)
		eve.send(ask)
		if e := expect[*wire.Error](eve); e.Code != wire.CodeResume || e.Fatal {
			t.Errorf("with %s: %+v", name, e)
		}
	}
	bob.send(bye(bob.you.ID))
	bob.expectError(wire.CodeNoPeer) // Bob is still there
}

func TestAClientWhosePlaceIsGoneJoinsAfreshOnTheSameConnection(t *testing.T) {
	_, host := start(t, server.Config{})
	bob := connect(t, host)
	bob.send(&wire.Join{Room: "standup", Name: "Bob", Key: wire.NewKey(), Resume: "of an earlier server"})
	bob.expectError(wire.CodeResume)
	if joined := bob.join(&wire.Join{Room: "standup", Name: "Bob", Key: wire.NewKey()}); joined.Resumed {
		t.Error("resumed what was not there")
	}
}

func TestTheSameClientJoiningAfreshReplacesItself(t *testing.T) {
	_, host := start(t, server.Config{MaxPeople: 2})
	key := wire.NewKey()
	ada, _ := join(t, host, "standup", "Ada")
	old := connect(t, host)
	old.join(&wire.Join{Room: "standup", Name: "Bob", Key: key})
	expect[*wire.PeerJoined](ada)
	fresh := connect(t, host)
	fresh.join(&wire.Join{Room: "standup", Name: "Bob", Key: key})
	if left := expect[*wire.PeerLeft](ada); left.ID != old.you.ID || left.Reason != wire.ReasonReplaced {
		t.Errorf("Ada hears %+v", left)
	}
	if came := expect[*wire.PeerJoined](ada); came.Peer.Instance != wire.Instance(key) {
		t.Errorf("Ada hears %+v", came)
	}
	old.expectClose(wire.CloseReplaced)
}

func TestNewICEServersAreToldToThoseWhoAreThere(t *testing.T) {
	s, host := start(t, server.Config{})
	ada, _ := join(t, host, "standup", "Ada")
	if err := s.SetICE([]wire.ICEServer{{URLs: []string{"stun:192.0.2.7"}}}); err != nil {
		t.Fatal(err)
	}
	if got := expect[*wire.ICE](ada); got.ICE[0].URLs[0] != "stun:192.0.2.7" {
		t.Errorf("ice = %+v", got)
	}
}

func TestAStoppingServerSendsEverybodyAwayAndSaysWhy(t *testing.T) {
	s, host := start(t, server.Config{})
	ada, _ := join(t, host, "standup", "Ada")
	go s.Close()
	expect[*wire.Draining](ada)
	ada.expectClose(wire.CloseDraining)
}
