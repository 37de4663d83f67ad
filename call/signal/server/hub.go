package server

import (
	"crypto/rand"
	"crypto/subtle"
	"slices"
	"sync"
	"time"

	"parley/call/signal/wire"
)

// hub holds the rooms and who is in them. One lock guards all of it; nothing under it waits.
type hub struct {
	cfg     Config
	metrics *metrics

	mu       sync.Mutex
	rooms    map[string]*room
	people   int
	ice      []wire.ICEServer
	stopping chan struct{}
	stopped  bool
}

type room struct {
	name  string
	seats map[string]*seat // by id
	left  []departure      // the last that there were, oldest first
}

// departure is kept for those who come back: what they were told of it may have been lost with their connection, which this side
// notices later than it happens.
type departure struct {
	wire.PeerLeft
	at time.Time
}

// seat is one person's place in a room.
type seat struct {
	room  *room
	peer  wire.Peer
	token string
	conn  *conn // nil while the person is away
	gone  bool  // no longer in the room

	// While the person is away:
	held   queue // signals for them
	slot   *slot // of the connection that was lost, so that places that are kept count as well
	expiry *time.Timer
	away   int // counts the absences, to tell an expiry of an earlier one
}

func newHub(cfg Config, m *metrics) *hub {
	return &hub{cfg: cfg, metrics: m, rooms: make(map[string]*room), stopping: make(chan struct{})}
}

// join gives c a seat and queues the answer, or returns why not.
func (h *hub) join(c *conn, m *wire.Join) *wire.Error {
	key := m.Key
	if key == "" {
		key = wire.NewKey()
	}
	peer := wire.Peer{Name: m.Name, Instance: wire.Instance(key), State: m.State}
	peer.ID = wire.ID(peer.Instance)

	h.mu.Lock()
	defer h.mu.Unlock()
	if h.stopped {
		return &wire.Error{Code: wire.CodeDraining, Text: "The server is stopping.", RetryAfter: 1, Fatal: true}
	}
	r := h.rooms[m.Room]
	var old *seat
	if r != nil {
		old = r.seats[peer.ID]
	}
	if old != nil && old.peer.Instance != peer.Instance { // 80 bits of a hash fit: not by chance
		return &wire.Error{Code: wire.CodeReplaced, Text: "Somebody else has this id.", Fatal: true}
	}
	if m.Resume != "" {
		if old == nil || subtle.ConstantTimeCompare([]byte(old.token), []byte(m.Resume)) == 0 {
			return &wire.Error{Code: wire.CodeResume, Text: "Your place in the room is gone. Join again."}
		}
		h.resume(old, c, peer)
		return nil
	}
	if old != nil {
		h.replace(old)
		r = h.rooms[m.Room] // it was closed, if nobody else was in it
	}
	if r != nil && len(r.seats) >= h.cfg.MaxPeople {
		return &wire.Error{Code: wire.CodeRoomFull, Text: "The room is full.", Fatal: true}
	}
	if r == nil {
		if wait, ok := c.slot.openRoom(); !ok && old == nil {
			return &wire.Error{Code: wire.CodeTooManyRooms, Text: "Too many new rooms were opened from this address.", RetryAfter: wait.Seconds(), Fatal: true}
		}
		r = &room{name: m.Room, seats: make(map[string]*seat)}
		h.rooms[m.Room] = r
	}
	h.enter(r, c, peer)
	return nil
}

// enter makes a new seat. The caller holds the lock, as for the methods below up to leave.
func (h *hub) enter(r *room, c *conn, peer wire.Peer) {
	s := &seat{room: r, peer: peer, token: rand.Text(), conn: c, held: queue{cfg: &h.cfg}}
	c.seat = s
	c.out.push(encode(h.joined(s, false)), nil)
	r.seats[peer.ID] = s
	h.people++
	h.metrics.joined("new")
	h.tell(r, s, encode(&wire.PeerJoined{Peer: peer}))
	h.cfg.Logger.Info("joined", "room", r.name, "id", peer.ID, "people", len(r.seats))
}

// resume puts c on a seat that somebody has, or had before the connection was lost.
func (h *hub) resume(s *seat, c *conn, peer wire.Peer) {
	held := s.held.clear()
	if s.conn != nil { // the client noticed the loss before this side did
		s.conn.end(wire.CloseReplaced, &wire.Error{Code: wire.CodeReplaced, Text: "You came back on another connection.", Fatal: true})
	} else {
		s.comeBack()
	}
	changed := s.peer != peer
	s.conn, s.peer, c.seat = c, peer, s
	c.out.push(encode(h.joined(s, true)), nil)
	for _, item := range held {
		c.out.push(item.frame, item.from)
	}
	if changed {
		h.tell(s.room, s, encode(&wire.PeerUpdated{Peer: peer}))
	}
	h.metrics.joined("resumed")
	h.cfg.Logger.Info("resumed", "room", s.room.name, "id", peer.ID)
}

// comeBack ends an absence.
func (s *seat) comeBack() {
	if s.expiry != nil {
		s.expiry.Stop()
		s.expiry = nil
	}
	s.slot.leave()
	s.slot = nil
}

// replace makes room for the same client, who joins afresh.
func (h *hub) replace(s *seat) {
	if c := s.conn; c != nil {
		c.end(wire.CloseReplaced, &wire.Error{Code: wire.CodeReplaced, Text: "You joined on another connection.", Fatal: true})
	}
	h.remove(s, wire.ReasonReplaced)
}

