package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/gorilla/websocket"

	"parley/call/signal/wire"
)

const (
	stopTime = 2 * time.Second // how long a stopping server waits for its connections to close
	maxICE   = 64 << 10        // bytes of the list of ICE servers, so that the message joined always fits its limit
)

// Server is a signaling server. Make one with New. Its methods may be called from any goroutine.
type Server struct {
	cfg       Config
	hub       *hub
	addresses *addresses
	metrics   *metrics
	upgrader  websocket.Upgrader
	mux       *http.ServeMux

	mu    sync.Mutex
	conns map[*conn]struct{} // nil once the server stops
	wg    sync.WaitGroup     // the goroutines of conns
}

// New returns a Server. It runs nothing until its Handler is served.
func New(cfg Config) *Server {
	cfg = cfg.withDefaults()
	s := &Server{
		cfg:       cfg,
		addresses: newAddresses(cfg),
		conns:     make(map[*conn]struct{}),
		mux:       http.NewServeMux(),
		upgrader: websocket.Upgrader{
			Subprotocols:    []string{wire.Subprotocol},
			ReadBufferSize:  1 << 10,
			WriteBufferSize: 4 << 10,
			WriteBufferPool: new(sync.Pool), // a connection holds a buffer only while it writes
			CheckOrigin:     func(r *http.Request) bool { return mayConnect(cfg.Origins, r.Header.Get("Origin")) },
		},
	}
	s.metrics = newMetrics(s)
	s.hub = newHub(cfg, s.metrics)
	if err := s.SetICE(cfg.ICE); err != nil {
		cfg.Logger.Error("no ICE servers are told to people", "err", err)
	}
	s.mux.HandleFunc("GET /ws", s.serveSocket)
	s.mux.HandleFunc("GET /healthz", s.serveHealth)
	s.mux.Handle("GET /metrics", s.metrics.handler())
	return s
}

// Handler returns what the server answers over HTTP: /ws is the WebSocket, /healthz says "ok" (or 503 while the server
// stops), /metrics is for Prometheus. Whoever serves the handler calls Close in the end.
func (s *Server) Handler() http.Handler { return s.mux }

// Serve serves the Handler on ln, until ctx is done or Close is called; then it stops the server as Close does, and returns
// nil. When the listener fails it returns that error, and the server goes on for its other listeners: whoever has none calls
// Close. Serve closes ln, and may run for several listeners at once.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error {
	web := &http.Server{
		Handler:           s.mux,
		ReadHeaderTimeout: 5 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(s.cfg.Logger.Handler(), slog.LevelDebug),
	}
	ended := make(chan error, 1)
	go func() { ended <- web.Serve(ln) }()

	select {
	case err := <-ended:
		return fmt.Errorf("serve on %s: %w", ln.Addr(), err)
	case <-ctx.Done():
	case <-s.hub.stopping:
	}
	s.Close()
	web.Close()
	<-ended
	return nil
}

// Close stops the server in good order: nobody is let in any more, everybody is told that the server is draining and
// then sent away with that close code, and after at most two seconds every connection is closed and every goroutine has
// ended. Calls between people go on, since they do not pass the server. Close may be called more than once.
func (s *Server) Close() error {
	s.mu.Lock()
	conns := s.conns
	s.conns = nil
	s.mu.Unlock()

	s.hub.stop()
	for c := range conns {
		c.out.push(encode(&wire.Draining{}), nil)
		c.end(wire.CloseDraining, nil)
	}
	cut := time.AfterFunc(stopTime, func() {
		for c := range conns {
			c.ws.Close()
		}
	})
	s.wg.Wait()
	cut.Stop()
	return nil
}

// SetICE replaces the ICE servers of the Config, for people who join from now on and for those who are here. The error wraps
// wire.ErrMessage or wire.ErrTooLarge: there are more than 32 servers, or they take more than 64 KiB.
func (s *Server) SetICE(servers []wire.ICEServer) error {
	frame, err := wire.Encode(&wire.ICE{ICE: servers})
	if err == nil && len(frame) > maxICE {
		err = wire.ErrTooLarge
	}
	if err != nil {
		return fmt.Errorf("set ICE servers: %w", err)
	}
	s.hub.setICE(slices.Clone(servers), frame)
	return nil
}

func (s *Server) serveHealth(w http.ResponseWriter, _ *http.Request) {
	select {
	case <-s.hub.stopping:
		http.Error(w, "draining", http.StatusServiceUnavailable)
	default:
		io.WriteString(w, "ok\n")
	}
}

// serveSocket is the goroutine of one connection, from its handshake to its end.
func (s *Server) serveSocket(w http.ResponseWriter, r *http.Request) {
	if !slices.Contains(websocket.Subprotocols(r), wire.Subprotocol) {
		s.metrics.refused("subprotocol")
		http.Error(w, "This is a Parley signaling server. It speaks the WebSocket subprotocol "+wire.Subprotocol+".", http.StatusBadRequest)
		return
	}
	slot, err := s.addresses.enter(addressOf(r))
	if err != nil {
		s.metrics.refused("too-many-sockets")
		w.Header().Set("Retry-After", "30")
		http.Error(w, "Too many connections.", http.StatusTooManyRequests)
		return
	}
	s.mu.Lock()
	if s.conns == nil {
		s.mu.Unlock()
		slot.leave()
		w.Header().Set("Retry-After", "1")
		http.Error(w, "The server is stopping.", http.StatusServiceUnavailable)
		return
	}
	s.wg.Add(1) // under the lock, so that Close waits for every handshake that it did not refuse
	s.mu.Unlock()
	defer s.wg.Done()

	ws, err := s.upgrader.Upgrade(w, r, nil) // answers by itself when it fails
	if err != nil {
		s.metrics.refused("handshake")
		slot.leave()
		return
	}
	c := newConn(s, ws, slot)
	if !s.add(c) {
		c.end(wire.CloseDraining, nil)
	}
	c.run()
	s.mu.Lock()
	delete(s.conns, c)
	s.mu.Unlock()
}

// add lets Close know of c. It returns false when the server stops.
func (s *Server) add(c *conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conns == nil {
		return false
	}
	s.conns[c] = struct{}{}
	return true
}

func (s *Server) connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.conns)
}

// addressOf returns who connects, for the limits by address. What a proxy says of it is not believed.
func addressOf(r *http.Request) netip.Addr {
	ap, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return ap.Addr().Unmap().WithZone("")
}

// encode returns the frame of a message that the server made.
func encode(m wire.Message) []byte {
	frame, err := wire.Encode(m)
	if err != nil {
		panic("server: " + err.Error()) // names and states were checked when they came in
	}
	return frame
}

var errTooMany = errors.New("too many connections")

// describe makes an error's text one line that fits into a message.
func describe(err error) string {
	const limit = 300
	text := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(err.Error(), "?"))
	if len(text) > limit {
		text = strings.ToValidUTF8(text[:limit], "")
	}
	return text
}
