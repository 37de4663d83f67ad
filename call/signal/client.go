package signal

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"parley/call/signal/wire"
)

// Config says where a Client goes, and as whom.
type Config struct {
	URL     string      // as ParseURL takes it
	Room    string      // see CheckRoom
	Name    string      // see CheckName
	Media   State       // what this side sends; SetState changes it
	OnEvent func(Event) // called on the client's one goroutine, in order; must neither block nor call Close. Nil: nobody listens
	Logger  *slog.Logger
}

// How a client keeps its connection.
const (
	dialTime   = 10 * time.Second // for one attempt, from the first packet to joined
	pingEvery  = 5 * time.Second
	lostAfter  = 12 * time.Second // without a sign of life the server is lost
	minBackoff = 250 * time.Millisecond
	maxBackoff = 10 * time.Second
	steady     = 10 * time.Second // a connection that lasted so long was good: the next attempt comes soon
	goodbye    = time.Second      // for the server to answer that this side leaves
	proofTime  = 2 * time.Second  // for the server to answer after the network changed
)

// Client is in a room, or on its way back to it. Make one with Dial, and Close it. Its methods may be called from any
// goroutine.
type Client struct {
	cfg    Config
	url    string
	key    string
	log    *slog.Logger
	ctx    context.Context // ends with Close
	cancel context.CancelFunc
	done   chan struct{} // closed when the client's goroutine has ended
	again  chan struct{} // wakes reconnect

	mu     sync.Mutex
	link   *link // nil while disconnected
	state  State
	peers  map[string]Peer
	ice    []ICEServer
	resume string
	closed bool
}

// Dial joins the room and returns once the client is in it, or after 10 s at the most. The first event is Joined; it may come
// before Dial returns. The error wraps ErrBadAddress, ErrBadRoom, ErrBadName, ErrUnreachable, ErrRefused (with
// ErrRoomFull, ErrTooMany, ErrStopping or none of them), ErrProtocol, or that of ctx. The ctx is for joining alone.
func Dial(ctx context.Context, cfg Config) (*Client, error) {
	url, err := ParseURL(cfg.URL)
	if err != nil {
		return nil, err
	}
	if err := CheckRoom(cfg.Room); err != nil {
		return nil, err
	}
	if err := CheckName(cfg.Name); err != nil {
		return nil, err
	}
	if cfg.OnEvent == nil {
		cfg.OnEvent = func(Event) {}
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	c := &Client{
		cfg: cfg, url: url, key: wire.NewKey(), state: cfg.Media,
		log:   cfg.Logger.With("room", cfg.Room),
		done:  make(chan struct{}),
		again: make(chan struct{}, 1),
		peers: make(map[string]Peer),
	}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	l, joined, err := c.connect(ctx)
	if err != nil {
		c.cancel()
		return nil, err
	}
	events := c.adopt(l, joined)
	go c.run(l, events)
	return c, nil
}

// ID returns the id of this side in the room. It stays the same for the client's life.
func (c *Client) ID() string { return wire.ID(c.Instance()) }

// Instance returns what the others see of this client for its whole life.
func (c *Client) Instance() string { return wire.Instance(c.key) }

// Peers returns everybody else in the room, as far as is known, in the order of their ids.
func (c *Client) Peers() []Peer {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.sortedPeers()
}

// ICE returns the ICE servers that the server named last.
func (c *Client) ICE() []ICEServer {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.ice)
}

// Signal sends s to the peer of that id. It does not wait: nil means that s is on its way, and what is on its way when the server is lost is
// lost. The error is ErrDisconnected, ErrQueueFull or ErrClosed, or wraps ErrBadSignal or ErrTooLarge.
func (c *Client) Signal(to string, s Signal) error {
	frame, err := wire.Encode(&wire.Relay{To: to, Signal: s})
	if err != nil {
		return fmt.Errorf("signal: %w", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.closed:
		return ErrClosed
	case c.link == nil:
		return ErrDisconnected
	}
	return c.link.push(frame)
}

// SetState tells the others what this side sends. It is remembered while the server is lost, and told with the next
// joining. The error is ErrClosed.
func (c *Client) SetState(s State) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return ErrClosed
	}
	c.state = s
	if c.link != nil {
		c.link.setState(s)
	}
	return nil
}

