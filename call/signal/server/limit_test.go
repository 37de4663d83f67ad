package server_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"parley/call/signal/server"
	"parley/call/signal/wire"
)

func TestGarbageEndsTheConnectionAndNobodyElses(t *testing.T) {
	_, host := start(t, server.Config{})
	ada, _ := join(t, host, "standup", "Ada")
	for _, garbage := range []string{"", "x", "{", "[]", `{"t":7}`, `{"t":"signal","to":"x","d":{}}}`, "\xff", `{"t":"join","room":7}`, `{"t":"state","state":"x"}`, `{"t":"leave","x":"` + long(wire.MaxHeader) + `"}`} {
		eve := connect(t, host)
		eve.write(garbage)
		if e := eve.expectClose(wire.CloseProtocol); e == nil || e.Code != wire.CodeMessage || !e.Fatal || e.Text == "" {
			t.Errorf("%.40q was answered with %+v", garbage, e)
		}
	}
	eve := connect(t, host)
	if err := eve.ws.WriteMessage(websocket.BinaryMessage, []byte(`{"t":"leave"}`)); err != nil {
		t.Fatal(err)
	}
	eve.expectClose(wire.CloseProtocol)
	ada.send(bye("nobody"))
	ada.expectError(wire.CodeNoPeer)
}

func TestBadNamesAreRefusedInWords(t *testing.T) {
	_, host := start(t, server.Config{})
	for frame, code := range map[string]string{
		`{"t":"join","room":"a/b","name":"Ada"}`: wire.CodeRoom,
		`{"t":"join","room":"a","name":""}`:      wire.CodeName,
	} {
		m := connect(t, host)
		m.write(frame)
		if e := m.expectClose(wire.CloseProtocol); e == nil || e.Code != code {
			t.Errorf("%s was answered with %+v", frame, e)
		}
	}
}

func TestAnUnknownTypeIsAnErrorAfterWhichAllGoesOn(t *testing.T) {
	_, host := start(t, server.Config{})
	ada, _ := join(t, host, "standup", "Ada")
	ada.write(`{"t":"knock"}`)
	ada.expectError(wire.CodeUnknownType)
	ada.write(`{"t":"draining"}`)
	ada.expectError(wire.CodeUnknownType)
	ada.send(&wire.Join{Room: "standup", Name: "Ada"})
	ada.expectError(wire.CodeJoined)
}

func TestNothingComesBeforeJoin(t *testing.T) {
	_, host := start(t, server.Config{})
	m := connect(t, host)
	m.send(&wire.SetState{})
	m.expectError(wire.CodeNotJoined)
	m.send(bye("x"))
	m.expectError(wire.CodeNotJoined)
}

func TestWhoeverDoesNotJoinIsSentAway(t *testing.T) {
	_, host := start(t, server.Config{JoinTimeout: 20 * time.Millisecond})
	m := connect(t, host)
	if e := m.expectClose(wire.CloseJoinTimeout); e == nil || e.Code != wire.CodeJoinTimeout {
		t.Errorf("told %+v", e)
	}
}

func TestAFrameOverTheLimitEndsTheConnection(t *testing.T) {
	_, host := start(t, server.Config{})
	ada, _ := join(t, host, "standup", "Ada")
	eve, _ := join(t, host, "standup", "Eve")
	expect[*wire.PeerJoined](ada)
	eve.write(`{"t":"signal","to":"` + ada.you.ID + `","d":{"x":"` + long(wire.MaxFrame) + `"}}`)
	eve.expectClose(websocket.CloseMessageTooBig)
	if left := expect[*wire.PeerLeft](ada); left.Reason != wire.ReasonKicked {
		t.Errorf("Ada hears %+v", left)
	}
}

func TestAFloodEndsTheConnection(t *testing.T) {
	for name, flood := range map[string]func(m *member) error{
		"of messages": func(m *member) error { return m.ws.WriteMessage(websocket.TextMessage, []byte(`{"t":"state"}`)) },
		"of pings":    func(m *member) error { return m.ws.WriteControl(websocket.PingMessage, nil, time.Now().Add(patience)) },
		"of pongs":    func(m *member) error { return m.ws.WriteControl(websocket.PongMessage, nil, time.Now().Add(patience)) },
	} {
		t.Run(name, func(t *testing.T) {
			_, host := start(t, server.Config{Rate: 0.001, Burst: 5})
			m, _ := join(t, host, "standup", "Eve")
			for range 10 {
				if err := flood(m); err != nil {
					t.Fatal(err)
				}
			}
			if e := m.expectClose(wire.CloseRate); e == nil || e.Code != wire.CodeRate {
				t.Errorf("told %+v", e)
			}
		})
	}
}

// crowd makes senders who fill the queue of somebody who does not read, and returns the reader.
func crowd(t *testing.T, host string, senders int) (reader *member, others []*member) {
	t.Helper()
	reader, _ = join(t, host, "standup", "Rip")
	for range senders {
		m, _ := join(t, host, "standup", "Sender")
		expect[*wire.PeerJoined](reader)
		for _, o := range others {
			expect[*wire.PeerJoined](o)
		}
		others = append(others, m)
	}
	return reader, others
}

func TestASlowReaderIsCutOffAndHoldsNobodyUp(t *testing.T) {
	_, host := start(t, server.Config{Rate: 1e6, Burst: 1e6})
	rip, others := crowd(t, host, 3)
	large := `{"t":"signal","to":"` + rip.you.ID + `","d":{"x":"` + long(wire.MaxFrame-100) + `"}}`
	for gone := false; !gone; {
		for _, m := range others {
			m.write(large)
		}
		others[0].send(bye(others[1].you.ID)) // arrives whatever Rip does
		for arrived := false; !arrived; {
			switch msg := others[1].next().(type) {
			case *wire.Relay:
				arrived = true
			case *wire.PeerLeft:
				gone = msg.ID == rip.you.ID && msg.Reason == wire.ReasonTimeout
			}
		}
	}
	if e := rip.expectClose(wire.CloseSlow); e == nil || e.Code != wire.CodeSlow {
		t.Errorf("Rip was told %+v", e)
	}
}