// joined describes the room to the one on seat s.
func (h *hub) joined(s *seat, resumed bool) *wire.Joined {
	peers := make([]wire.Peer, 0, len(s.room.seats))
	for _, other := range s.room.seats {
		if other != s {
			peers = append(peers, other.peer)
		}
	}
	joined := &wire.Joined{
		You:     s.peer,
		Peers:   peers,
		ICE:     slices.Concat([]wire.ICEServer{}, h.ice), // [] rather than null
		Resume:  wire.Resume{Token: s.token, Seconds: h.cfg.KeepSeat.Seconds()},
		Resumed: resumed,
		Mode:    "mesh",
		Limits:  wire.Limits{Frame: wire.MaxFrame, PerSecond: h.cfg.Rate, Burst: h.cfg.Burst, People: h.cfg.MaxPeople},
	}
	if resumed {
		lately := time.Now().Add(-h.cfg.KeepSeat - h.cfg.LostAfter)
		for _, d := range s.room.left {
			if s.room.seats[d.ID] == nil && d.at.After(lately) {
				joined.Left = append(joined.Left, d.PeerLeft)
			}
		}
	}
	return joined
}

// tell sends a frame to everybody in the room who is there, but for one. Those who are away find the room as it is when they
// come back.
func (h *hub) tell(r *room, except *seat, frame []byte) {
	var slow []*seat
	for _, s := range r.seats {
		if s != except && s.conn != nil && s.conn.out.push(frame, nil) == overflow {
			slow = append(slow, s)
		}
	}
	for _, s := range slow {
		h.cutOff(s)
	}
}

// cutOff removes somebody who does not read what they are sent.
func (h *hub) cutOff(s *seat) {
	if s.gone {
		return
	}
	if s.conn != nil {
		s.conn.end(wire.CloseSlow, &wire.Error{Code: wire.CodeSlow, Text: "The connection is too slow.", Fatal: true})
	}
	h.remove(s, wire.ReasonTimeout)
}

// remove takes a seat away and tells the others why.
func (h *hub) remove(s *seat, why wire.Reason) {
	if s.gone {
		return
	}
	s.gone = true
	s.comeBack()
	r := s.room
	delete(r.seats, s.peer.ID)
	h.people--
	h.metrics.left(why)
	h.cfg.Logger.Info("left", "room", r.name, "id", s.peer.ID, "reason", why, "people", len(r.seats))
	if len(r.seats) == 0 {
		delete(h.rooms, r.name)
		return
	}
	gone := wire.PeerLeft{ID: s.peer.ID, Reason: why}
	if len(r.left) == wire.MaxPeople {
		r.left = slices.Delete(r.left, 0, 1)
	}
	r.left = append(r.left, departure{gone, time.Now()})
	h.tell(r, nil, encode(&gone))
}

// leave takes away the seat of c, if it still has one.
func (h *hub) leave(c *conn, why wire.Reason) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if c.seat != nil && c.seat.conn == c {
		h.remove(c.seat, why)
	}
}

// lost keeps the seat of c, whose connection is gone, for a while, with the signals that did not go out.
func (h *hub) lost(c *conn, unsent []outgoing) {
	h.mu.Lock()
	defer h.mu.Unlock()
	s := c.seat
	if s == nil || s.gone || s.conn != c || h.stopped {
		return
	}
	s.conn = nil
	s.slot, c.slot = c.slot, nil
	s.held.items = unsent
	for _, item := range unsent {
		s.held.bytes += len(item.frame)
	}
	s.away++
	absence := s.away
	s.expiry = time.AfterFunc(h.cfg.KeepSeat, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		if s.conn == nil && s.away == absence && !h.stopped {
			h.remove(s, wire.ReasonTimeout)
		}
	})
	h.cfg.Logger.Info("lost", "room", s.room.name, "id", s.peer.ID)
}

func (h *hub) setState(s *seat, state wire.State) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if s.gone || s.peer.State == state {
		return
	}
	s.peer.State = state
	h.tell(s.room, s, encode(&wire.PeerUpdated{Peer: s.peer}))
}

// relay passes a signal on. It returns "", or the code of why it went nowhere.
func (h *hub) relay(from *seat, to, body []byte) string {
	frame := wire.Stamp(from.peer.ID, body)
	h.mu.Lock()
	defer h.mu.Unlock()
	target := from.room.seats[string(to)]
	if from.gone || target == nil || target == from {
		return wire.CodeNoPeer
	}
	var v verdict
	if target.conn != nil {
		v = target.conn.out.push(frame, from)
	} else {
		v = target.held.add(outgoing{frame, from, time.Now()})
	}
	switch v {
	case refused:
		return wire.CodePeerBusy
	case overflow:
		h.cutOff(target)
		return wire.CodeNoPeer
	}
	h.metrics.relayed(len(frame))
	return ""
}

func (h *hub) setICE(servers []wire.ICEServer, frame []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ice = servers
	for _, r := range h.rooms {
		h.tell(r, nil, frame)
	}
}

// counts returns how many rooms and people there are.
func (h *hub) counts() (rooms, people int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.rooms), h.people
}

// stop forgets everything. Nobody is told that anybody left: they did not, the server does.
func (h *hub) stop() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.stopped {
		return
	}
	h.stopped = true
	close(h.stopping)
	for _, r := range h.rooms {
		for _, s := range r.seats {
			s.gone = true
			s.comeBack()
		}
	}
	clear(h.rooms)
	h.people = 0
}
