package signal_test

import (
	"context"
	"net"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"parley/call/signal"
	"parley/call/signal/server"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for something that must come. Nothing is judged by it.
const patience = 30 * time.Second

// machine is where a server runs that can be killed, as by SIGKILL: no good-byes, connections just break.
type machine struct {
	t       testing.TB
	address string
	ln      *trackingListener
	server  *server.Server
	serving sync.WaitGroup
}

// boot runs a server at that address of loopback.
func boot(t testing.TB, address string, cfg server.Config) *machine {
	t.Helper()
	m := prepare(t, address, cfg)
	m.serve()
	return m
}

// prepare makes a server that does not yet answer at the address.
func prepare(t testing.TB, address string, cfg server.Config) *machine {
	t.Helper()
	m := &machine{t: t, server: server.New(cfg)}
	m.ln = &trackingListener{Listener: m.listen(address)}
	m.address = m.ln.Addr().String()
	t.Cleanup(func() {
		m.ln.Close()
		m.server.Close()
		m.serving.Wait()
	})
	return m
}

func (m *machine) listen(address string) net.Listener {
	m.t.Helper()
	ln, err := net.Listen("tcp", address)
	if err != nil {
		m.t.Fatal(err)
	}
	return ln
}

func (m *machine) serve() {
	m.serving.Go(func() { m.server.Serve(context.Background(), m.ln) })
}

// alsoAt serves at one more address, which it returns.
func (m *machine) alsoAt(address string) string {
	m.t.Helper()
	ln := m.listen(address)
	m.serving.Go(func() { m.server.Serve(context.Background(), ln) })
	return ln.Addr().String()
}

// kill ends the server without a word, and returns where it was.
func (m *machine) kill() (address string) {
	m.ln.Close()
	m.ln.breakAll()
	m.server.Close()
	m.serving.Wait()
	return m.address
}

// trackingListener knows its connections, to break them.
type trackingListener struct {
	net.Listener
	mu    sync.Mutex
	conns []net.Conn
}

func (l *trackingListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err == nil {
		l.mu.Lock()
		l.conns = append(l.conns, c)
		l.mu.Unlock()
	}
	return c, err
}

// breakAll resets every connection.
func (l *trackingListener) breakAll() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range l.conns {
		c.(*net.TCPConn).SetLinger(0)
		c.Close()
	}
	l.conns = nil
}

// guest is a client whose events a test reads.
type guest struct {
	*signal.Client
	t      testing.TB
	events chan signal.Event
}

func dial(t testing.TB, cfg signal.Config) (*guest, error) {
	t.Helper()
	g := &guest{t: t, events: make(chan signal.Event, 1000)}
	cfg.OnEvent = func(e signal.Event) { g.events <- e }
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	client, err := signal.Dial(ctx, cfg)
	if err != nil {
		return nil, err
	}
	g.Client = client
	t.Cleanup(func() { client.Close() })
	return g, nil
}

// enter joins the room "standup" and reads the event that says so.
func enter(t testing.TB, address, name string) (*guest, signal.Joined) {
	t.Helper()
	g, err := dial(t, signal.Config{URL: address, Room: "standup", Name: name})
	if err != nil {
		t.Fatal(err)
	}
	return g, expect[signal.Joined](g)
}

// expect reads the next event, which must be of that type.
func expect[T signal.Event](g *guest) T {
	g.t.Helper()
	select {
	case e := <-g.events:
		got, ok := e.(T)
		if !ok {
			g.t.Fatalf("event %T %+v, want %T", e, e, *new(T))
		}
		return got
	case <-time.After(patience):
		g.t.Fatalf("no event came, want %T", *new(T))
		panic("unreachable")
	}
}

// await reads events until one of that type comes.
func await[T signal.Event](g *guest) T {
	g.t.Helper()
	timeout := time.After(patience)
	for {
		select {
		case e := <-g.events:
			if got, ok := e.(T); ok {
				return got
			}
		case <-timeout:
			g.t.Fatalf("no %T came", *new(T))
		}
	}
}