func TestOneSenderCannotHaveSomebodyElseCutOff(t *testing.T) {
	_, host := start(t, server.Config{Rate: 1e6, Burst: 1e6, QueueTime: patience})
	rip, others := crowd(t, host, 1)
	large := `{"t":"signal","to":"` + rip.you.ID + `","d":{"session":"s","description":{"type":"offer","sdp":"` + long(wire.MaxFrame-200) + `"}}}`
	eve := others[0]
	sent := 0
	go func() { // Eve's connection is read below
		for range 400 {
			eve.ws.WriteMessage(websocket.TextMessage, []byte(large))
		}
		eve.ws.WriteMessage(websocket.TextMessage, []byte(`{"t":"leave"}`))
	}()
	busy := 0
	for {
		_, frame, err := eve.ws.ReadMessage()
		if err != nil {
			break
		}
		if strings.Contains(string(frame), wire.CodePeerBusy) {
			busy++
		}
	}
	if busy == 0 {
		t.Error("Eve was never told that Rip is busy")
	}
	for {
		if left, ok := rip.next().(*wire.PeerLeft); ok { // Rip is still there, and hears that Eve went
			if left.ID != eve.you.ID {
				t.Errorf("Rip hears %+v", left)
			}
			break
		}
		sent++
	}
	if sent+busy != 400 {
		t.Errorf("%d signals arrived and %d were refused, of 400", sent, busy)
	}
}

func TestAnAddressHasSoManyConnections(t *testing.T) {
	_, host := start(t, server.Config{AddressSockets: 2, LimitLoopback: true})
	first, _ := join(t, host, "standup", "Ada")
	second, _ := join(t, host, "standup", "Bob")
	if status := handshake(t, host, ""); status != http.StatusTooManyRequests {
		t.Errorf("the third connection: status %d, want 429", status)
	}
	second.breakOff() // its place is kept, and counts
	if status := handshake(t, host, ""); status != http.StatusTooManyRequests {
		t.Errorf("with a place that is kept: status %d, want 429", status)
	}
	first.send(&wire.Leave{})
	first.expectClose(websocket.CloseNormalClosure)
	awaitConnections(t, host, 0)
	if status := handshake(t, host, ""); status != http.StatusSwitchingProtocols {
		t.Errorf("after one left: status %d, want 101", status)
	}
}

func TestAnAddressOpensSoManyRooms(t *testing.T) {
	_, host := start(t, server.Config{AddressRooms: 1, LimitLoopback: true})
	join(t, host, "standup", "Ada")
	join(t, host, "standup", "Bob") // no new room
	eve := connect(t, host)
	eve.send(&wire.Join{Room: "another", Name: "Eve"})
	if e := eve.expectClose(wire.CloseRoomGone); e == nil || e.Code != wire.CodeTooManyRooms || e.RetryAfter <= 0 {
		t.Errorf("told %+v", e)
	}
}

func TestOnlyKnownPagesMayConnect(t *testing.T) {
	_, host := start(t, server.Config{Origins: []string{"https://call.example.com"}})
	for origin, want := range map[string]int{
		"":                         http.StatusSwitchingProtocols,
		"https://call.example.com": http.StatusSwitchingProtocols,
		"http://localhost:8080":    http.StatusSwitchingProtocols,
		"http://127.0.0.1:8080":    http.StatusSwitchingProtocols,
		"http://[::1]":             http.StatusSwitchingProtocols,
		"http://call.example.com":  http.StatusForbidden,
		"https://evil.example":     http.StatusForbidden,
		"null":                     http.StatusForbidden,
		"http://localhost.evil":    http.StatusForbidden,
		"http://" + host + ".evil": http.StatusForbidden,
	} {
		if got := handshake(t, host, origin); got != want {
			t.Errorf("a page of %q: status %d, want %d", origin, got, want)
		}
	}
}

func TestAClientOfAnotherProtocolIsTold(t *testing.T) {
	_, host := start(t, server.Config{})
	status, body := get(t, "http://"+host+"/ws")
	if status != http.StatusBadRequest || !strings.Contains(body, wire.Subprotocol) {
		t.Errorf("%d %s", status, body)
	}
}

func TestHealthAndMetrics(t *testing.T) {
	s, host := start(t, server.Config{})
	ada, _ := join(t, host, "standup", "Ada")
	bob, _ := join(t, host, "standup", "Bob")
	bob.send(bye(ada.you.ID))
	expect[*wire.PeerJoined](ada)
	expect[*wire.Relay](ada)
	if status, body := get(t, "http://"+host+"/healthz"); status != http.StatusOK || body != "ok\n" {
		t.Errorf("healthz: %d %q", status, body)
	}
	_, body := get(t, "http://"+host+"/metrics")
	for _, want := range []string{"parley_rooms 1", "parley_people 2", "parley_connections 2", `parley_joins_total{kind="new"} 2`, "parley_signals_total 1", `parley_messages_total{type="join"} 2`} {
		if !strings.Contains(body, "\n"+want+"\n") {
			t.Errorf("metrics lack %q", want)
		}
	}
	handler := s.Handler()
	s.Close()
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/healthz", nil))
	if recorder.Code != http.StatusServiceUnavailable {
		t.Errorf("healthz of a stopped server: %d, want 503", recorder.Code)
	}
}
