package server

import (
	"bytes"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
	"golang.org/x/time/rate"

	"parley/call/signal/wire"
)

// conn is one WebSocket. Its goroutine is that of the HTTP request, which reads; outbox writes.
type conn struct {
	s     *Server
	ws    *websocket.Conn
	out   outbox
	slot  *slot
	limit *rate.Limiter
	seat  *seat // nil before join; of the conn's own goroutine

	ending atomic.Bool // what still comes in is dropped
}

func newConn(s *Server, ws *websocket.Conn, slot *slot) *conn {
	return &conn{
		s:     s,
		ws:    ws,
		out:   outbox{ws: ws, cfg: &s.cfg, queue: queue{cfg: &s.cfg}},
		slot:  slot,
		limit: rate.NewLimiter(rate.Limit(s.cfg.Rate), s.cfg.Burst),
	}
}

// run reads until the connection ends, and then says what that means for the seat.
func (c *conn) run() {
	c.ws.SetReadLimit(wire.MaxFrame)
	c.ws.SetReadDeadline(time.Now().Add(c.s.cfg.JoinTimeout)) // for all of it, up to join
	c.ws.SetPingHandler(c.onPing)
	c.ws.SetPongHandler(func(string) error { c.onSign(); return nil })
	c.out.keepAlive()

	err := c.read()
	switch {
	case websocket.IsCloseError(err, websocket.CloseNormalClosure, websocket.CloseGoingAway, websocket.CloseNoStatusReceived):
		c.s.hub.leave(c, wire.ReasonLeft)
	case errors.Is(err, websocket.ErrReadLimit): // gorilla has sent 1009, "message too big", by now
		c.s.hub.leave(c, wire.ReasonKicked)
		c.s.metrics.closed(websocket.CloseMessageTooBig)
		c.linger()
	case c.seat == nil && isTimeout(err) && !c.ending.Load():
		c.end(wire.CloseJoinTimeout, &wire.Error{Code: wire.CodeJoinTimeout, Text: "No join message came in time.", Fatal: true})
		c.linger()
	}
	c.ws.Close()
	c.s.hub.lost(c, c.out.stop())
	c.slot.leave()
}

// buffers hold a message while it is read and handled; an idle connection has none.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// read handles message after message and returns why there are no more.
func (c *conn) read() error {
	for {
		kind, r, err := c.ws.NextReader()
		if err != nil {
			return err
		}
		buf := buffers.Get().(*bytes.Buffer)
		buf.Reset()
		if _, err = buf.ReadFrom(r); err == nil && !c.ending.Load() {
			c.onFrame(kind, buf.Bytes())
		}
		buffers.Put(buf)
		if err != nil {
			return err
		}
	}
}

// onFrame handles one message. The frame is overwritten afterwards.
func (c *conn) onFrame(kind int, frame []byte) {
	if !c.onSign() {
		return
	}
	if kind != websocket.TextMessage {
		c.refuse(wire.CodeMessage, "Messages are text frames.")
		return
	}
	e, err := wire.Open(frame)
	if err != nil {
		c.refuse(wire.CodeMessage, describe(err))
		return
	}
	c.s.metrics.received(e.Type, len(frame))
	if c.seat != nil && string(e.Type) == wire.TypeSignal && e.Body != nil {
		c.relay(e)
		return
	}
	if len(frame) > wire.MaxHeader && string(e.Type) != wire.TypeSignal {
		c.refuse(wire.CodeMessage, "The message is too long for its type.")
		return
	}
	m, err := wire.Decode(frame)
	switch {
	case errors.Is(err, wire.ErrUnknownType):
		c.tell(&wire.Error{Code: wire.CodeUnknownType, Text: describe(err)})
	case errors.Is(err, wire.ErrBadRoom):
		c.end(wire.CloseProtocol, &wire.Error{Code: wire.CodeRoom, Text: describe(err), Fatal: true})
	case errors.Is(err, wire.ErrBadName):
		c.end(wire.CloseProtocol, &wire.Error{Code: wire.CodeName, Text: describe(err), Fatal: true})
	case err != nil:
		c.refuse(wire.CodeMessage, describe(err))
	default:
		c.onMessage(m)
	}
}

