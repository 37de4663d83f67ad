package signal

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"golang.org/x/time/rate"

	"parley/call/signal/wire"
)

// waiting is how many signals a client holds that the server has not taken yet.
const waiting = 512

// link is one connection to the server, from joined to its end. The goroutine that calls serve reads; another writes.
type link struct {
	ws    *websocket.Conn
	limit *rate.Limiter // the server's own, less a margin: it sends away who goes over it
	send  chan []byte
	dirty chan struct{} // the state is to be told
	ping  chan struct{} // the server is to answer now
	end   chan struct{} // closed by leave

	once  sync.Once
	mu    sync.Mutex
	state State
}

// connect makes one attempt: reach the server, and join.
func (c *Client) connect(ctx context.Context) (*link, *wire.Joined, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTime)
	defer cancel()
	dialer := websocket.Dialer{
		Proxy:           http.ProxyFromEnvironment,
		Subprotocols:    []string{wire.Subprotocol},
		ReadBufferSize:  4 << 10,
		WriteBufferSize: 4 << 10,
	}
	ws, resp, err := dialer.DialContext(ctx, c.url, nil)
	if err != nil {
		return nil, nil, dialError(c.url, resp, err)
	}
	stop := context.AfterFunc(ctx, func() { ws.Close() })
	joined, err := c.join(ws)
	if !stop() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		ws.Close()
		if ctx.Err() != nil {
			err = fmt.Errorf("%w: %s: no answer: %w", ErrUnreachable, hostOf(c.url), ctx.Err())
		}
		return nil, nil, err
	}
	return newLink(ws, joined.Limits), joined, nil
}

// join asks for the place that the client had, if any, and then for a new one.
func (c *Client) join(ws *websocket.Conn) (*wire.Joined, error) {
	if ws.Subprotocol() != wire.Subprotocol {
		return nil, fmt.Errorf("%w: %s does not speak %s", ErrBadAddress, hostOf(c.url), wire.Subprotocol)
	}
	ws.SetReadLimit(wire.MaxFromHost)
	c.mu.Lock()
	ask := wire.Join{Room: c.cfg.Room, Name: c.cfg.Name, State: c.state, Key: c.key, Resume: c.resume}
	c.mu.Unlock()
	if err := write(ws, &ask); err != nil {
		return nil, err
	}
	for {
		m, err := next(ws)
		if err != nil {
			return nil, err
		}
		switch m := m.(type) {
		case *wire.Joined:
			if m.You.Instance != wire.Instance(c.key) {
				return nil, fmt.Errorf("%w: joined as somebody else", ErrProtocol)
			}
			return m, nil
		case *wire.Error:
			if m.Code != wire.CodeResume || ask.Resume == "" {
				return nil, refusal(m)
			}
			ask.Resume = ""
			if err := write(ws, &ask); err != nil {
				return nil, err
			}
		}
	}
}

func newLink(ws *websocket.Conn, limits wire.Limits) *link {
	perSecond, burst := max(limits.PerSecond, 1), max(limits.Burst, 4)
	return &link{
		ws:    ws,
		limit: rate.NewLimiter(rate.Limit(perSecond*0.8), burst*3/4),
		send:  make(chan []byte, waiting),
		dirty: make(chan struct{}, 1),
		ping:  make(chan struct{}, 1),
		end:   make(chan struct{}),
	}
}

func (l *link) push(frame []byte) error {
	select {
	case l.send <- frame:
		return nil
	default:
		return ErrQueueFull
	}
}

func (l *link) setState(s State) {
	l.mu.Lock()
	l.state = s
	l.mu.Unlock()
	select {
	case l.dirty <- struct{}{}:
	default: // the state before has not been told yet, and need not be
	}
}

// prove gives the server two seconds to show that it can still be reached. It returns false when it cannot, because this side's address
// is gone, and the connection is closed.
func (l *link) prove() bool {
	if !hasAddress(l.ws.LocalAddr()) {
		l.ws.Close()
		return false
	}
	l.ws.SetReadDeadline(time.Now().Add(proofTime))
	select {
	case l.ping <- struct{}{}:
	default: // one is on its way
	}
	return true
}

// hasAddress says whether this machine still has the address of one end of a connection. Where that cannot be told it is taken to have it.
func hasAddress(end net.Addr) bool {
	tcp, ok := end.(*net.TCPAddr)
	all, err := net.InterfaceAddrs()
	if !ok || err != nil || tcp.IP.IsLoopback() {
		return true
	}
	return slices.ContainsFunc(all, func(a net.Addr) bool {
		network, ok := a.(*net.IPNet)
		return ok && network.IP.Equal(tcp.IP)
	})
}

// leave makes the writer say that this side leaves, and serve return within a second.
func (l *link) leave() {
	l.once.Do(func() {
		close(l.end)
		l.ws.NetConn().SetWriteDeadline(time.Now().Add(goodbye)) // for a write that is stuck
	})
}

// serve reads until the connection ends, and returns why. When it returns everything of the link has ended.
func (l *link) serve(onMessage func(wire.Message) error) error {
	alive := func(string) error { return l.ws.SetReadDeadline(time.Now().Add(lostAfter)) }
	pong := l.ws.PingHandler()
	l.ws.SetPingHandler(func(data string) error { alive(""); return pong(data) })
	l.ws.SetPongHandler(alive)
	alive("")

	ctx, cancel := context.WithCancel(context.Background())
	var writer sync.WaitGroup
	writer.Go(func() { l.write(ctx) })
	defer writer.Wait()
	defer l.ws.Close()
	defer cancel()
	for {
		m, err := next(l.ws)
		if err != nil {
			return err
		}
		alive("")
		if err := onMessage(m); err != nil {
			return err
		}
	}
}

