package signal_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"parley/call/signal"
	"parley/call/signal/server"
	"parley/call/signal/wire"
)

const anyPort = "127.0.0.1:0"

func TestTwoClientsMeetAndTalk(t *testing.T) {
	m := boot(t, anyPort, server.Config{ICE: []wire.ICEServer{{URLs: []string{"stun:192.0.2.1"}}}})
	ada, joined := enter(t, m.address, "Ada")
	if joined.You.ID != ada.ID() || joined.You.Instance != ada.Instance() || len(joined.Peers) != 0 || joined.Resumed {
		t.Errorf("Ada joined: %+v", joined)
	}
	bob, joined := enter(t, m.address, "Bob")
	if len(joined.Peers) != 1 || joined.Peers[0].Name != "Ada" || joined.Peers[0].ID != ada.ID() {
		t.Errorf("Bob finds %+v", joined.Peers)
	}
	if came := expect[signal.PeerJoined](ada); came.Peer.Name != "Bob" {
		t.Errorf("Ada hears of %+v", came)
	}
	if got := ada.Peers(); len(got) != 1 || got[0].ID != bob.ID() {
		t.Errorf("Ada sees %+v", got)
	}
	if ice := bob.ICE(); len(ice) != 1 || ice[0].URLs[0] != "stun:192.0.2.1" {
		t.Errorf("ICE = %+v", ice)
	}
	sent := signal.Signal{Session: "s1", Description: &signal.Description{Type: "offer", SDP: "v=0\r\n"}}
	if err := bob.Signal(ada.ID(), sent); err != nil {
		t.Fatal(err)
	}
	if got := expect[signal.SignalReceived](ada); got.From != bob.ID() || *got.Signal.Description != *sent.Description {
		t.Errorf("Ada got %+v", got)
	}
	if err := bob.SetState(signal.State{Camera: true}); err != nil {
		t.Fatal(err)
	}
	if p := expect[signal.PeerUpdated](ada).Peer; !p.State.Camera {
		t.Errorf("Ada hears %+v", p)
	}
	bob.Close()
	if left := expect[signal.PeerLeft](ada); left.ID != bob.ID() || left.Reason != wire.ReasonLeft {
		t.Errorf("Ada hears %+v", left)
	}
}

func TestSignalsArriveInTheOrderInWhichTheyWereSent(t *testing.T) {
	m := boot(t, anyPort, server.Config{})
	ada, _ := enter(t, m.address, "Ada")
	bob, _ := enter(t, m.address, "Bob")
	expect[signal.PeerJoined](ada)
	const n = 100
	for i := range n {
		c := &signal.Candidate{Candidate: fmt.Sprint(i)}
		if err := bob.Signal(ada.ID(), signal.Signal{Session: "s", Candidate: c}); err != nil {
			t.Fatal(err)
		}
	}
	for i := range n {
		if got := expect[signal.SignalReceived](ada).Signal.Candidate.Candidate; got != fmt.Sprint(i) {
			t.Fatalf("candidate %s came as number %d", got, i)
		}
	}
}

func TestAClientSendsNoFasterThanTheServerAllows(t *testing.T) {
	m := boot(t, anyPort, server.Config{Rate: 200, Burst: 100}) // where half a second in which a busy machine reads nothing is no offence
	ada, _ := enter(t, m.address, "Ada")
	bob, _ := enter(t, m.address, "Bob")
	expect[signal.PeerJoined](ada)
	const n = 300 // three times what the server takes at once
	for range n {
		if err := bob.Signal(ada.ID(), signal.Signal{Session: "s", EndOfCandidates: true}); err != nil {
			t.Fatal(err)
		}
	}
	for range n {
		expect[signal.SignalReceived](ada)
	}
}

func TestTheQueueOfAClientIsBounded(t *testing.T) {
	m := boot(t, anyPort, server.Config{Rate: 1, Burst: 4})
	bob, _ := enter(t, m.address, "Bob")
	var err error
	for range 1000 {
		if err = bob.Signal("somebody", signal.Signal{Session: "s", Bye: true}); err != nil {
			break
		}
	}
	if !errors.Is(err, signal.ErrQueueFull) {
		t.Errorf("a thousand signals at once: %v, want ErrQueueFull", err)
	}
}

func TestASignalThatCannotBeSentIsRefusedAtOnce(t *testing.T) {
	m := boot(t, anyPort, server.Config{})
	ada, _ := enter(t, m.address, "Ada")
	if err := ada.Signal("x", signal.Signal{}); !errors.Is(err, signal.ErrBadSignal) {
		t.Errorf("an empty signal: %v", err)
	}
	large := &signal.Description{Type: "offer", SDP: strings.Repeat("x", wire.MaxFrame)}
	if err := ada.Signal("x", signal.Signal{Session: "s", Description: large}); !errors.Is(err, signal.ErrTooLarge) {
		t.Errorf("a description of 64 KiB: %v", err)
	}
}