// NetworkChanged says that the way to the server may be another than before, or none: the machine's addresses changed, or it slept. A
// connection whose address is gone is given up at once, and another one unless the server answers within two seconds. A client
// without a connection tries again at once. It does not wait.
func (c *Client) NetworkChanged() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.link != nil {
		if !c.link.prove() {
			c.link = nil // what is sent from now on would be lost
		}
		return
	}
	select {
	case c.again <- struct{}{}:
	default:
	}
}

// Close leaves the room, says so to the server if it is there, and waits until every goroutine of the client has ended; a second at the
// most. No event comes after it. It must not be called from OnEvent. Closing again does nothing.
func (c *Client) Close() error {
	c.mu.Lock()
	l := c.link
	c.closed, c.link = true, nil
	c.mu.Unlock()
	if l != nil {
		l.leave()
	}
	c.cancel()
	<-c.done
	return nil
}

// run is the client's goroutine: it reads, and calls OnEvent.
func (c *Client) run(l *link, events []Event) {
	defer close(c.done)
	defer c.cancel()
	attempt := 0
	for {
		c.emit(events...)
		since := time.Now()
		err := l.serve(c.onMessage)
		if !c.drop() {
			return
		}
		if time.Since(since) > steady {
			attempt = 0
		}
		c.log.Info("signaling server lost", "err", err)
		if !passes(err) {
			c.emit(Failed{err})
			return
		}
		c.emit(Disconnected{err})
		if l, events, err = c.reconnect(&attempt, retryAfter(err)); err != nil {
			c.emit(Failed{err})
			return
		}
		if l == nil {
			return
		}
	}
}

// drop forgets the connection. It returns false when the client is closed.
func (c *Client) drop() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.link = nil
	return !c.closed
}

func (c *Client) emit(events ...Event) {
	for _, e := range events {
		c.mu.Lock()
		closed := c.closed
		c.mu.Unlock()
		if closed {
			return
		}
		c.cfg.OnEvent(e)
	}
}

// reconnect tries until the client is back in the room, which it returns, or the server finally refuses, or the client is
// closed: then all are nil. It waits a random time of at most 0.25 s before the first attempt and twice as long before each next, up to
// 10 s: that keeps the clients of a server that was restarted from all coming at once. When the network changed an attempt that is under way is
// given up for another, and the times begin anew.
func (c *Client) reconnect(attempt *int, least time.Duration) (*link, []Event, error) {
	for {
		longest := min(minBackoff<<min(*attempt, 16), maxBackoff)
		*attempt++
		select {
		case <-c.ctx.Done():
			return nil, nil, nil
		case <-c.again:
			*attempt = 0
		case <-time.After(min(least, time.Minute) + rand.N(longest)):
		}
		l, joined, err := c.connectUntilChange()
		switch {
		case err == nil:
			return l, c.adopt(l, joined), nil
		case c.ctx.Err() != nil:
			return nil, nil, nil
		case !passes(err):
			return nil, nil, err
		}
		c.log.Debug("signaling server still lost", "attempt", *attempt, "err", err)
		least = retryAfter(err)
	}
}

// connectUntilChange makes an attempt that ends when the network changes.
func (c *Client) connectUntilChange() (*link, *wire.Joined, error) {
	ctx, cancel := context.WithCancel(c.ctx)
	var watching sync.WaitGroup
	watching.Go(func() {
		select {
		case <-c.again:
			select {
			case c.again <- struct{}{}: // for reconnect
			default:
			}
			cancel()
		case <-ctx.Done():
		}
	})
	defer watching.Wait()
	defer cancel()
	return c.connect(ctx)
}

