package call

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/pion/webrtc/v4"

	"parley/call/audio"
	"parley/call/network"
	"parley/call/peer"
	"parley/call/signal"
	"parley/call/signal/wire"
	"parley/devices"
	"parley/devices/frame"
)

// Config says which call to join, and how.
type Config struct {
	Server    string             // the signaling server: ws(s)://HOST[:PORT]/ws; see signal.ParseURL
	Room      string             // see wire.CheckRoom
	Name      string             // see wire.CheckName
	Media     *Media             // what this side sends and hears with; outlives the call
	ICE       []webrtc.ICEServer // beside those that the server names
	RelayOnly bool               // media through TURN alone
	Limits    Limits             // at the start; see SetLimits
	Measure   bool               // read the age of test pictures; see PeerStats

	// OnEvent is told what happens, in order, on the call's own goroutine: it must return at once, and must not call Leave.
	OnEvent func(Event)
	Logger  *slog.Logger
}

const (
	inboxSize = 256
	// A person whom the server does not list is kept while media flows, and for this long after: the server may have been
	// restarted, and they may be on their way back.
	unlistedGrace = 12 * time.Second
)

// Call is one call, from dialling to leaving. Any goroutine may call its methods.
//
// A goroutine of its own owns the list of people: what the signaling server says and what the connections report is posted to its
// inbox. The server is needed to find each other and no more: people who are connected stay so when it goes away, and the call
// joins again when it is back.
type Call struct {
	cfg   Config
	api   *peer.API
	start time.Time

	inbox  chan func()
	ctx    context.Context
	cancel context.CancelFunc
	work   sync.WaitGroup // everything that runs for this call

	client server // set before the loop runs
	self   string // this side's id

	mu         sync.Mutex
	state      State
	err        error
	people     map[string]*person
	order      []string // of joining
	floor      floor
	firstFrame time.Duration
	limits     Limits
}

// server is what the call says to the signaling server, and what that told; [signal.Client] is one.
type server interface {
	Signal(to string, s wire.Signal) error
	SetState(wire.State) error
	ICE() []wire.ICEServer
	NetworkChanged()
	Close() error
}

// Dial starts to join a room and returns at once; events tell how it goes, beginning with StateChanged{Joining}. The caller ends the call with
// [Call.Leave], a failed one too.
func Dial(cfg Config) (*Call, error) {
	if err := errors.Join(wire.CheckRoom(cfg.Room), wire.CheckName(cfg.Name)); err != nil {
		return nil, err
	}
	api, err := peer.NewAPI(cfg.Logger)
	if err != nil {
		return nil, err
	}
	c := newCall(cfg, api)
	c.work.Go(c.run)
	return c, nil
}

func newCall(cfg Config, api *peer.API) *Call {
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	ctx, cancel := context.WithCancel(context.Background())
	return &Call{
		cfg: cfg, api: api, start: time.Now(), inbox: make(chan func(), inboxSize), ctx: ctx, cancel: cancel,
		people: map[string]*person{}, limits: cfg.Limits,
	}
}

// State returns how the call stands, and why, where that needs saying.
func (c *Call) State() (State, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state, c.err
}

// Room returns the name of the room.
func (c *Call) Room() string { return c.cfg.Room }

// People returns everybody else, in the order in which they came.
func (c *Call) People() []Person {
	c.mu.Lock()
	defer c.mu.Unlock()
	people := make([]Person, 0, len(c.order))
	for _, id := range c.order {
		people = append(people, c.people[id].Person)
	}
	return people
}

// Picture returns the slot with the newest pictures of a person, for one consumer; nil when there is no such person. It stays the same
// for as long as the person is in the call, and is closed when they go.
func (c *Call) Picture(id string) *frame.Slot {
	c.mu.Lock()
	defer c.mu.Unlock()
	if p := c.people[id]; p != nil {
		return &p.picture.slot
	}
	return nil
}

// Screen is like [Call.Picture], for the screen or the window that a person shares. Whether they do, [Person] says.
func (c *Call) Screen(id string) *frame.Slot {
	c.mu.Lock()
	defer c.mu.Unlock()
	if p := c.people[id]; p != nil {
		return &p.screen.slot
	}
	return nil
}