func TestGarbageFromAPeerIsDropped(t *testing.T) {
	m := boot(t, anyPort, server.Config{})
	ada, _ := enter(t, m.address, "Ada")
	dialer := websocket.Dialer{Subprotocols: []string{wire.Subprotocol}}
	eve, _, err := dialer.Dial("ws://"+m.address+"/ws", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer eve.Close()
	for _, frame := range []string{
		`{"t":"join","room":"standup","name":"Eve"}`,
		`{"t":"signal","to":"` + ada.ID() + `","d":{}}`,
		`{"t":"signal","to":"` + ada.ID() + `","d":{"session":7}}`,
		`{"t":"signal","to":"` + ada.ID() + `","d":{not JSON}}`,
		`{"t":"signal","to":"` + ada.ID() + `","d":{"session":"s","candidate":[1]}}`,
		`{"t":"signal","to":"` + ada.ID() + `","d":{"session":"s","bye":true}}`,
	} {
		if err := eve.WriteMessage(websocket.TextMessage, []byte(frame)); err != nil {
			t.Fatal(err)
		}
	}
	expect[signal.PeerJoined](ada)
	if got := expect[signal.SignalReceived](ada); !got.Signal.Bye {
		t.Errorf("Ada got %+v, want only what is well formed", got)
	}
}

func TestWhyDialingFailsIsTold(t *testing.T) {
	full := boot(t, anyPort, server.Config{MaxPeople: 1})
	enter(t, full.address, "Ada")
	web := httptest.NewServer(http.NotFoundHandler())
	defer web.Close()
	gone, err := net.Listen("tcp", anyPort)
	if err != nil {
		t.Fatal(err)
	}
	gone.Close()

	for name, test := range map[string]struct {
		cfg  signal.Config
		want error
	}{
		"no address":      {signal.Config{Room: "standup", Name: "Bob"}, signal.ErrBadAddress},
		"no room":         {signal.Config{URL: full.address, Name: "Bob"}, signal.ErrBadRoom},
		"no name":         {signal.Config{URL: full.address, Room: "standup"}, signal.ErrBadName},
		"a full room":     {signal.Config{URL: full.address, Room: "standup", Name: "Bob"}, signal.ErrRoomFull},
		"a refusal":       {signal.Config{URL: full.address, Room: "standup", Name: "Bob"}, signal.ErrRefused},
		"another program": {signal.Config{URL: web.URL, Room: "standup", Name: "Bob"}, signal.ErrBadAddress},
		"nobody there":    {signal.Config{URL: gone.Addr().String(), Room: "standup", Name: "Bob"}, signal.ErrUnreachable},
		"no encryption":   {signal.Config{URL: "wss://" + full.address, Room: "standup", Name: "Bob"}, signal.ErrUnreachable},
	} {
		if _, err := dial(t, test.cfg); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
	}
}

func TestDialingEndsWithItsContext(t *testing.T) {
	silent, err := net.Listen("tcp", anyPort) // takes connections and says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		if c, err := silent.Accept(); err == nil {
			defer c.Close()
			cancel()
			<-ctx.Done()
		}
	}()
	_, err = signal.Dial(ctx, signal.Config{URL: silent.Addr().String(), Room: "standup", Name: "Ada"})
	if !errors.Is(err, signal.ErrUnreachable) {
		t.Errorf("Dial = %v, want ErrUnreachable", err)
	}
}

func TestAClosedClientSaysSo(t *testing.T) {
	m := boot(t, anyPort, server.Config{})
	ada, _ := enter(t, m.address, "Ada")
	ada.Close()
	ada.Close()
	if err := ada.Signal("x", signal.Signal{Session: "s", Bye: true}); !errors.Is(err, signal.ErrClosed) {
		t.Errorf("Signal = %v", err)
	}
	if err := ada.SetState(signal.State{}); !errors.Is(err, signal.ErrClosed) {
		t.Errorf("SetState = %v", err)
	}
}

func TestBothSidesAgreeOnWhoIsPolite(t *testing.T) {
	m := boot(t, anyPort, server.Config{})
	for range 10 {
		ada, _ := enter(t, m.address, "Ada")
		bob, joined := enter(t, m.address, "Bob")
		bobIsPolite := bob.ID() < joined.Peers[0].ID
		adaIsPolite := ada.ID() < await[signal.PeerJoined](ada).Peer.ID
		if adaIsPolite == bobIsPolite {
			t.Fatalf("of %s and %s, both are polite or none is", ada.ID(), bob.ID())
		}
		ada.Close()
		bob.Close()
		for again := true; again; { // the room is empty before the next two come
			probe, joined := enter(t, m.address, "probe")
			again = len(joined.Peers) > 0
			probe.Close()
		}
	}
}