func retryAfter(err error) time.Duration {
	if r, ok := errors.AsType[*Refusal](err); ok {
		return r.RetryAfter
	}
	return 0
}

// adopt makes a connection that has joined the client's own, and returns what to tell about it.
func (c *Client) adopt(l *link, joined *wire.Joined) (events []Event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := make(map[string]Peer, len(joined.Peers))
	for _, p := range joined.Peers {
		now[p.ID] = p
	}
	if joined.Resumed {
		events = difference(c.peers, now, joined.Left)
	}
	c.peers, c.ice, c.resume = now, joined.ICE, joined.Resume.Token
	if c.closed {
		l.leave() // Close came first, and had no connection to end
		return nil
	}
	c.link = l
	if c.state != joined.You.State { // it changed while the join was under way
		l.setState(c.state)
	}
	return append(events, Joined{You: joined.You, Peers: c.sortedPeers(), Resumed: joined.Resumed})
}

// difference returns the events that lead from the people that were known to those who are there.
func difference(before, now map[string]Peer, left []wire.PeerLeft) (events []Event) {
	for id, p := range before {
		if q, ok := now[id]; ok && q.Instance == p.Instance {
			continue
		}
		reason := wire.ReasonTimeout // where the server's list was lost with the answer to an earlier attempt
		for _, l := range left {
			if l.ID == id {
				reason = l.Reason
			}
		}
		events = append(events, PeerLeft{ID: id, Reason: reason})
	}
	for id, q := range now {
		p, ok := before[id]
		switch {
		case !ok:
			events = append(events, PeerJoined{q})
		case p != q:
			events = append(events, PeerUpdated{q})
		}
	}
	return events
}

// sortedPeers returns the peers by id. The caller holds the lock.
func (c *Client) sortedPeers() []Peer {
	peers := make([]Peer, 0, len(c.peers))
	for _, p := range c.peers {
		peers = append(peers, p)
	}
	slices.SortFunc(peers, func(a, b Peer) int {
		switch {
		case a.ID < b.ID:
			return -1
		case a.ID > b.ID:
			return 1
		}
		return 0
	})
	return peers
}

// onMessage handles what the server says. It returns an error when the server says that it is the end.
func (c *Client) onMessage(m wire.Message) error {
	switch m := m.(type) {
	case *wire.PeerJoined:
		c.emit(c.setPeer(m.Peer)...)
	case *wire.PeerUpdated:
		c.emit(c.setPeer(m.Peer)...)
	case *wire.PeerLeft:
		if c.removePeer(m.ID) {
			c.emit(PeerLeft{ID: m.ID, Reason: m.Reason})
		}
	case *wire.Relay:
		if c.knows(m.From) {
			c.emit(SignalReceived{From: m.From, Signal: m.Signal})
		}
	case *wire.ICE:
		c.mu.Lock()
		c.ice = m.ICE
		c.mu.Unlock()
		c.emit(ICEChanged{slices.Clone(m.ICE)})
	case *wire.Draining:
		c.log.Info("the signaling server is stopping")
	case *wire.Error:
		if m.Fatal {
			return refusal(m)
		}
		c.log.Warn("the signaling server objects", "code", m.Code, "text", m.Text)
	}
	return nil
}

// setPeer remembers a peer, and returns what is new about that.
func (c *Client) setPeer(p Peer) []Event {
	c.mu.Lock()
	defer c.mu.Unlock()
	before, known := c.peers[p.ID]
	switch {
	case !known && len(c.peers) >= wire.MaxPeople:
		return nil
	case !known:
		c.peers[p.ID] = p
		return []Event{PeerJoined{p}}
	case before != p:
		c.peers[p.ID] = p
		return []Event{PeerUpdated{p}}
	}
	return nil
}

func (c *Client) removePeer(id string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, known := c.peers[id]
	delete(c.peers, id)
	return known
}

func (c *Client) knows(id string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, known := c.peers[id]
	return known
}
