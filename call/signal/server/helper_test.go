package server_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"go.uber.org/goleak"

	"parley/call/signal/server"
	"parley/call/signal/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for something that must come. Nothing is judged by it.
const patience = 20 * time.Second

// start runs a server on loopback until the test ends, and returns its address.
func start(t testing.TB, cfg server.Config) (s *server.Server, host string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s = server.New(cfg)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, ln) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return s, ln.Addr().String()
}

// member is a client that says what a test makes it say.
type member struct {
	t   testing.TB
	ws  *websocket.Conn
	you wire.Peer
}

func connect(t testing.TB, host string) *member {
	t.Helper()
	dialer := websocket.Dialer{Subprotocols: []string{wire.Subprotocol}}
	ws, _, err := dialer.Dial("ws://"+host+"/ws", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ws.Close() })
	ws.SetReadDeadline(time.Now().Add(patience))
	return &member{t: t, ws: ws}
}

// join connects and joins the room.
func join(t testing.TB, host, room, name string) (*member, *wire.Joined) {
	t.Helper()
	m := connect(t, host)
	return m, m.join(&wire.Join{Room: room, Name: name})
}

func (m *member) join(j *wire.Join) *wire.Joined {
	m.t.Helper()
	m.send(j)
	joined := expect[*wire.Joined](m)
	m.you = joined.You
	return joined
}

func (m *member) send(msg wire.Message) {
	m.t.Helper()
	frame, err := wire.Encode(msg)
	if err != nil {
		m.t.Fatal(err)
	}
	m.write(string(frame))
}

func (m *member) write(frame string) {
	m.t.Helper()
	if err := m.ws.WriteMessage(websocket.TextMessage, []byte(frame)); err != nil {
		m.t.Fatal(err)
	}
}

func (m *member) next() wire.Message {
	m.t.Helper()
	_, frame, err := m.ws.ReadMessage()
	if err != nil {
		m.t.Fatal(err)
	}
	msg, err := wire.Decode(frame)
	if err != nil {
		m.t.Fatalf("%s: %v", frame, err)
	}
	return msg
}

// expect reads the next message, which must be of that type.
func expect[T wire.Message](m *member) T {
	m.t.Helper()
	msg := m.next()
	got, ok := msg.(T)
	if !ok {
		text, _ := json.Marshal(msg)
		m.t.Fatalf("got %s %s, want %T", msg.Type(), text, *new(T))
	}
	return got
}

// expectClose reads until the connection ends, and wants that close code. It returns the error message before it, if any.
func (m *member) expectClose(code int) (last *wire.Error) {
	m.t.Helper()
	for {
		_, frame, err := m.ws.ReadMessage()
		if err != nil {
			var closed *websocket.CloseError
			if !errors.As(err, &closed) || closed.Code != code {
				m.t.Fatalf("the connection ended with %v, want close code %d", err, code)
			}
			return last
		}
		if msg, err := wire.Decode(frame); err == nil {
			last, _ = msg.(*wire.Error)
		}
	}
}

func (m *member) expectError(code string) {
	m.t.Helper()
	if e := expect[*wire.Error](m); e.Code != code {
		m.t.Fatalf("error %q (%s), want %q", e.Code, e.Text, code)
	}
}

// breakOff ends the connection without a word, as a network does.
func (m *member) breakOff() { m.ws.NetConn().Close() }

func bye(to string) *wire.Relay {
	return &wire.Relay{To: to, Signal: wire.Signal{Session: "s1", Bye: true}}
}

func get(t testing.TB, url string) (status int, body string) {
	t.Helper()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

// handshake returns the HTTP status of a handshake with that Origin.
func handshake(t testing.TB, host, origin string) int {
	t.Helper()
	dialer := websocket.Dialer{Subprotocols: []string{wire.Subprotocol}}
	header := http.Header{}
	if origin != "" {
		header.Set("Origin", origin)
	}
	ws, resp, err := dialer.Dial("ws://"+host+"/ws", header)
	if err == nil {
		ws.Close()
	} else if resp == nil {
		t.Fatal(err)
	}
	return resp.StatusCode
}

func long(n int) string { return strings.Repeat("x", n) }