// Level returns how loud a person is now, 0 to 1.
func (c *Call) Level(id string) float64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	if p := c.people[id]; p != nil && p.sound.receiver != nil {
		return p.sound.receiver.Level()
	}
	return 0
}

// Volume returns how loud a person is played to the user; see [Call.SetVolume].
func (c *Call) Volume(id string) float64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	if p := c.people[id]; p != nil {
		return p.volume
	}
	return 1
}

// SetVolume makes a person louder or softer for the user: 0 is not heard, 1 as they sent it, and 2, twice the amplitude, the most. It
// holds until they leave.
func (c *Call) SetVolume(id string, volume float64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.people[id]
	if p == nil {
		return
	}
	p.volume = min(2, max(0, volume))
	for _, r := range []*audio.Receiver{p.sound.receiver, p.sound.next.receiver} {
		if r != nil {
			r.SetVolume(p.volume)
		}
	}
}

// Leave tells everybody that this side goes, and returns when everything that ran for the call has ended. It may be called again.
func (c *Call) Leave() {
	c.cancel()
	c.work.Wait()
}

// run joins, and goes on until the call ends.
func (c *Call) run() {
	c.setState(Joining, nil)
	stop := c.cfg.Media.Watch(c.tellState)
	defer stop()
	client, err := signal.Dial(c.ctx, signal.Config{
		URL: c.cfg.Server, Room: c.cfg.Room, Name: c.cfg.Name, Media: c.mediaState(), Logger: c.cfg.Logger,
		OnEvent: func(e signal.Event) { c.post(func() { c.onSignal(e) }) },
	})
	if err != nil {
		if c.ctx.Err() == nil {
			c.setState(Failed, err)
			<-c.ctx.Done()
		}
		c.setState(Left, nil)
		return
	}
	c.serve(client, network.Watch)
}

// serve does one thing after the other until the call ends. watch tells of changes of the network until then.
func (c *Call) serve(client server, watch func(ctx context.Context, changed func())) {
	c.mu.Lock()
	c.client = client
	c.mu.Unlock()
	c.tellState() // a device may have opened meanwhile
	defer c.leave()
	c.work.Go(func() { watch(c.ctx, c.onNetwork) })
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	listen := time.NewTicker(listenEvery)
	defer listen.Stop()
	for {
		select {
		case f := <-c.inbox:
			f()
		case now := <-listen.C:
			c.listen(now)
		case now := <-tick.C:
			c.sweep()
			c.observeAll(now)
			c.protectSound()
			c.allowAnew()
		case <-c.ctx.Done():
			return
		}
	}
}

// onNetwork is told that the network changed, or that the machine slept. The way to the server is looked after first: the others are told by it.
func (c *Call) onNetwork() {
	c.cfg.Logger.Info("the network changed")
	c.client.NetworkChanged()
	for _, p := range c.everybody() {
		p.conn.NetworkChanged()
	}
}

// leave says good-bye to everybody at once, since each may take a while.
func (c *Call) leave() {
	var byes sync.WaitGroup
	for _, id := range slices.Clone(c.order) {
		p := c.remove(id)
		byes.Go(func() { _ = p.conn.Bye() })
	}
	byes.Wait()
	_ = c.client.Close()
	c.setState(Left, nil)
}

// post hands f to the call's goroutine.
func (c *Call) post(f func()) {
	select {
	case c.inbox <- f:
	case <-c.ctx.Done():
	}
}

func (c *Call) setState(s State, cause error) {
	err := explain(cause)
	c.mu.Lock()
	changed := c.state != s || err != nil
	c.state, c.err = s, err
	c.mu.Unlock()
	if changed {
		c.cfg.Logger.Info("call", "state", s, "err", cause)
		c.emit(StateChanged{State: s, Err: err})
	}
}

func (c *Call) emit(e Event) {
	if c.cfg.OnEvent != nil {
		c.cfg.OnEvent(e)
	}
}