// write sends what there is to send, until ctx ends or the connection breaks; serve sees the latter.
func (l *link) write(ctx context.Context) {
	ping := time.NewTicker(pingEvery)
	defer ping.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return
		case <-l.end:
			l.writeLeave(ctx)
			return
		case <-ping.C:
			err = l.writePing()
		case <-l.ping:
			err = l.writePing()
		case frame := <-l.send:
			err = l.writePaced(ctx, frame)
		case <-l.dirty:
			l.mu.Lock()
			state := l.state
			l.mu.Unlock()
			var frame []byte
			if frame, err = wire.Encode(&wire.SetState{State: state}); err == nil {
				err = l.writePaced(ctx, frame)
			}
		}
		if err != nil {
			l.ws.Close()
			return
		}
	}
}

func (l *link) writePing() error {
	return l.ws.WriteControl(websocket.PingMessage, nil, time.Now().Add(lostAfter))
}

// writePaced writes a frame when the server's limit allows it, unless this side leaves meanwhile.
func (l *link) writePaced(ctx context.Context, frame []byte) error {
	if wait := l.limit.Reserve().Delay(); wait > 0 {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-l.end:
			return nil // writeLeave is next
		case <-time.After(wait):
		}
	}
	l.ws.SetWriteDeadline(time.Now().Add(lostAfter))
	return l.ws.WriteMessage(websocket.TextMessage, frame)
}

// writeLeave says good-bye and gives the server a second to close the connection, which is how serve learns that it was
// heard.
func (l *link) writeLeave(ctx context.Context) {
	defer l.ws.Close()
	l.ws.SetWriteDeadline(time.Now().Add(goodbye))
	frame, err := wire.Encode(&wire.Leave{})
	if err != nil || l.ws.WriteMessage(websocket.TextMessage, frame) != nil {
		return
	}
	select {
	case <-ctx.Done():
	case <-time.After(goodbye):
	}
}

func write(ws *websocket.Conn, m wire.Message) error {
	frame, err := wire.Encode(m)
	if err != nil {
		return err
	}
	ws.SetWriteDeadline(time.Now().Add(dialTime))
	if err := ws.WriteMessage(websocket.TextMessage, frame); err != nil {
		return fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	return nil
}

// next reads the next message that this version knows and that is well formed as far as a peer made it.
func next(ws *websocket.Conn) (wire.Message, error) {
	for {
		_, frame, err := ws.ReadMessage()
		if err != nil {
			return nil, readError(err)
		}
		m, err := wire.Decode(frame)
		switch {
		case err == nil:
			return m, nil
		case errors.Is(err, wire.ErrUnknownType):
			// A later version of the server has more to say.
		case errors.Is(err, wire.ErrSignal), wire.FromPeer(frame):
			// What a peer put into it is the peer's fault and not the server's, which did not look.
		default:
			return nil, fmt.Errorf("%w: %w", ErrProtocol, err)
		}
	}
}

func refusal(m *wire.Error) error {
	seconds := min(max(m.RetryAfter, 0), 3600)
	return &Refusal{Code: m.Code, Text: m.Text, RetryAfter: time.Duration(seconds * float64(time.Second))}
}

// readError says what it means that there is nothing more to read.
func readError(err error) error {
	if closed, ok := errors.AsType[*websocket.CloseError](err); ok {
		switch closed.Code {
		case wire.CloseProtocol, wire.CloseAuth, wire.CloseKicked, wire.CloseRoomGone, websocket.CloseMessageTooBig:
			return fmt.Errorf("%w: close code %d", ErrRefused, closed.Code)
		case wire.CloseReplaced:
			return &Refusal{Code: wire.CodeReplaced}
		case wire.CloseDraining:
			return ErrStopping
		}
	}
	return fmt.Errorf("%w: %w", ErrUnreachable, err)
}

// dialError says in words for the user why there is no connection.
func dialError(url string, resp *http.Response, err error) error {
	host := hostOf(url)
	if resp != nil {
		switch resp.StatusCode {
		case http.StatusTooManyRequests:
			return fmt.Errorf("%w: %w: %s has too many connections", ErrRefused, ErrTooMany, host)
		case http.StatusForbidden:
			return fmt.Errorf("%w: %s lets nobody in from here", ErrRefused, host)
		case http.StatusServiceUnavailable, http.StatusBadGateway, http.StatusGatewayTimeout:
			return fmt.Errorf("%w: %s is not ready: %s", ErrUnreachable, host, resp.Status)
		}
		return fmt.Errorf("%w: at %s there is something else (%s)", ErrBadAddress, host, resp.Status)
	}
	var (
		unknown *net.DNSError
		record  tls.RecordHeaderError
		cert    *tls.CertificateVerificationError
		invalid x509.CertificateInvalidError
	)
	switch {
	case errors.As(err, &unknown) && unknown.IsNotFound:
		return fmt.Errorf("%w: there is no host called %s", ErrUnreachable, unknown.Name)
	case errors.As(err, &record):
		return fmt.Errorf("%w: %s has no encryption; if that is right, write ws://%s", ErrUnreachable, host, host)
	case errors.As(err, &cert), errors.As(err, &invalid):
		return fmt.Errorf("%w: the certificate of %s is not good: %w", ErrUnreachable, host, err)
	}
	return fmt.Errorf("%w: %s does not answer: %w", ErrUnreachable, host, err)
}

// hostOf returns the host and port of an address that ParseURL returned.
func hostOf(url string) string {
	_, rest, _ := strings.Cut(url, "://")
	return strings.TrimSuffix(rest, "/ws")
}