func (c *conn) onMessage(m wire.Message) {
	join, isJoin := m.(*wire.Join)
	switch {
	case isJoin && c.seat != nil:
		c.tell(&wire.Error{Code: wire.CodeJoined, Text: "This connection is in a room already."})
		return
	case isJoin:
		c.join(join)
		return
	}
	switch m := m.(type) {
	case *wire.Leave:
		c.s.hub.leave(c, wire.ReasonLeft)
		c.end(websocket.CloseNormalClosure, nil)
	case *wire.SetState:
		if c.seat == nil {
			c.tell(&wire.Error{Code: wire.CodeNotJoined, Text: "Join a room first."})
			return
		}
		c.s.hub.setState(c.seat, m.State)
	case *wire.Relay:
		c.tell(&wire.Error{Code: wire.CodeNotJoined, Text: "Join a room first."})
	default:
		c.tell(&wire.Error{Code: wire.CodeUnknownType, Text: "Only the server sends messages of type " + m.Type() + "."})
	}
}

func (c *conn) join(m *wire.Join) {
	refusal := c.s.hub.join(c, m)
	switch {
	case refusal == nil:
		c.ws.SetReadDeadline(time.Now().Add(c.s.cfg.LostAfter))
	case refusal.Code == wire.CodeDraining:
		c.end(wire.CloseDraining, refusal)
	case refusal.Fatal:
		c.s.metrics.refused(refusal.Code)
		c.end(wire.CloseRoomGone, refusal)
	default:
		c.tell(refusal)
	}
}

func (c *conn) relay(e wire.Envelope) {
	switch c.s.hub.relay(c.seat, e.To, e.Body) {
	case wire.CodeNoPeer:
		c.tell(&wire.Error{Code: wire.CodeNoPeer, Text: "Nobody with that id is in the room."})
	case wire.CodePeerBusy:
		c.tell(&wire.Error{Code: wire.CodePeerBusy, Text: "The signal was dropped: that person reads too slowly.", RetryAfter: 1})
	}
}

// onSign counts a frame of any kind against the rate limit and takes it as a sign of life. It returns false when the
// limit is passed.
func (c *conn) onSign() bool {
	if c.ending.Load() {
		return false
	}
	if !c.limit.Allow() {
		c.s.hub.leave(c, wire.ReasonKicked)
		c.end(wire.CloseRate, &wire.Error{Code: wire.CodeRate, Text: "Too many messages.", RetryAfter: 10, Fatal: true})
		return false
	}
	if c.seat != nil {
		c.ws.SetReadDeadline(time.Now().Add(c.s.cfg.LostAfter))
	}
	return true
}

func (c *conn) onPing(data string) error {
	if c.onSign() {
		c.ws.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(time.Second))
	}
	return nil
}

// tell sends the client an error after which it may go on.
func (c *conn) tell(e *wire.Error) { c.out.push(encode(e), nil) }

// refuse ends the connection of a client that does not speak the protocol.
func (c *conn) refuse(code, text string) {
	c.s.hub.leave(c, wire.ReasonKicked)
	c.end(wire.CloseProtocol, &wire.Error{Code: code, Text: text, Fatal: true})
}

// end closes the connection with that code, after what is on its way out and e, if not nil. It does not block and may be called from any
// goroutine; only the first call counts.
func (c *conn) end(code int, e *wire.Error) {
	if c.ending.Swap(true) {
		return
	}
	var last []byte
	if e != nil {
		last = encode(e)
	}
	c.s.metrics.closed(code)
	c.out.end(code, last)
}

// linger lets a close frame reach a client that is still sending, now that its messages can no longer be read. Closing at once
// would reset the connection, and the client would not learn why.
func (c *conn) linger() {
	const most = 4 << 20
	c.ws.NetConn().SetReadDeadline(time.Now().Add(time.Second))
	io.Copy(io.Discard, io.LimitReader(c.ws.NetConn(), most))
}

func isTimeout(err error) bool {
	var t net.Error
	return errors.As(err, &t) && t.Timeout()
}