// onSignal deals with what the signaling server, or the way to it, has to say.
func (c *Call) onSignal(e signal.Event) {
	switch e := e.(type) {
	case signal.Joined:
		c.onJoined(e)
	case signal.PeerJoined:
		c.meet(e.Peer, false)
	case signal.PeerUpdated:
		c.update(e.Peer.ID, func(p *person) { p.describe(e.Peer) })
	case signal.PeerLeft:
		c.onLeft(e.ID, Reason(e.Reason))
	case signal.SignalReceived:
		if p := c.person(e.From); p != nil {
			if err := p.conn.Handle(e.Signal); err != nil {
				p.log.Warn("a signal was dropped", "err", err)
			}
		}
	case signal.Disconnected:
		c.setState(Reconnecting, e.Err)
	case signal.Failed:
		c.setState(Failed, e.Err)
	}
}

// onJoined is told who is in the room, after joining and after coming back.
func (c *Call) onJoined(e signal.Joined) {
	c.self = e.You.ID
	c.cfg.Logger.Info("joined", "id", c.self, "people", len(e.Peers), "resumed", e.Resumed)
	listed := map[string]bool{}
	for _, p := range e.Peers {
		listed[p.ID] = true
		c.meet(p, true)
	}
	for _, p := range c.everybody() {
		if !listed[p.ID] {
			p.unlisted = true
		}
	}
	c.setState(Joined, nil)
}

// meet adds somebody, or recognises somebody who was there before the server, or their way to it, was lost. The side that comes into
// the room offers.
func (c *Call) meet(listed wire.Peer, offer bool) {
	if p := c.person(listed.ID); p != nil {
		p.unlisted = false
		c.update(p.ID, func(p *person) { p.describe(listed) })
		p.conn.Resume()
		return
	}
	p := c.newPerson(listed)
	c.mu.Lock()
	c.people[p.ID] = p
	c.order = append(c.order, p.ID)
	c.shareOut()
	known := p.Person
	c.mu.Unlock()
	if offer {
		p.conn.Offer()
	}
	c.emit(PersonJoined{known})
}

// onLeft is told by the server that somebody is not in the room any more. Only those who hung up, or were sent away, are gone for
// sure: the server may have lost somebody whom this side still sees.
func (c *Call) onLeft(id string, reason Reason) {
	p := c.person(id)
	switch {
	case p == nil:
	case reason == ReasonLeft || reason == ReasonKicked:
		c.drop(p, reason)
	case p.State == PersonConnected:
		p.unlisted = true
	default:
		c.drop(p, reason)
	}
}

// sweep drops those whom neither the server nor a connection vouches for.
func (c *Call) sweep() {
	for _, p := range c.everybody() {
		switch {
		case !p.unlisted || p.State == PersonConnected:
			p.silent = time.Time{}
		case p.silent.IsZero():
			p.silent = time.Now()
		case time.Since(p.silent) > unlistedGrace && c.reachable():
			c.drop(p, ReasonTimeout)
		}
	}
}

// drop takes somebody off the list and tells.
func (c *Call) drop(p *person, reason Reason) {
	c.remove(p.ID)
	c.work.Go(func() { _ = p.conn.Close() })
	c.emit(PersonLeft{Person: p.Person, Reason: reason})
}

func (c *Call) remove(id string) *person {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.people[id]
	delete(c.people, id)
	c.order = slices.DeleteFunc(c.order, func(other string) bool { return other == id })
	p.picture.slot.Close()
	p.screen.slot.Close()
	p.sent.close()
	c.shareOut()
	return p
}

// update changes what is known of somebody, and tells when it is anything new.
func (c *Call) update(id string, change func(*person)) {
	p := c.person(id)
	if p == nil {
		return
	}
	c.mu.Lock()
	before := p.Person
	change(p)
	after := p.Person
	c.mu.Unlock()
	if before != after {
		c.emit(PersonUpdated{after})
	}
}

func (c *Call) person(id string) *person {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.people[id]
}

func (c *Call) everybody() []*person {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Collect(maps.Values(c.people))
}

func (c *Call) reachable() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state == Joined
}

// mediaState is what this side tells others that it sends.
func (c *Call) mediaState() wire.State {
	m := c.cfg.Media
	return wire.State{Camera: m.sends(devices.KindCamera), Microphone: m.sends(devices.KindMicrophone), Screen: m.sends(devices.KindScreen)}
}

// tellState is called when the local side changed, from any goroutine.
func (c *Call) tellState() {
	c.mu.Lock()
	client := c.client
	c.mu.Unlock()
	if client != nil {
		_ = client.SetState(c.mediaState()) // the client sends it when it can
	}
}
